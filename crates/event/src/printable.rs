//! Texts that others send, as a log or a terminal may show them.

use std::borrow::Cow;

/// The text with its control characters, and what turns the direction of writing, as escapes such as `\n` and `\u{202e}`: neither can it
/// begin a line of its own in a log, nor tell a terminal anything.
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(is_odd) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_odd(c) {
            out.extend(c.escape_debug());
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

fn is_odd(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_escaped() {
        assert_eq!(printable("web1\n2026 all is well\r\t\u{1b}[31m\0"), "web1\\n2026 all is well\\r\\t\\u{1b}[31m\\0");
        assert_eq!(printable("\u{202e}evil"), "\\u{202e}evil");
        assert!(matches!(printable("größe \"a\\b\" 97 %"), Cow::Borrowed(_)));
    }
}
