//! Columns and conditions.

use super::{MAX_PARTS, Parser};
use crate::influxql::ast::{Call, Expr, FUNCTIONS, Function, Of, Op};
use crate::influxql::lexer::Kind;

impl Parser {
    /// What stands behind `WHERE`.
    pub(super) fn condition(&mut self) -> Result<Expr, String> {
        let mut any = self.all()?;
        while self.word("OR") {
            any = Expr::Binary(Op::Or, Box::new(any), Box::new(self.all()?));
        }
        Ok(any)
    }

    fn all(&mut self) -> Result<Expr, String> {
        let mut all = self.comparison()?;
        while self.word("AND") {
            all = Expr::Binary(Op::And, Box::new(all), Box::new(self.comparison()?));
        }
        Ok(all)
    }

    /// Of two values; or a condition in parentheses, which looks like a value until its end.
    fn comparison(&mut self) -> Result<Expr, String> {
        if self.word("time") {
            return self.time();
        }
        if let Some(condition) = self.in_parentheses()? {
            return Ok(condition);
        }
        let left = self.sum()?;
        let op = self.comparator()?;
        self.another_term("at most 100 comparisons")?;
        if matches!(op, Op::Matches | Op::MatchesNot) {
            let regex = self.regex()?;
            return Ok(Expr::Binary(op, Box::new(left), Box::new(Expr::Regex(regex))));
        }
        if matches!(self.peek(), Kind::Regex(_)) {
            return self.expected("a value; a regular expression is compared with =~ or !~");
        }
        Ok(Expr::Binary(op, Box::new(left), Box::new(self.sum()?)))
    }

    /// `(a = 'b' OR …)`, but not `(a + b) > 3`.
    fn in_parentheses(&mut self) -> Result<Option<Expr>, String> {
        let place = (self.next, self.n_terms);
        if !self.symbol("(") {
            return Ok(None);
        }
        if !self.holds_comparison() {
            (self.next, self.n_terms) = place;
            return Ok(None);
        }
        self.deeper()?;
        let condition = self.condition()?;
        self.depth -= 1;
        self.need(")")?;
        Ok(Some(condition))
    }

    /// Whether a comparison stands between here and the closing parenthesis.
    fn holds_comparison(&self) -> bool {
        let mut depth = 1_usize;
        for token in self.tokens.get(self.next..).unwrap_or_default() {
            match &token.kind {
                Kind::Symbol("(") => depth += 1,
                Kind::Symbol(")") => depth -= 1,
                Kind::Symbol("=" | "!=" | "<>" | "<" | ">" | "<=" | ">=" | "=~" | "!~") => return true,
                _ => {}
            }
            if depth == 0 {
                return false;
            }
        }
        true
    }

    fn comparator(&mut self) -> Result<Op, String> {
        let op = match self.peek() {
            Kind::Symbol("=") => Op::Equal,
            Kind::Symbol("!=" | "<>") => Op::NotEqual,
            Kind::Symbol("<") => Op::Less,
            Kind::Symbol("<=") => Op::LessOrEqual,
            Kind::Symbol(">") => Op::Greater,
            Kind::Symbol(">=") => Op::GreaterOrEqual,
            Kind::Symbol("=~") => Op::Matches,
            Kind::Symbol("!~") => Op::MatchesNot,
            _ => return self.expected("=, !=, <, <=, >, >=, =~ or !~"),
        };
        self.next += 1;
        Ok(op)
    }

    fn another_term(&mut self, what: &str) -> Result<(), String> {
        // An expression is a tree as deep as it has terms.
        self.n_terms += 1;
        if self.n_terms > MAX_PARTS { self.expected(what) } else { Ok(()) }
    }

    /// Sums of products.
    pub(super) fn sum(&mut self) -> Result<Expr, String> {
        let mut left = self.product()?;
        loop {
            let op = match self.peek() {
                Kind::Symbol("+") => Op::Add,
                Kind::Symbol("-") => Op::Subtract,
                _ => return Ok(left),
            };
            self.next += 1;
            self.another_term("at most 100 operators")?;
            left = Expr::Binary(op, Box::new(left), Box::new(self.product()?));
        }
    }

    fn product(&mut self) -> Result<Expr, String> {
        let mut left = self.value()?;
        loop {
            let op = match self.peek() {
                Kind::Symbol("*") => Op::Multiply,
                Kind::Symbol("/") => Op::Divide,
                Kind::Symbol("%") => Op::Modulo,
                _ => return Ok(left),
            };
            self.next += 1;
            self.another_term("at most 100 operators")?;
            left = Expr::Binary(op, Box::new(left), Box::new(self.value()?));
        }
    }

    fn value(&mut self) -> Result<Expr, String> {
        let value = match self.peek().clone() {
            Kind::Symbol("(") => {
                self.next += 1;
                self.deeper()?;
                let inner = self.sum()?;
                self.depth -= 1;
                return self.need(")").map(|()| inner);
            }
            Kind::Symbol("-") => {
                let number = self.number()?;
                return Ok(if number.fract() == 0.0 && number.abs() < 1e15 { Expr::Integer(number as i64) } else { Expr::Float(number) });
            }
            Kind::Symbol("*") => Expr::All,
            Kind::Integer(number) => Expr::Integer(number),
            Kind::Number(number) => Expr::Float(number),
            Kind::Text(text) => Expr::Text(text),
            Kind::Word(word) if word.eq_ignore_ascii_case("true") => Expr::Bool(true),
            Kind::Word(word) if word.eq_ignore_ascii_case("false") => Expr::Bool(false),
            Kind::Word(_) | Kind::Name(_) => return self.named(),
            _ => return self.expected("a field or a function"),
        };
        self.next += 1;
        Ok(value)
    }

    /// A field, a tag, or a function.
    fn named(&mut self) -> Result<Expr, String> {
        let is_bare = matches!(self.peek(), Kind::Word(_));
        let name = self.name("a field or a function")?;
        if is_bare && self.symbol("(") {
            return Ok(Expr::Call(Box::new(self.call(&name)?)));
        }
        self.cast()?;
        Ok(Expr::Name(name))
    }

    /// `::field`, `::tag`, or a type: names are told apart by what is stored.
    pub(super) fn cast(&mut self) -> Result<(), String> {
        if self.symbol("::") {
            self.name("field, tag or a type")?;
        }
        Ok(())
    }

    /// What stands behind a function's parenthesis.
    fn call(&mut self, name: &str) -> Result<Call, String> {
        let name = name.to_ascii_lowercase();
        let Some((_, function)) = FUNCTIONS.into_iter().find(|(known, _)| *known == name) else {
            self.next = self.next.saturating_sub(2);
            let known: Vec<_> = FUNCTIONS.iter().map(|(name, _)| *name).collect();
            return self.expected(&format!("one of {}", known.join(", ")));
        };
        self.deeper()?;
        let of = self.argument()?;
        let mut call = Call { function, of, tags: Vec::new(), number: 0.0, unit: None };
        match function {
            Function::Percentile | Function::MovingAverage => {
                self.need(",")?;
                call.number = self.number()?;
            }
            Function::Top | Function::Bottom => self.top(&mut call)?,
            Function::Derivative | Function::NonNegativeDerivative => {
                call.unit = if self.symbol(",") { Some(self.duration()?) } else { None };
            }
            Function::Elapsed => call.unit = Some(if self.symbol(",") { self.duration()? } else { 1 }),
            _ => {}
        }
        self.depth -= 1;
        self.need(")")?;
        Ok(call)
    }

    fn argument(&mut self) -> Result<Of, String> {
        if self.symbol("*") {
            return Ok(Of::All);
        }
        match self.named()? {
            Expr::Call(inner) => Ok(Of::Call(inner)),
            Expr::Name(field) => Ok(Of::Field(field)),
            _ => self.expected("a field"),
        }
    }

    /// Tags, and how many.
    fn top(&mut self, call: &mut Call) -> Result<(), String> {
        loop {
            self.need(",")?;
            if let Kind::Integer(number @ 1..) = self.peek() {
                call.number = *number as f64;
                self.next += 1;
                return Ok(());
            }
            if call.tags.len() == MAX_PARTS {
                return self.expected("at most 100 tags");
            }
            call.tags.push(self.name("a tag, or how many points")?);
            self.cast()?;
        }
    }
}
