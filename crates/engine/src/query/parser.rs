//! Tokens to tree: not before and before or. After a mistake it goes on at the next `and`, `or` or `)`.

use std::ops::Range;

use super::lexer::{self, Spanned, Token};
use super::like::Like;
use super::mistakes::{self, Mistakes};
use super::node::{Field, Node, Operand, Order};
use super::number::Number;
use super::pattern::Pattern;
use super::text::quoted;
use super::{MAX_BYTES, MAX_DEPTH, MAX_PATTERNS, Parsed, Query};
use crate::Mistake;

/// Reads a query; the mistakes come in the order of the text.
pub(super) fn parse(source: &str) -> Result<Parsed, Vec<Mistake>> {
    let mut mistakes = Mistakes::default();
    if source.len() > MAX_BYTES {
        mistakes.say(0..source.len(), format!("a query holds at most {MAX_BYTES} bytes; this one has {}", source.len()));
        return Err(mistakes.finish());
    }
    let tokens = lexer::tokens(source, &mut mistakes);
    if tokens.is_empty() {
        mistakes.say_with_help(0..source.len(), "there is no query here", "for every event write `true`");
        return Err(mistakes.finish());
    }
    let mut parser =
        Parser { source, tokens, at: 0, depth: 0, gave_up: false, n_patterns: 0, mistakes, fields: Vec::new(), suspicions: Vec::new() };
    let root = parser.whole();
    if !parser.mistakes.is_empty() {
        return Err(parser.mistakes.finish());
    }
    Ok(Parsed { query: Query { root }, fields: parser.fields, suspicions: parser.suspicions })
}

/// The mistake is told; the parser has gone on to a place where a condition may follow.
struct Told;

struct Parser<'a> {
    source: &'a str,
    tokens: Vec<Spanned<'a>>,
    at: usize,
    depth: usize,
    gave_up: bool,
    n_patterns: usize,
    mistakes: Mistakes,
    fields: Vec<(String, Range<usize>)>,
    suspicions: Vec<Mistake>,
}

/// One side of a comparison and where it stands.
struct Side {
    operand: Operand,
    span: Range<usize>,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<&Token<'a>> {
        self.tokens.get(self.at).map(|spanned| &spanned.token)
    }

    fn is_at(&self, token: &Token<'_>) -> bool {
        self.peek() == Some(token)
    }

    /// Where the next token stands; behind the last one, the end of the text.
    fn span(&self) -> Range<usize> {
        let end = self.tokens.last().map_or(self.source.len(), |last| last.span.end);
        self.tokens.get(self.at).map_or(end..end, |spanned| spanned.span.clone())
    }

    fn written(&self, span: Range<usize>) -> &'a str {
        self.source.get(span).unwrap_or_default()
    }

    fn whole(&mut self) -> Node {
        let root = self.conditions();
        while self.is_at(&Token::Close) {
            self.mistakes.say(self.span(), "this `)` closes nothing");
            self.at += 1;
            self.rest_of_or(Node::Const(true));
            self.further_conditions();
        }
        root
    }

    /// Conditions up to a `)` or the end.
    fn conditions(&mut self) -> Node {
        let root = self.or();
        self.further_conditions();
        root
    }

    /// What nothing joins to the condition before it is told, and read for the mistakes in it.
    fn further_conditions(&mut self) {
        while !matches!(self.peek(), None | Some(Token::Close)) {
            if self.unexpected() {
                self.or();
            } else {
                self.skip_condition();
                self.rest_of_or(Node::Const(true));
            }
        }
    }

    fn or(&mut self) -> Node {
        let first = self.and();
        self.rest_of_or(first)
    }

    fn rest_of_or(&mut self, first: Node) -> Node {
        let mut nodes = vec![self.rest_of_and(first)];
        while self.is_at(&Token::Or) {
            self.at += 1;
            nodes.push(self.and());
        }
        Node::or(nodes)
    }

    fn and(&mut self) -> Node {
        let first = self.not();
        self.rest_of_and(first)
    }

    fn rest_of_and(&mut self, first: Node) -> Node {
        let mut nodes = vec![first];
        while self.is_at(&Token::And) {
            self.at += 1;
            nodes.push(self.not());
        }
        Node::and(nodes)
    }

    fn not(&mut self) -> Node {
        let is_not = self.is_at(&Token::Not);
        if !is_not && !self.is_at(&Token::Open) {
            return self.simple().unwrap_or_else(|Told| self.skip_condition());
        }
        if self.depth == MAX_DEPTH {
            self.mistakes.say(self.span(), format!("parentheses and `not` nest at most {MAX_DEPTH} deep"));
            self.at = self.tokens.len();
            self.gave_up = true;
            return Node::Const(true);
        }
        self.depth += 1;
        let node = if is_not { self.negated() } else { self.group() };
        self.depth -= 1;
        node
    }

    fn negated(&mut self) -> Node {
        self.at += 1;
        match self.not() {
            Node::Const(value) => Node::Const(!value),
            node => Node::Not(node.into()),
        }
    }

    fn group(&mut self) -> Node {
        let open = self.span();
        self.at += 1;
        let node = self.conditions();
        if self.is_at(&Token::Close) {
            self.at += 1;
        } else if !self.is_cut_short() {
            self.mistakes.say(open, "this `(` is never closed");
        }
        node
    }

    /// The end came because a text has no end or the nesting is too deep; that is told, and what it hides is not.
    fn is_cut_short(&self) -> bool {
        self.gave_up || self.tokens.last().is_some_and(|last| last.token == Token::Junk)
    }

    /// Goes on behind a mistake; what stands in its place does not matter, for the query is refused.
    fn skip_condition(&mut self) -> Node {
        while !matches!(self.peek(), None | Some(Token::And | Token::Or | Token::Close)) {
            self.at += 1;
        }
        Node::Const(true)
    }

    fn simple(&mut self) -> Result<Node, Told> {
        if self.is_at(&Token::Tagged) {
            self.at += 1;
            return Ok(Node::Tagged(self.text("tagged", "tagged ")?.0.into()));
        }
        let left = self.side(None)?;
        let Some(operator) = self.peek().cloned() else { return Ok(bare(left.operand)) };
        let operator_span = self.span();
        self.at += 1;
        let lead = self.written(left.span.start..self.span().start);
        let symbol = self.written(operator_span);
        match operator {
            Token::Equal => Ok(Node::Equal(left.operand, self.side(Some(lead))?.operand)),
            Token::Unequal => Ok(Node::Unequal(left.operand, self.side(Some(lead))?.operand)),
            Token::Order(order) => Ok(Node::Order(left.operand, order, self.number(order)?)),
            Token::Like => {
                let (text, span) = self.text(symbol, lead)?;
                self.suspect(&text, span);
                Ok(Node::Like(left.operand, Like::new(&text)))
            }
            Token::Search => {
                let (text, span) = self.text(symbol, lead)?;
                Ok(self.pattern(&text, span).map_or(Node::Const(true), |pattern| Node::Search(left.operand, pattern)))
            }
            _ => {
                self.at -= 1;
                Ok(bare(left.operand))
            }
        }
    }

    /// A field or literal; `lead` is what stands before it when it is a right side.
    fn side(&mut self, lead: Option<&str>) -> Result<Side, Told> {
        let span = self.span();
        let operand = match self.tokens.get(self.at).map(|spanned| &spanned.token) {
            Some(Token::Nil) => Operand::Nil,
            Some(Token::Bool(value)) => Operand::Bool(*value),
            Some(Token::Number(number)) => Operand::Number(*number),
            Some(Token::Text(text)) => Operand::Text(text.as_str().into()),
            Some(Token::Name(name)) => {
                self.fields.push(((*name).to_owned(), span.clone()));
                Operand::Field(Field::named(name))
            }
            Some(Token::Word(word)) => {
                needs_quotes(&mut self.mistakes, span.clone(), word, lead.unwrap_or_default());
                Operand::Nil
            }
            other => {
                let told = matches!(other, Some(Token::Junk));
                return Err(if told { Told } else { self.missing(lead) });
            }
        };
        self.at += 1;
        Ok(Side { operand, span })
    }

    /// Tells that a condition, or the right side of one, is not there.
    fn missing(&mut self, lead: Option<&str>) -> Told {
        let found = self.written(self.span());
        let behind = self.at.checked_sub(1).and_then(|before| self.tokens.get(before)).map(|token| token.span.clone());
        let before = behind.map(|span| self.written(span)).unwrap_or_default();
        let message = match (lead, found) {
            (Some(_), _) => format!("a value is missing behind `{before}`"),
            (None, "") => format!("a condition is missing behind `{before}`"),
            (None, found) => format!("a condition is missing before `{found}`"),
        };
        let span = self.span();
        self.mistakes.say(span, message);
        Told
    }

    fn number(&mut self, order: Order) -> Result<Number, Told> {
        let span = self.span();
        match self.peek() {
            Some(Token::Number(number)) => {
                let number = *number;
                self.at += 1;
                return Ok(number);
            }
            None | Some(Token::And | Token::Or | Token::Close) => return Err(self.missing(Some(""))),
            Some(Token::Junk) => return Err(Told),
            Some(_) => {}
        }
        let found = mistakes::shorten(self.written(span.clone()));
        let message = format!("`{}` compares with a number, and `{found}` is none", order.symbol());
        match self.peek() {
            Some(Token::Text(text)) if text.parse::<f64>().is_ok() => {
                let help = format!("a number stands without quotes: write `{text}`");
                self.mistakes.say_with_help(span, message, help);
            }
            _ => self.mistakes.say(span, message),
        }
        Err(Told)
    }

    /// The text behind `tagged`, `=~` or `~=`.
    fn text(&mut self, before: &str, lead: &str) -> Result<(String, Range<usize>), Told> {
        let span = self.span();
        match self.tokens.get(self.at).map(|spanned| &spanned.token) {
            Some(Token::Text(text)) => {
                let text = text.clone();
                self.at += 1;
                return Ok((text, span));
            }
            Some(Token::Name(word) | Token::Word(word)) => needs_quotes(&mut self.mistakes, span, word, lead),
            None | Some(Token::And | Token::Or | Token::Close) => return Err(self.missing(Some(lead))),
            Some(Token::Junk) => {}
            Some(_) => {
                let found = mistakes::shorten(self.written(span.clone()));
                self.mistakes.say_with_help(
                    span,
                    format!("`{before}` takes a text, and `{found}` is none"),
                    format!("write `{lead}{}`", quoted(&found)),
                );
            }
        }
        Err(Told)
    }

    fn pattern(&mut self, text: &str, span: Range<usize>) -> Option<Pattern> {
        self.n_patterns += 1;
        if self.n_patterns > MAX_PATTERNS {
            self.mistakes.say(span, format!("a query holds at most {MAX_PATTERNS} regular expressions"));
            return None;
        }
        match Pattern::new(text) {
            Ok(pattern) => Some(pattern),
            Err(reason) => {
                self.mistakes.say(span, format!("`{}` is not a regular expression: {reason}", mistakes::shorten(text)));
                None
            }
        }
    }

    fn suspect(&mut self, text: &str, span: Range<usize>) {
        if mistakes::looks_like_regex(text) {
            self.suspicions.push(Mistake {
                span,
                message: "`=~` uses % as its only wildcard; for a regular expression write `~=`".to_owned(),
                help: Some(format!("write `~= {}`", quoted(text))),
            });
        }
    }

    /// Tells of a token behind a complete condition; says whether a condition can begin with it.
    fn unexpected(&mut self) -> bool {
        let span = self.span();
        let found = mistakes::shorten(self.written(span.clone()));
        let before = self.at.checked_sub(1).and_then(|before| self.tokens.get(before)).cloned();
        match (self.peek(), before) {
            (Some(Token::Junk), _) => false,
            (Some(Token::Equal | Token::Unequal | Token::Order(_) | Token::Like | Token::Search), _) => {
                let help = "a condition has one comparison; join two conditions with `and`";
                self.mistakes.say_with_help(span, format!("I did not expect `{found}` here"), help);
                false
            }
            (_, Some(Spanned { token: Token::Name(name), span })) if name.eq_ignore_ascii_case("not") => {
                self.mistakes.say_with_help(span, mistakes::says("not", name), "write `not`");
                true
            }
            (Some(Token::Name(unit)), Some(Spanned { token: Token::Number(_), span: number })) => {
                let Some(value) = mistakes::without_unit(self.written(number), unit) else { return self.unjoined(span, &found) };
                let help = format!("times are in seconds, sizes in bytes: write `{value}`");
                self.mistakes.say_with_help(span, "a number in a query has no unit", help);
                false
            }
            _ => self.unjoined(span, &found),
        }
    }

    fn unjoined(&mut self, span: Range<usize>, found: &str) -> bool {
        self.mistakes.say(span, format!("I did not expect `{found}` here; join two conditions with `and` or `or`"));
        true
    }
}

fn needs_quotes(mistakes: &mut Mistakes, span: Range<usize>, word: &str, lead: &str) {
    let message = format!("`{}`: text needs double quotes", mistakes::shorten(word));
    mistakes.say_with_help(span, message, format!("write `{lead}{}`", quoted(word)));
}

/// A field or literal that stands alone: nil and false do not hold, all else does.
fn bare(operand: Operand) -> Node {
    match operand {
        Operand::Nil => Node::Const(false),
        Operand::Bool(value) => Node::Const(value),
        Operand::Number(_) | Operand::Text(_) => Node::Const(true),
        Operand::Field(field) => Node::Has(field),
    }
}
