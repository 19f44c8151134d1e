//! Text to tokens. What only a habit from other languages explains (`&&`, `==`, 'x', `90%`) is named here and taken as it was meant, so
//! that the mistakes behind it are found too.

use std::ops::Range;

use super::mistakes::{self, Mistakes};
use super::node::Order;
use super::number::Number;
use super::text::{self, quoted};

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token<'a> {
    Open,
    Close,
    And,
    Or,
    Not,
    Tagged,
    Nil,
    Bool(bool),
    Number(Number),
    Text(String),
    Name(&'a str),
    /// A word that no field is called, such as `cpu/active`.
    Word(&'a str),
    Equal,
    Unequal,
    Order(Order),
    Like,
    Search,
    /// Something that has no place in a query; the mistake is told already.
    Junk,
}

#[derive(Clone, Debug)]
pub(super) struct Spanned<'a> {
    pub(super) token: Token<'a>,
    pub(super) span: Range<usize>,
}

impl Token<'_> {
    /// Ends a condition, so that `AND` behind it is meant as `and`.
    fn ends_condition(&self) -> bool {
        match self {
            Self::Close | Self::Nil | Self::Bool(_) | Self::Number(_) | Self::Text(_) | Self::Name(_) | Self::Word(_) => true,
            Self::Open | Self::And | Self::Or | Self::Not | Self::Tagged | Self::Junk => false,
            Self::Equal | Self::Unequal | Self::Order(_) | Self::Like | Self::Search => false,
        }
    }
}

/// Takes the whole text apart.
pub(super) fn tokens<'a>(source: &'a str, mistakes: &mut Mistakes) -> Vec<Spanned<'a>> {
    let mut lexer = Lexer { source, at: 0, tokens: Vec::new(), mistakes };
    while let Some(c) = lexer.rest().chars().next() {
        lexer.token(c);
    }
    lexer.tokens
}

struct Lexer<'a, 'm> {
    source: &'a str,
    at: usize,
    tokens: Vec<Spanned<'a>>,
    mistakes: &'m mut Mistakes,
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | ',')
}

fn is_operator(c: char) -> bool {
    matches!(c, '=' | '<' | '>' | '!' | '~' | '&' | '|')
}

/// May stand in the name of a field, though not everywhere in it.
fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':' | '*' | '+' | '?' | '$')
}

fn begins_name(c: char) -> bool {
    c.is_alphabetic() || matches!(c, '_' | '*' | '?' | '$')
}

/// May stand in what people leave without quotes: paths, addresses, wildcards.
fn is_word(c: char) -> bool {
    is_name(c) || matches!(c, '/' | '%' | '@' | '#')
}

impl<'a> Lexer<'a, '_> {
    fn rest(&self) -> &'a str {
        self.source.get(self.at..).unwrap_or_default()
    }

    /// How many bytes from here on satisfy the test.
    fn run(&self, of: fn(char) -> bool) -> usize {
        let rest = self.rest();
        rest.find(|c| !of(c)).unwrap_or(rest.len())
    }

    fn push(&mut self, len: usize, token: Token<'a>) {
        self.place(len, token);
    }

    /// Takes a token and says where it stands.
    fn place(&mut self, len: usize, token: Token<'a>) -> Range<usize> {
        let span = self.at..self.at + len;
        self.tokens.push(Spanned { token, span: span.clone() });
        self.at = span.end;
        span
    }

    fn token(&mut self, c: char) {
        let next = self.rest().chars().nth(1);
        match c {
            c if is_space(c) => self.at += self.run(is_space),
            '(' => self.push(1, Token::Open),
            ')' => self.push(1, Token::Close),
            '"' => self.text(),
            '\'' | '‘' | '’' | '“' | '”' | '`' => self.wrong_quotes(c),
            c if is_operator(c) => self.operator(),
            '-' if self.rest().starts_with("-Infinity") => self.word(),
            '-' | '+' | '.' if next.is_some_and(|c| c.is_ascii_digit()) => self.number(),
            c if c.is_ascii_digit() => self.number(),
            c if is_word(c) && c != '%' => self.word(),
            '%' if self.tokens.last().is_some_and(|last| matches!(last.token, Token::Number(_))) => self.percent(),
            _ => {
                let span = self.place(c.len_utf8(), Token::Junk);
                self.mistakes.say(span, format!("`{c}` is not part of a query"));
            }
        }
    }

    fn text(&mut self) {
        let mut value = String::new();
        let mut i = 1;
        loop {
            let rest = self.rest().get(i..).unwrap_or_default();
            let Some(c) = rest.chars().next() else { return self.unclosed() };
            match c {
                '"' => break,
                '\\' => match text::unescape(rest) {
                    Ok((c, len)) => {
                        value.push(c);
                        i += len;
                    }
                    Err(_) if rest.len() == 1 => return self.unclosed(),
                    Err(bad) => {
                        self.bad_escape(self.at + i, bad);
                        i += bad.len;
                    }
                },
                c => {
                    value.push(c);
                    i += c.len_utf8();
                }
            }
        }
        self.push(i + 1, Token::Text(value));
    }

    fn bad_escape(&mut self, start: usize, bad: text::BadEscape) {
        let span = start..start + bad.len;
        let escape = self.source.get(span.clone()).unwrap_or_default();
        let message = format!("`{escape}` is not an escape in a text; there are \\n \\t \\r \\b \\f \\\" \\\\ \\uXXXX");
        self.mistakes.say_with_help(span, message, format!("for a backslash write two: `\\{escape}`"));
    }

    fn unclosed(&mut self) {
        let span = self.place(self.rest().len(), Token::Junk);
        self.mistakes.say(span, "the text that starts here has no closing `\"`");
    }

    /// 'x', and the curly quotes that word processors make.
    fn wrong_quotes(&mut self, open: char) {
        let close = match open {
            '‘' | '’' => '’',
            '“' | '”' => '”',
            other => other,
        };
        let behind = self.rest().get(open.len_utf8()..).unwrap_or_default();
        let Some((value, _)) = behind.split_once(close) else {
            let span = self.place(self.rest().len(), Token::Junk);
            return self.mistakes.say(span, format!("the text that starts here has no closing quote; {}", mistakes::says("\"x\"", "'x'")));
        };
        let (right, wrong) = (quoted(value), format!("{open}{value}{close}"));
        let span = self.place(wrong.len(), Token::Text(value.to_owned()));
        let message = mistakes::says(&mistakes::shorten(&right), &mistakes::shorten(&wrong));
        self.mistakes.say_with_help(span, message, format!("text stands between double quotes: write `{right}`"));
    }

    fn operator(&mut self) {
        let len = self.run(is_operator);
        let written = self.rest().get(..len).unwrap_or_default();
        let (token, right) = match written {
            "=" => (Token::Equal, None),
            "!=" => (Token::Unequal, None),
            "<" => (Token::Order(Order::Less), None),
            "<=" => (Token::Order(Order::LessOrEqual), None),
            ">" => (Token::Order(Order::Greater), None),
            ">=" => (Token::Order(Order::GreaterOrEqual), None),
            "=~" => (Token::Like, None),
            "~=" => (Token::Search, None),
            "&&" | "&" => (Token::And, Some("and")),
            "||" | "|" => (Token::Or, Some("or")),
            "!" | "!!" => (Token::Not, Some("not")),
            "==" | "===" => (Token::Equal, Some("=")),
            "<>" | "!==" | "=!" => (Token::Unequal, Some("!=")),
            "=>" => (Token::Order(Order::GreaterOrEqual), Some(">=")),
            "=<" => (Token::Order(Order::LessOrEqual), Some("<=")),
            "~~" | "~" => (Token::Search, Some("~=")),
            _ => return self.unknown_operator(len, written),
        };
        let span = self.place(len, token);
        if let Some(right) = right {
            self.mistakes.say_with_help(span, mistakes::says(right, written), format!("write `{right}`"));
        }
    }

    fn unknown_operator(&mut self, len: usize, written: &str) {
        let span = self.place(len, Token::Junk);
        let message = format!("`{}` is not an operator; there are = != < <= > >= =~ ~=", mistakes::shorten(written));
        match written {
            "!~" | "!=~" | "!~=" => self.mistakes.say_with_help(span, message, "put `not` in front: `not host =~ \"web%\"`"),
            _ => self.mistakes.say(span, message),
        }
    }

    fn word(&mut self) {
        let len = self.run(is_word);
        let word = self.rest().get(..len).unwrap_or_default();
        let token = match word {
            "and" => Token::And,
            "or" => Token::Or,
            "not" => Token::Not,
            "tagged" => Token::Tagged,
            "nil" | "null" => Token::Nil,
            "true" => Token::Bool(true),
            "false" => Token::Bool(false),
            "NaN" => Token::Number(Number::Float(f64::NAN)),
            "Infinity" => Token::Number(Number::Float(f64::INFINITY)),
            "-Infinity" => Token::Number(Number::Float(f64::NEG_INFINITY)),
            _ if word.chars().all(is_name) && word.starts_with(begins_name) => return self.name(word),
            _ => Token::Word(word),
        };
        self.push(len, token);
    }

    /// A field; but `AND` behind a condition is meant as `and`.
    fn name(&mut self, word: &'a str) {
        let is_behind = self.tokens.last().is_some_and(|last| last.token.ends_condition());
        let (token, right) = match word.to_ascii_lowercase().as_str() {
            "and" if is_behind => (Token::And, "and"),
            "or" if is_behind => (Token::Or, "or"),
            _ => return self.push(word.len(), Token::Name(word)),
        };
        let span = self.place(word.len(), token);
        self.mistakes.say_with_help(span, mistakes::says(right, word), format!("write `{right}`"));
    }

    fn number(&mut self) {
        let len = self.run(is_word);
        let written = self.rest().get(..len).unwrap_or_default();
        let (digits, unit) = written.split_at(number_len(written));
        if let (Some(number), "") = (parse_number(digits), unit) {
            return self.push(len, Token::Number(number));
        }
        if unit.starts_with('%') {
            self.push(digits.len(), Token::Number(parse_number(digits).unwrap_or(Number::Int(0))));
            return self.percent();
        }
        let is_unit = unit.chars().all(|c| c.is_alphabetic() || c == '/') && !unit.is_empty();
        match parse_number(digits) {
            Some(number) if is_unit => self.unit(number, digits, unit),
            _ => self.no_number(written),
        }
    }

    /// The sign of `90%`, whose number has been taken.
    fn percent(&mut self) {
        let help = format!("write the number alone: `{}`", self.condition_so_far());
        let span = self.at..self.at + 1;
        self.at = span.end;
        self.mistakes.say_with_help(span, "`%` is not part of a query", help);
    }

    fn unit(&mut self, number: Number, digits: &str, unit: &str) {
        let span = self.place(digits.len() + unit.len(), Token::Number(number));
        let message = format!("a number in a query has no unit: `{digits}{unit}`");
        let start = span.start + digits.len();
        let help = match mistakes::without_unit(digits, unit) {
            Some(value) => format!("times are in seconds, sizes in bytes: write `{value}`"),
            None => format!("write the number alone: `{digits}`"),
        };
        self.mistakes.say_with_help(start..span.end, message, help);
    }

    /// `.5`, `1.`, `1e+5`, or something with digits in front such as an address.
    fn no_number(&mut self, written: &'a str) {
        match written.parse::<f64>() {
            Ok(value) => {
                let right = Number::Float(value);
                let span = self.place(written.len(), Token::Number(right));
                let help = format!("write `{}`", value.to_string().parse::<i64>().map_or(right, Number::Int));
                self.mistakes.say_with_help(span, format!("`{written}` is not how a query writes a number"), help);
            }
            Err(_) => self.push(written.len(), Token::Word(written)),
        }
    }

    /// The last three tokens as they were written: `metric > 90`.
    fn condition_so_far(&self) -> &'a str {
        let span = match self.tokens.as_slice() {
            [.., left, operator, number] if !operator.token.ends_condition() && left.token.ends_condition() => {
                left.span.start..number.span.end
            }
            [.., number] => number.span.clone(),
            [] => self.at..self.at,
        };
        self.source.get(span).unwrap_or_default()
    }
}

/// Bytes of the number that a word begins with: sign, digits, fraction, exponent, `n`.
fn number_len(word: &str) -> usize {
    let digits = |from: usize| word.get(from..).unwrap_or_default().bytes().take_while(u8::is_ascii_digit).count();
    let at = |i: usize| word.as_bytes().get(i).copied();
    let mut len = usize::from(word.starts_with(['-', '+']));
    len += digits(len);
    let whole = len;
    if at(len) == Some(b'.') && digits(len + 1) > 0 {
        len += 1 + digits(len + 1);
    }
    if matches!(at(len), Some(b'e' | b'E')) {
        let sign = usize::from(at(len + 1) == Some(b'-'));
        let exponent = digits(len + 1 + sign);
        len += if exponent > 0 { 1 + sign + exponent } else { 0 };
    }
    if len == whole && matches!(at(len), Some(b'n' | b'N')) {
        len += 1;
    }
    len
}

/// Riemann's numbers: no leading `+` or `.`. Whole numbers beyond 64 bits become floats.
fn parse_number(digits: &str) -> Option<Number> {
    if !digits.strip_prefix('-').unwrap_or(digits).starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let whole = digits.strip_suffix(['n', 'N']).unwrap_or(digits);
    whole.parse().map(Number::Int).ok().or_else(|| whole.parse().map(Number::Float).ok())
}
