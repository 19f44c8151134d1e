//! Texts of queries: how they compare, and how they stand between quotes.

use std::fmt;

/// Whether two texts are equal, bytes that are not UTF-8 taken lossily.
///
/// The replacement character is not ASCII, so texts that differ can only be equal lossily when neither is ASCII.
#[inline]
pub(super) fn same(a: &[u8], b: &[u8]) -> bool {
    a == b || (!a.is_ascii() && !b.is_ascii() && String::from_utf8_lossy(a) == String::from_utf8_lossy(b))
}

/// Writes a text as a query has it, in double quotes.
pub(super) fn quote(text: &str, f: &mut impl fmt::Write) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '\t' => f.write_str("\\t")?,
            '\r' => f.write_str("\\r")?,
            c if c.is_control() => write!(f, "\\u{:04x}", u32::from(c))?,
            c => f.write_char(c)?,
        }
    }
    f.write_char('"')
}

/// A text as a query has it, in double quotes.
pub fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    // Writing to a String cannot fail.
    let _ = quote(text, &mut quoted);
    quoted
}

/// An escape that a text may not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BadEscape {
    /// Bytes of the escape, the backslash included.
    pub(super) len: usize,
}

/// Reads the escape whose backslash `rest` begins with: the character, and the bytes it took.
///
/// Clojure's: `\n \t \r \b \f \" \\ \uXXXX`, two of the last for what lies beyond four digits.
pub(super) fn unescape(rest: &str) -> Result<(char, usize), BadEscape> {
    let Some(kind) = rest.chars().nth(1) else { return Err(BadEscape { len: 1 }) };
    let c = match kind {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'b' => '\u{8}',
        'f' => '\u{c}',
        '"' => '"',
        '\\' => '\\',
        'u' => return unicode(rest),
        other => return Err(BadEscape { len: 1 + other.len_utf8() }),
    };
    Ok((c, 2))
}

fn unicode(rest: &str) -> Result<(char, usize), BadEscape> {
    let bad = BadEscape { len: 2 };
    let high = unit(rest).ok_or(bad)?;
    if let Some(c) = char::from_u32(high) {
        return Ok((c, 6));
    }
    let low = rest.get(6..).and_then(unit).ok_or(BadEscape { len: 6 })?;
    let units = [high, low].map(|unit| u16::try_from(unit).unwrap_or(0));
    let pair = char::decode_utf16(units).next().and_then(Result::ok);
    pair.map(|c| (c, 12)).ok_or(BadEscape { len: 6 })
}

fn unit(rest: &str) -> Option<u32> {
    let digits = rest.strip_prefix("\\u")?.get(..4)?;
    let all_hex = digits.bytes().all(|b| b.is_ascii_hexdigit());
    all_hex.then(|| u32::from_str_radix(digits, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_clojures() {
        assert_eq!(unescape("\\nx"), Ok(('\n', 2)));
        assert_eq!(unescape("\\u0041x"), Ok(('A', 6)));
        assert_eq!(unescape("\\ud83d\\ude00"), Ok(('😀', 12)));
        assert_eq!(unescape("\\ud83d"), Err(BadEscape { len: 6 }));
        assert_eq!(unescape("\\u+041"), Err(BadEscape { len: 2 }));
        assert_eq!(unescape("\\d"), Err(BadEscape { len: 2 }));
        assert_eq!(unescape("\\"), Err(BadEscape { len: 1 }));
    }

    #[test]
    fn texts_that_are_not_utf8_compare_lossily() {
        assert!(same(b"a\xff", "a\u{fffd}".as_bytes()));
        assert!(same(b"a\xff", b"a\xfe"));
        assert!(!same(b"a\xff", b"a"));
    }
}
