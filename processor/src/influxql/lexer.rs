//! Words of a query.

/// A word with the character it begins at, counted from 1.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) at: usize,
    pub(super) kind: Kind,
}

/// What a word is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// Bare: a keyword or a name.
    Word(String),
    /// `"…"`.
    Name(String),
    /// `'…'`.
    Text(String),
    /// `/…/`, where no number or name stands before it.
    Regex(String),
    Number(f64),
    /// Whole digits, which a float would round.
    Integer(i64),
    /// Nanoseconds.
    Duration(i64),
    Symbol(&'static str),
    End,
}

const SYMBOLS: [&str; 20] = ["=~", "!~", "!=", "<>", "<=", ">=", "::", "=", "<", ">", "(", ")", ",", ";", "+", "-", "*", "/", "%", "."];

/// Nanoseconds of a unit.
fn unit(name: &str) -> Option<i64> {
    Some(match name {
        "ns" => 1,
        "u" | "µ" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        "d" => 86_400_000_000_000,
        "w" => 604_800_000_000_000,
        _ => return None,
    })
}

/// Splits a query into words, [`Kind::End`] last.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut found: Vec<Token> = Vec::new();
    let mut rest = text.trim_start();
    // Counted on from the word before, or a long query would take the square of its length.
    let (mut at, mut counted) = (1, 0);
    while let Some(first) = rest.chars().next() {
        let begin = text.len() - rest.len();
        at += text.get(counted..begin).unwrap_or_default().chars().count();
        counted = begin;
        let is_pattern = found.last().is_some_and(|token| begins_pattern(&token.kind));
        let (kind, left) = match first {
            '"' => quoted(rest, '"').map(|(name, left)| (Kind::Name(name), left)),
            '\'' => quoted(rest, '\'').map(|(text, left)| (Kind::Text(text), left)),
            '/' if is_pattern => quoted(rest, '/').map(|(text, left)| (Kind::Regex(text), left)),
            '0'..='9' => number(rest),
            _ if first.is_alphabetic() || first == '_' => {
                let (word, left) = split(rest, |c| c.is_alphanumeric() || c == '_');
                Some((Kind::Word(word.to_owned()), left))
            }
            _ => SYMBOLS.iter().find_map(|symbol| Some((Kind::Symbol(symbol), rest.strip_prefix(symbol)?))),
        }
        .ok_or_else(|| format!("at char {at}: found {first:?}, expected a word, a number, or a quoted text that ends"))?;
        found.push(Token { at, kind });
        rest = left.trim_start();
    }
    found.push(Token { at: text.chars().count() + 1, kind: Kind::End });
    Ok(found)
}

/// Whether a `/` behind this word begins a regex; behind a value it divides.
fn begins_pattern(before: &Kind) -> bool {
    match before {
        Kind::Symbol(symbol) => matches!(*symbol, "=~" | "!~" | "(" | ","),
        Kind::Word(word) => word.eq_ignore_ascii_case("FROM"),
        Kind::Name(_) | Kind::Text(_) | Kind::Regex(_) | Kind::Number(_) | Kind::Integer(_) | Kind::Duration(_) | Kind::End => false,
    }
}

fn split(text: &str, holds: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !holds(c)).unwrap_or(text.len()))
}

/// Up to the closing quote; `\` keeps the one behind it. In a regex `\` stays but before `/`.
fn quoted(text: &str, quote: char) -> Option<(String, &str)> {
    let mut out = String::new();
    let mut chars = text.chars();
    chars.next();
    loop {
        match chars.next()? {
            c if c == quote => return Some((out, chars.as_str())),
            '\\' => match chars.next()? {
                c if c == quote => out.push(c),
                'n' if quote != '/' => out.push('\n'),
                c if quote == '/' => out.extend(['\\', c]),
                c => out.push(c),
            },
            c => out.push(c),
        }
    }
}

/// A number, or a duration such as `1h30m`.
fn number(text: &str) -> Option<(Kind, &str)> {
    let (digits, mut rest) = split(text, |c| c.is_ascii_digit() || c == '.');
    let (first, _) = split(rest, char::is_alphabetic);
    if first.is_empty() {
        let kind = digits.parse().map(Kind::Integer).or_else(|_| digits.parse().map(Kind::Number));
        return Some((kind.ok()?, rest));
    }
    let mut sum = 0_i64;
    let mut count = digits;
    loop {
        let (name, left) = split(rest, char::is_alphabetic);
        sum = sum.checked_add(count.parse::<i64>().ok()?.checked_mul(unit(name)?)?)?;
        (count, rest) = split(left, |c| c.is_ascii_digit());
        if count.is_empty() {
            return Some((Kind::Duration(sum), rest));
        }
    }
}
