//! Where a byte of a scalar's value stands in the file: behind quotes, escapes, folded lines and indentation.

use std::ops::Range;

/// For every byte of `value`, and its end, the byte of `raw` it comes from; `None` where that cannot be told.
///
/// `raw` is the scalar as it stands in the file, quotes included.
pub(super) fn places(raw: &str, value: &str) -> Option<Vec<usize>> {
    let quote = raw.chars().next().filter(|c| matches!(c, '"' | '\''));
    let mut at = usize::from(quote.is_some());
    let mut places = Vec::with_capacity(value.len() + 1);
    for c in value.chars() {
        let (start, len) = step(raw, at, c, quote)?;
        places.extend((0..c.len_utf8()).map(|i| start + i.min(len - 1)));
        at = start + len;
    }
    places.push(at);
    Some(places)
}

/// Where in `raw`, from `at` on, the character stands, and how many bytes it takes there.
fn step(raw: &str, at: usize, c: char, quote: Option<char>) -> Option<(usize, usize)> {
    let rest = raw.get(at..)?;
    let next = rest.chars().next()?;
    match (quote, next) {
        (Some('"'), '\\') => return escape(rest, c).map(|len| (at, len)),
        (Some('\''), '\'') => return (c == '\'' && rest.starts_with("''")).then_some((at, 2)),
        _ => {}
    }
    let blank = rest.len() - rest.trim_start_matches([' ', '\n', '\r', '\t']).len();
    let line_end = rest.get(..blank).and_then(|blanks| blanks.find('\n')).map(|end| end + 1);
    match (c, line_end) {
        // A folded line end takes the indentation of the next line with it; in a block each empty line keeps its own end.
        (' ', Some(_)) => Some((at, blank)),
        ('\n', Some(len)) => Some((at, len)),
        _ if next == c => Some((at, c.len_utf8())),
        (' ' | '\n', None) => None,
        _ if blank > 0 => step(raw, at + blank, c, quote),
        _ => None,
    }
}

fn escape(rest: &str, c: char) -> Option<usize> {
    let kind = rest.chars().nth(1)?;
    let plain = match kind {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        other => other,
    };
    match kind {
        'x' => Some(4),
        'u' => Some(6),
        'U' => Some(10),
        _ => (plain == c).then_some(1 + kind.len_utf8()),
    }
}

/// The bytes of `raw` that a stretch of the value comes from.
pub(super) fn stretch(places: &[usize], span: &Range<usize>) -> Option<Range<usize>> {
    let start = *places.get(span.start)?;
    let end = match span.end.checked_sub(1) {
        Some(last) if span.end > span.start => places.get(last)? + 1,
        _ => start,
    };
    Some(start..end.max(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What stands in `raw` where `part` stands in the value.
    #[track_caller]
    fn check(raw: &str, value: &str, part: &str, expected: &str) {
        let start = value.find(part).unwrap();
        let places = places(raw, value).unwrap();
        let found = stretch(&places, &(start..start + part.len())).unwrap();
        assert_eq!(&raw[found], expected);
    }

    #[test]
    fn plain_and_quoted_values_have_their_places() {
        check("metric > 90%", "metric > 90%", "%", "%");
        check("\"metric > 90%\"", "metric > 90%", "%", "%");
        check(r#""service = \"cpu\" x""#, "service = \"cpu\" x", "x", "x");
        check(r#""service = \"cpu\" x""#, "service = \"cpu\" x", "cpu", "cpu");
        check("'it''s x'", "it's x", "x", "x");
        check("ü > 90%", "ü > 90%", "%", "%");
    }

    #[test]
    fn values_over_several_lines_have_their_places() {
        check("a = 1 and\n   metric > 1", "a = 1 and metric > 1", "metric", "metric");
        check("line one\n  line two\n", "line one\nline two\n", "two", "two");
        check("one\n\n  two\n", "one\n\ntwo\n", "two", "two");
        check("\"x\n   y\"", "x y", "y", "y");
    }

    #[test]
    fn what_cannot_be_followed_has_none() {
        assert_eq!(places("&x b", "b"), None);
        assert_eq!(places("!!str 5", "5"), None);
        assert_eq!(places("", "x"), None);
    }
}
