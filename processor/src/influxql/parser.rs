//! From words to statements.

mod expr;
mod select;
mod show;
mod time;

use super::ast::Statement;
use super::lexer::{Kind, Token, tokens};

/// Parentheses, functions and queries in each other; more would be a stack's end.
const MAX_DEPTH: usize = 32;

/// Statements of a query, columns of a statement, and comparisons of a query.
const MAX_PARTS: usize = 100;

/// Reads statements; `now` is in nanoseconds.
///
/// # Errors
/// A text with the place, what was found and what was expected.
pub(crate) fn parse(text: &str, now: i64) -> Result<Vec<Statement>, String> {
    let mut parser = Parser { tokens: tokens(text)?, next: 0, now, depth: 0, n_terms: 0, zone: None };
    let mut statements = Vec::new();
    loop {
        while parser.symbol(";") {}
        if parser.peek() == &Kind::End {
            break;
        }
        if statements.len() == MAX_PARTS {
            return parser.expected("at most 100 statements");
        }
        statements.push(parser.statement()?);
        if parser.peek() != &Kind::End && !parser.symbol(";") {
            return parser.expected("`;` or the end; see docs/influxql.md for what skep reads of InfluxQL");
        }
    }
    if statements.is_empty() { parser.expected("SELECT or SHOW") } else { Ok(statements) }
}

struct Parser {
    tokens: Vec<Token>,
    next: usize,
    now: i64,
    depth: usize,
    /// Comparisons and arithmetic so far, in the whole query.
    n_terms: usize,
    /// Of the statement being read.
    zone: Option<jiff::tz::TimeZone>,
}

impl Parser {
    fn peek(&self) -> &Kind {
        self.tokens.get(self.next).map_or(&Kind::End, |token| &token.kind)
    }

    fn expected<T>(&self, what: &str) -> Result<T, String> {
        let found = match self.peek() {
            Kind::Word(text) | Kind::Name(text) | Kind::Text(text) | Kind::Regex(text) => format!("`{text}`"),
            Kind::Number(number) => format!("`{number}`"),
            Kind::Integer(number) => format!("`{number}`"),
            Kind::Duration(nanos) => format!("a duration of {nanos} ns"),
            Kind::Symbol(symbol) => format!("`{symbol}`"),
            Kind::End => "the end".to_owned(),
        };
        let at = self.tokens.get(self.next).or(self.tokens.last()).map_or(1, |token| token.at);
        Err(format!("error parsing query: at char {at}: found {found}, expected {what}"))
    }

    fn is_symbol(&self, symbol: &str) -> bool {
        matches!(self.peek(), Kind::Symbol(found) if *found == symbol)
    }

    fn symbol(&mut self, symbol: &str) -> bool {
        let is = self.is_symbol(symbol);
        self.next += usize::from(is);
        is
    }

    fn word(&mut self, word: &str) -> bool {
        let is = matches!(self.peek(), Kind::Word(found) if found.eq_ignore_ascii_case(word));
        self.next += usize::from(is);
        is
    }

    fn need(&mut self, symbol: &str) -> Result<(), String> {
        if self.symbol(symbol) { Ok(()) } else { self.expected(&format!("`{symbol}`")) }
    }

    fn need_word(&mut self, word: &str) -> Result<(), String> {
        if self.word(word) { Ok(()) } else { self.expected(word) }
    }

    fn name(&mut self, what: &str) -> Result<String, String> {
        match self.peek().clone() {
            Kind::Word(name) | Kind::Name(name) => {
                self.next += 1;
                Ok(name)
            }
            _ => self.expected(what),
        }
    }

    fn number(&mut self) -> Result<f64, String> {
        let sign = if self.symbol("-") { -1.0 } else { 1.0 };
        let number = match self.peek() {
            Kind::Number(number) => *number,
            Kind::Integer(number) => *number as f64,
            _ => return self.expected("a number"),
        };
        self.next += 1;
        Ok(sign * number)
    }

    fn duration(&mut self) -> Result<i64, String> {
        match self.peek() {
            Kind::Duration(nanos) if *nanos > 0 => {
                let nanos = *nanos;
                self.next += 1;
                Ok(nanos)
            }
            _ => self.expected("a duration such as 10s"),
        }
    }

    fn count(&mut self) -> Result<usize, String> {
        match self.peek() {
            Kind::Integer(number) if *number >= 0 => {
                let count = usize::try_from(*number).unwrap_or(usize::MAX);
                self.next += 1;
                Ok(count)
            }
            _ => self.expected("a whole number"),
        }
    }

    fn regex(&mut self) -> Result<regex::Regex, String> {
        let Kind::Regex(text) = self.peek() else { return self.expected("a regular expression as /…/") };
        match regex::Regex::new(text) {
            Ok(regex) => {
                self.next += 1;
                Ok(regex)
            }
            Err(_) => self.expected("a regular expression that can be read"),
        }
    }

    /// One further thing within another.
    fn deeper(&mut self) -> Result<(), String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { self.expected("fewer parentheses, functions or queries in each other") } else { Ok(()) }
    }

    fn statement(&mut self) -> Result<Statement, String> {
        if self.word("SELECT") {
            self.zone = self.zone_ahead()?;
            return Ok(Statement::Select(Box::new(self.select()?)));
        }
        if self.word("CREATE") {
            return self.create();
        }
        if self.word("SHOW") { self.show() } else { self.expected("SELECT or SHOW; skep changes nothing") }
    }

    /// The zone at the end of this statement: texts of times before it are meant in it.
    fn zone_ahead(&self) -> Result<Option<jiff::tz::TimeZone>, String> {
        let ahead = self.tokens.get(self.next..).unwrap_or_default();
        let end = ahead.iter().position(|token| token.kind == Kind::Symbol(";")).unwrap_or(ahead.len());
        for window in ahead.get(..end).unwrap_or_default().windows(3) {
            if let [Token { kind: Kind::Word(word), .. }, Token { kind: Kind::Symbol("("), .. }, Token { kind: Kind::Text(name), at }] =
                window
                && word.eq_ignore_ascii_case("tz")
            {
                let unknown =
                    |_| format!("error parsing query: at char {at}: found `{name}`, expected a time zone such as 'Europe/Berlin'");
                return jiff::tz::TimeZone::get(name).map(Some).map_err(unknown);
            }
        }
        Ok(None)
    }
}
