//! Text to tokens.

use std::ops::Range;

use event::Metric;

use super::number_of;
use crate::query::mistakes::{Mistakes, shorten, without_unit};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Token<'a> {
    Number(Metric),
    Name(&'a str),
    Plus,
    Minus,
    Times,
    Over,
    Rest,
    Open,
    Close,
    Comma,
    /// Something that has no place here; the mistake is told already.
    Junk,
}

#[derive(Clone, Debug)]
pub(super) struct Spanned<'a> {
    pub(super) token: Token<'a>,
    pub(super) span: Range<usize>,
}

/// Takes the whole text apart.
pub(super) fn tokens<'a>(source: &'a str, mistakes: &mut Mistakes) -> Vec<Spanned<'a>> {
    let mut tokens: Vec<Spanned<'a>> = Vec::new();
    let mut at = 0;
    while let Some(rest) = source.get(at..).filter(|rest| !rest.is_empty()) {
        let Some(c) = rest.chars().next() else { break };
        if c.is_whitespace() {
            at += c.len_utf8();
            continue;
        }
        let (len, token) = token(c, rest, at, mistakes);
        tokens.push(Spanned { token, span: at..at + len });
        at += len;
    }
    tokens
}

fn token<'a>(c: char, rest: &'a str, at: usize, mistakes: &mut Mistakes) -> (usize, Token<'a>) {
    let sign = match c {
        '+' => Some(Token::Plus),
        '-' => Some(Token::Minus),
        '*' => Some(Token::Times),
        '/' => Some(Token::Over),
        '%' => Some(Token::Rest),
        '(' => Some(Token::Open),
        ')' => Some(Token::Close),
        ',' => Some(Token::Comma),
        _ => None,
    };
    if let Some(token) = sign {
        return (1, token);
    }
    if c.is_ascii_digit() || (c == '.' && rest.chars().nth(1).is_some_and(|next| next.is_ascii_digit())) {
        return number(rest, at, mistakes);
    }
    if begins_name(c) {
        let len = name_len(rest);
        return (len, Token::Name(rest.get(..len).unwrap_or_default()));
    }
    match c {
        '`' => quoted_name(rest, at, mistakes),
        '"' | '\'' => text(c, rest, at, mistakes),
        _ => {
            let len = c.len_utf8();
            let message = format!("`{c}` is not part of an expression");
            mistakes.say_with_help(at..at + len, message, "there are + - * / %, parentheses, and abs ceil floor max min round");
            (len, Token::Junk)
        }
    }
}

fn begins_name(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | ':')
}

/// Bytes of the name at the front. A `-` is part of it between two characters of a name: `x-client`.
fn name_len(rest: &str) -> usize {
    let mut chars = rest.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let joins = c == '-' && chars.peek().is_some_and(|(_, next)| is_name(*next));
        if !is_name(c) && !joins {
            return at;
        }
    }
    rest.len()
}

fn number<'a>(rest: &'a str, at: usize, mistakes: &mut Mistakes) -> (usize, Token<'a>) {
    let digits = digits_len(rest);
    let unit = rest.get(digits..).unwrap_or_default();
    let unit = unit.get(..unit.find(|c: char| !is_name(c)).unwrap_or(unit.len())).unwrap_or_default();
    let written = rest.get(..digits).unwrap_or_default();
    let number = number_of(written);
    let len = digits + unit.len();
    if let (Some(number), "") = (number, unit) {
        return (digits, Token::Number(number));
    }
    if number.is_none() {
        mistakes.say(at..at + len, format!("`{}` is too large for a number", shorten(written)));
        return (len, Token::Junk);
    }
    let message = format!("a number in an expression has no unit: `{}`", shorten(rest.get(..len).unwrap_or_default()));
    let help = match without_unit(written, unit) {
        Some(value) => format!("times are in seconds, sizes in bytes: write `{value}`"),
        None => format!("write the number alone: `{written}`"),
    };
    mistakes.say_with_help(at + digits..at + len, message, help);
    (len, Token::Junk)
}

/// Digits, a fraction, an exponent.
fn digits_len(text: &str) -> usize {
    let digits = |from: usize| text.get(from..).unwrap_or_default().bytes().take_while(u8::is_ascii_digit).count();
    let at = |i: usize| text.as_bytes().get(i).copied();
    let mut len = digits(0);
    if at(len) == Some(b'.') && digits(len + 1) > 0 {
        len += 1 + digits(len + 1);
    }
    if matches!(at(len), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(at(len + 1), Some(b'-' | b'+')));
        let exponent = digits(len + 1 + sign);
        len += if exponent > 0 { 1 + sign + exponent } else { 0 };
    }
    len
}

/// `` `app/size` ``: a name with signs in it.
fn quoted_name<'a>(rest: &'a str, at: usize, mistakes: &mut Mistakes) -> (usize, Token<'a>) {
    let inside = rest.get(1..).unwrap_or_default();
    match inside.split_once('`') {
        Some((name, _)) if !name.trim().is_empty() => (name.len() + 2, Token::Name(name)),
        Some((name, _)) => {
            mistakes.say(at..at + name.len() + 2, "a field is missing between the two `");
            (name.len() + 2, Token::Junk)
        }
        None => {
            mistakes.say(at..at + rest.len(), "the name that starts here has no closing `");
            (rest.len(), Token::Junk)
        }
    }
}

fn text<'a>(quote: char, rest: &'a str, at: usize, mistakes: &mut Mistakes) -> (usize, Token<'a>) {
    let inside = rest.get(1..).unwrap_or_default();
    let len = inside.find(quote).map_or(rest.len(), |len| len + 2);
    let written = shorten(rest.get(..len).unwrap_or_default());
    let message = format!("an expression has numbers and fields only, and `{written}` is a text");
    mistakes.say_with_help(at..at + len, message, "for a text write a template: `\"{{host}} is {{metric * 8}}\"`");
    (len, Token::Junk)
}
