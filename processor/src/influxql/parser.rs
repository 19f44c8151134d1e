//! From words to statements.

mod show;
mod time;

use super::ast::{Aggregate, Column, Condition, Fill, Select, Statement, Test};
use super::lexer::{Kind, Token, tokens};

/// Parentheses in each other; more would be a stack's end.
const MAX_DEPTH: usize = 32;

/// Statements of a query, and columns of a statement.
const MAX_PARTS: usize = 100;

/// Reads statements; `now` is in nanoseconds.
///
/// # Errors
/// A text with the place, what was found and what was expected.
pub(crate) fn parse(text: &str, now: i64) -> Result<Vec<Statement>, String> {
    let mut parser = Parser { tokens: tokens(text)?, next: 0, now, depth: 0, n_terms: 0 };
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
    /// Comparisons of tags so far, in the whole query.
    n_terms: usize,
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

    fn symbol(&mut self, symbol: &str) -> bool {
        let is = matches!(self.peek(), Kind::Symbol(found) if *found == symbol);
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

    fn statement(&mut self) -> Result<Statement, String> {
        if self.word("SELECT") {
            return Ok(Statement::Select(self.select()?));
        }
        if self.word("SHOW") { self.show() } else { self.expected("SELECT or SHOW") }
    }

    fn select(&mut self) -> Result<Select, String> {
        let mut select = Select { columns: vec![self.column()?], ..Select::default() };
        while self.symbol(",") {
            if select.columns.len() == MAX_PARTS {
                return self.expected("at most 100 columns");
            }
            select.columns.push(self.column()?);
        }
        let is_folded = select.columns.iter().all(|column| column.call.is_some());
        if !is_folded && select.columns.iter().any(|column| column.call.is_some()) {
            return Err("error parsing query: mixing aggregate and non-aggregate queries is not supported".to_owned());
        }
        self.need_word("FROM")?;
        select.from = self.name("a measurement; skep reads no subqueries")?;
        if self.word("WHERE") {
            select.condition = self.conditions(&mut select.start, &mut select.end)?;
        }
        if self.word("GROUP") {
            self.need_word("BY")?;
            self.group(&mut select)?;
        }
        if select.step.is_some() && !is_folded {
            return Err("error parsing query: GROUP BY requires at least one aggregate function".to_owned());
        }
        let needs_step = select.step.is_none() && select.columns.iter().any(|column| column.derivative.is_some());
        if needs_step {
            return Err("error parsing query: derivative of an aggregate requires a GROUP BY interval".to_owned());
        }
        self.tail(&mut select)?;
        Ok(select)
    }

    fn tail(&mut self, select: &mut Select) -> Result<(), String> {
        if self.word("fill") {
            self.need("(")?;
            select.fill = if self.word("null") {
                Fill::Null
            } else if self.word("none") {
                Fill::Skip
            } else if self.word("previous") {
                Fill::Previous
            } else {
                Fill::Number(self.number().or_else(|_| self.expected("null, none, previous or a number"))?)
            };
            self.need(")")?;
        }
        if self.word("ORDER") {
            self.need_word("BY")?;
            self.need_word("time")?;
            select.descending = self.word("DESC");
            if !select.descending {
                self.word("ASC");
            }
        }
        if self.word("LIMIT") {
            select.limit = Some(self.count()?).filter(|n| *n > 0);
        }
        if self.word("SLIMIT") {
            select.slimit = Some(self.count()?).filter(|n| *n > 0);
        }
        Ok(())
    }

    fn group(&mut self, select: &mut Select) -> Result<(), String> {
        loop {
            if self.symbol("*") {
                select.all_tags = true;
            } else if self.word("time") {
                self.need("(")?;
                select.step = Some(self.duration()?);
                self.need(")")?;
            } else {
                select.tags.push(self.name("time(…), a tag or `*`")?);
            }
            if !self.symbol(",") {
                return Ok(());
            }
        }
    }

    fn column(&mut self) -> Result<Column, String> {
        let (mut column, name) = self.value()?;
        column.name = name;
        while let Some(sign) = ['+', '-', '*', '/'].into_iter().find(|sign| self.symbol(&sign.to_string())) {
            // Only what binds as strongly as what came before is the same from left to right.
            let binds_more = matches!(sign, '*' | '/') && column.arithmetic.iter().any(|(sign, _)| matches!(sign, '+' | '-'));
            if binds_more {
                return self.expected("no `*` or `/` behind `+` or `-`");
            }
            let number = self.number()?;
            column.arithmetic.push((sign, number));
        }
        if self.word("AS") {
            column.name = self.name("the column's name")?;
        }
        Ok(column)
    }

    /// A field, a call, or a derivative of a call, with its name in the answer.
    fn value(&mut self) -> Result<(Column, String), String> {
        let is_bare = matches!(self.peek(), Kind::Word(_));
        let word = self.name("a field or a function")?;
        let mut column = Column { field: word.clone(), call: None, derivative: None, arithmetic: Vec::new(), name: String::new() };
        if !is_bare || !self.symbol("(") {
            return Ok((column, word));
        }
        let function = word.to_ascii_lowercase();
        if function == "derivative" || function == "non_negative_derivative" {
            // One in another would have no meaning here, and thousands of them no end.
            self.depth += 1;
            if self.depth > MAX_DEPTH {
                return self.expected("fewer functions in each other");
            }
            let (inner, _) = self.value()?;
            self.depth -= 1;
            if inner.call.is_none() || inner.derivative.is_some() {
                return self.expected("an aggregate such as max(FIELD) in a derivative");
            }
            let unit = if self.symbol(",") { self.duration()? } else { 1_000_000_000 };
            self.need(")")?;
            return Ok((Column { derivative: Some((function != "derivative", unit)), ..inner }, function));
        }
        let Some(aggregate) = aggregate(&function) else {
            self.next = self.next.saturating_sub(2);
            return self.expected(
                "one of mean, max, min, last, first, sum, count, median, spread, stddev, percentile, derivative, non_negative_derivative",
            );
        };
        column.field = self.name("a field")?;
        let mut argument = 0.0;
        if aggregate == Aggregate::Percentile {
            self.need(",")?;
            argument = self.number()?;
        }
        self.need(")")?;
        column.call = Some((aggregate, argument));
        Ok((column, function))
    }

    /// Conditions joined by AND, of which those on time go to the bounds.
    fn conditions(&mut self, start: &mut Option<i64>, end: &mut Option<i64>) -> Result<Option<Condition>, String> {
        let mut all = None;
        loop {
            if self.word("time") {
                self.time(start, end)?;
            } else {
                let one = self.term()?;
                all = Some(match all {
                    Some(before) => Condition::And(Box::new(before), Box::new(one)),
                    None => one,
                });
            }
            if self.word("OR") {
                self.next -= 1;
                return self.expected("AND; write OR within parentheses");
            }
            if !self.word("AND") {
                return Ok(all);
            }
        }
    }

    fn term(&mut self) -> Result<Condition, String> {
        if !self.symbol("(") {
            return self.tag();
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return self.expected("fewer parentheses");
        }
        let mut any = self.both()?;
        while self.word("OR") {
            any = Condition::Or(Box::new(any), Box::new(self.both()?));
        }
        self.depth -= 1;
        self.need(")")?;
        Ok(any)
    }

    fn both(&mut self) -> Result<Condition, String> {
        let mut both = self.term()?;
        while self.word("AND") {
            both = Condition::And(Box::new(both), Box::new(self.term()?));
        }
        Ok(both)
    }

    fn tag(&mut self) -> Result<Condition, String> {
        // A condition is a tree as deep as it has terms.
        self.n_terms += 1;
        if self.n_terms > MAX_PARTS {
            return self.expected("at most 100 comparisons of tags");
        }
        let tag = self.name("a tag, or `time` outside of parentheses")?;
        let is_pattern = matches!(self.peek(), Kind::Symbol("=~" | "!~"));
        let is_not = matches!(self.peek(), Kind::Symbol("!~" | "!=" | "<>"));
        if !is_pattern && !is_not && self.peek() != &Kind::Symbol("=") {
            return self.expected("=, !=, =~ or !~; only tags are compared");
        }
        self.next += 1;
        let test = match (self.peek().clone(), is_pattern) {
            (Kind::Text(text), false) => {
                if is_not {
                    Test::IsNot(text)
                } else {
                    Test::Is(text)
                }
            }
            (Kind::Regex(text), true) => match regex::Regex::new(&text) {
                Ok(regex) => {
                    if is_not {
                        Test::MatchesNot(regex)
                    } else {
                        Test::Matches(regex)
                    }
                }
                Err(_) => return self.expected("a regular expression that can be read"),
            },
            (_, true) => return self.expected("a regular expression as /…/"),
            (_, false) => return self.expected("a text in single quotes"),
        };
        self.next += 1;
        Ok(Condition::Tag(tag, test))
    }
}

fn aggregate(name: &str) -> Option<Aggregate> {
    Some(match name {
        "mean" => Aggregate::Mean,
        "max" => Aggregate::Max,
        "min" => Aggregate::Min,
        "last" => Aggregate::Last,
        "first" => Aggregate::First,
        "sum" => Aggregate::Sum,
        "count" => Aggregate::Count,
        "median" => Aggregate::Median,
        "spread" => Aggregate::Spread,
        "stddev" => Aggregate::Stddev,
        "percentile" => Aggregate::Percentile,
        _ => return None,
    })
}
