//! Tokens to a program: signs before `* / %` before `+ -`. After a mistake it goes on behind the value that could not be read.

use std::ops::Range;

use super::lexer::{self, Spanned, Token};
use super::program::{One, Op, STACK, Two};
use super::{Expression, MAX_BYTES, MAX_DEPTH};
use crate::Mistake;
use crate::query::Field;
use crate::query::mistakes::{Mistakes, shorten};

/// Reads an expression; the mistakes come in the order of the text.
pub(super) fn parse(source: &str) -> Result<Expression, Vec<Mistake>> {
    let mut mistakes = Mistakes::default();
    if source.len() > MAX_BYTES {
        mistakes.say(0..source.len(), format!("an expression holds at most {MAX_BYTES} bytes; this one has {}", source.len()));
        return Err(mistakes.finish());
    }
    let tokens = lexer::tokens(source, &mut mistakes);
    if tokens.is_empty() {
        mistakes.say_with_help(0..source.len(), "there is no expression here", "write a number or a field, such as `metric * 8`");
        return Err(mistakes.finish());
    }
    let mut parser = Parser { source, tokens, at: 0, depth: 0, gave_up: false, height: 0, mistakes, ops: Vec::new(), fields: Vec::new() };
    parser.whole();
    if !parser.mistakes.is_empty() {
        return Err(parser.mistakes.finish());
    }
    Ok(Expression { source: source.into(), program: parser.ops.into(), fields: parser.fields.into() })
}

/// A function: its name, and what it does with one value or with two and more.
enum Function {
    One(One),
    Two(Two),
}

const FUNCTIONS: [(&str, Function); 6] = [
    ("abs", Function::One(One::Abs)),
    ("ceil", Function::One(One::Ceil)),
    ("floor", Function::One(One::Floor)),
    ("max", Function::Two(Two::Max)),
    ("min", Function::Two(Two::Min)),
    ("round", Function::One(One::Round)),
];

struct Parser<'a> {
    source: &'a str,
    tokens: Vec<Spanned<'a>>,
    at: usize,
    depth: usize,
    /// The rest is not read.
    gave_up: bool,
    /// Values that wait.
    height: usize,
    mistakes: Mistakes,
    ops: Vec<Op>,
    fields: Vec<(Field, Range<usize>)>,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<Token<'a>> {
        self.tokens.get(self.at).map(|spanned| spanned.token)
    }

    /// Where the next token stands; behind the last one, the end of the text.
    fn span(&self) -> Range<usize> {
        let end = self.tokens.last().map_or(self.source.len(), |last| last.span.end);
        self.tokens.get(self.at).map_or(end..end, |spanned| spanned.span.clone())
    }

    fn written(&self, span: Range<usize>) -> &'a str {
        self.source.get(span).unwrap_or_default()
    }

    fn take(&mut self, token: Token<'_>) -> bool {
        let is_there = self.peek() == Some(token);
        self.at += usize::from(is_there);
        is_there
    }

    fn value(&mut self, op: Op) {
        self.ops.push(op);
        self.height += 1;
        // The nesting bounds it; were it otherwise, this says so before an event does.
        if self.height > STACK {
            self.too_deep(self.span());
        }
    }

    fn two(&mut self, two: Two, right: Range<usize>) {
        if let (Two::Over | Two::Rest, Some(Op::Number(number))) = (two, self.ops.last())
            && number.is_zero()
        {
            let sign = if two == Two::Over { '/' } else { '%' };
            self.mistakes.say(right, format!("`{sign}` by zero gives no number"));
        }
        self.ops.push(Op::Two(two));
        self.height = self.height.saturating_sub(1);
    }

    fn whole(&mut self) {
        self.until(|_| false);
    }

    /// A value up to the end of what holds it; what nothing joins to it is told, and read for the mistakes in it.
    fn until(&mut self, is_end: fn(Token<'_>) -> bool) {
        self.sum();
        while self.peek().is_some_and(|token| !is_end(token)) {
            self.unexpected();
            if self.peek().is_some_and(|token| !is_end(token)) {
                self.sum();
            }
        }
    }

    /// Tells of what stands behind a complete value, and goes behind it where no value begins with it.
    fn unexpected(&mut self) {
        let span = self.span();
        let found = shorten(self.written(span.clone()));
        match self.peek() {
            Some(Token::Close) => {
                self.mistakes.say(span, "this `)` closes nothing");
                self.at += 1;
                self.rest_of_sum();
            }
            Some(Token::Comma) => {
                self.mistakes.say_with_help(span, "a `,` stands between the values of a function only", "a fraction has a point: `0.5`");
                self.at += 1;
            }
            Some(Token::Junk) => self.at += 1,
            _ => self.mistakes.say(span, format!("I did not expect `{found}` here; between two values stands one of + - * / %")),
        }
    }

    fn sum(&mut self) {
        self.product();
        self.rest_of_sum();
    }

    fn rest_of_sum(&mut self) {
        self.rest_of_product();
        loop {
            let two = match self.peek() {
                Some(Token::Plus) => Two::Plus,
                Some(Token::Minus) => Two::Minus,
                _ => return,
            };
            self.at += 1;
            let start = self.span().start;
            self.product();
            self.two(two, start..self.end());
        }
    }

    fn product(&mut self) {
        self.signed();
        self.rest_of_product();
    }

    fn rest_of_product(&mut self) {
        loop {
            let two = match self.peek() {
                Some(Token::Times) => Two::Times,
                Some(Token::Over) => Two::Over,
                Some(Token::Rest) => Two::Rest,
                _ => return,
            };
            self.at += 1;
            let start = self.span().start;
            self.signed();
            self.two(two, start..self.end());
        }
    }

    /// Behind the last token that was taken.
    fn end(&self) -> usize {
        self.at.checked_sub(1).and_then(|before| self.tokens.get(before)).map_or(0, |token| token.span.end)
    }

    /// A value with signs before it, nested.
    fn signed(&mut self) {
        let token = self.peek();
        if !matches!(token, Some(Token::Plus | Token::Minus | Token::Open)) && !self.is_call() {
            return self.simple();
        }
        if self.depth == MAX_DEPTH {
            return self.too_deep(self.span());
        }
        self.depth += 1;
        match token {
            Some(Token::Minus) => {
                self.at += 1;
                self.signed();
                match self.ops.last_mut() {
                    // `-5` is a number.
                    Some(Op::Number(number)) => *number = number.negated(),
                    _ => self.ops.push(Op::One(One::Minus)),
                }
            }
            Some(Token::Plus) => {
                self.at += 1;
                self.signed();
            }
            Some(Token::Open) => self.group(),
            _ => self.call(),
        }
        self.depth -= 1;
    }

    fn too_deep(&mut self, span: Range<usize>) {
        self.mistakes.say(span, format!("parentheses, functions and signs nest at most {MAX_DEPTH} deep"));
        self.at = self.tokens.len();
        self.gave_up = true;
    }

    fn group(&mut self) {
        let open = self.span();
        self.at += 1;
        self.until(|token| token == Token::Close);
        self.close(open, false);
    }

    fn close(&mut self, open: Range<usize>, is_call: bool) {
        if !self.take(Token::Close) && !self.gave_up {
            let help = "between `{` and `}` of YAML a `,` ends the value: put it in quotes";
            match is_call {
                true => self.mistakes.say_with_help(open, "this `(` is never closed", help),
                false => self.mistakes.say(open, "this `(` is never closed"),
            }
        }
    }

    /// A name with `(` behind it.
    fn is_call(&self) -> bool {
        let behind = self.tokens.get(self.at + 1).map(|spanned| spanned.token);
        matches!((self.peek(), behind), (Some(Token::Name(_)), Some(Token::Open)))
    }

    fn call(&mut self) {
        let span = self.span();
        let name = self.written(span.clone());
        self.at += 1;
        let open = self.span();
        self.at += 1;
        let function = FUNCTIONS.iter().find(|(known, _)| *known == name).map(|(_, function)| function);
        let mut n_values = 0;
        if self.peek() != Some(Token::Close) {
            loop {
                self.until(|token| matches!(token, Token::Close | Token::Comma));
                n_values += 1;
                if let (Some(Function::Two(two)), true) = (function, n_values > 1) {
                    self.two(*two, span.clone());
                }
                if !self.take(Token::Comma) {
                    break;
                }
            }
        }
        self.close(open, true);
        match function {
            None => self.unknown(span, name),
            Some(Function::One(_)) if n_values != 1 => self.mistakes.say(span, format!("`{name}` takes one value, not {n_values}")),
            Some(Function::Two(_)) if n_values < 2 => self.mistakes.say(span, format!("`{name}` takes two values or more, not {n_values}")),
            Some(Function::One(one)) => self.ops.push(Op::One(*one)),
            Some(Function::Two(_)) => {}
        }
    }

    fn unknown(&mut self, span: Range<usize>, name: &str) {
        let names = || FUNCTIONS.iter().map(|(known, _)| *known);
        let help = match catalogue::nearest(name, names()) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => format!("there are {}", names().collect::<Vec<_>>().join(", ")),
        };
        self.mistakes.say_with_help(span, format!("`{}` is not a function", shorten(name)), help);
    }

    /// A number or a field.
    fn simple(&mut self) {
        let span = self.span();
        match self.peek() {
            Some(Token::Number(number)) => {
                self.at += 1;
                self.value(Op::Number(number.into()));
            }
            Some(Token::Name(name)) => {
                self.at += 1;
                self.field(name, span);
            }
            Some(Token::Junk) => self.at += 1,
            other => self.missing(other, span),
        }
    }

    fn field(&mut self, name: &str, span: Range<usize>) {
        let field = Field::named(name);
        let shown = shorten(name);
        if matches!(field, Field::Host | Field::Service | Field::State | Field::Description | Field::Tags) {
            let help = "numbers are metric, ttl, time and attributes that hold one";
            return self.mistakes.say_with_help(span, format!("`{shown}` holds no number"), help);
        }
        if matches!(name, "nil" | "null" | "true" | "false") {
            return self.mistakes.say(span, format!("`{shown}` is no number"));
        }
        // `metric-1` would be an attribute that nobody has.
        if let Some((before, behind)) = name.split_once('-')
            && matches!(before, "metric" | "ttl" | "time")
            && self.written(span.clone()) == name
        {
            let help = format!("write `{before} - {}`", shorten(behind));
            return self.mistakes.say_with_help(span, format!("`{shown}` is one name: a minus has spaces around it"), help);
        }
        self.fields.push((field.clone(), span));
        self.value(Op::Field(field));
    }

    fn missing(&mut self, found: Option<Token<'_>>, span: Range<usize>) {
        let behind = self.at.checked_sub(1).and_then(|before| self.tokens.get(before)).map(|token| token.span.clone());
        let message = match behind {
            Some(behind) => format!("a number or a field is missing behind `{}`", shorten(self.written(behind))),
            None => format!("a number or a field is missing before `{}`", self.written(span.clone())),
        };
        // As Lisp has it: `(* metric 8)`.
        let is_first = !self.tokens.get(..self.at).is_some_and(|before| before.iter().any(|token| token.token != Token::Open));
        match found {
            Some(Token::Times | Token::Over | Token::Rest) if is_first => {
                self.mistakes.say_with_help(span, message, "the sign stands between two values: `metric * 8`");
            }
            _ => self.mistakes.say(span, message),
        }
        // `**`, `//`: one of them is enough to tell of.
        if matches!(found, Some(Token::Times | Token::Over | Token::Rest)) {
            self.at += 1;
            self.signed();
        }
    }
}
