//! The instance of a series that comes from elsewhere: its tags, in a short form that stays the same.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The longest instance in bytes. What is longer ends in a hash of all of it, so that two are still told apart.
const MAX: usize = 200;

/// `~` and sixteen digits.
const HASH: usize = 17;

/// `first`, or `first/key=value,key=value`, or without `first` the tags alone; by key, whatever the order they came in.
/// In keys and values what could be taken for the text around them, and control characters, are `%` and two digits for each
/// byte: no two lists of tags have the same text. Control characters of `first` become `_`. Empty without both.
pub fn instance(first: &str, tags: &mut [(&str, Cow<'_, str>)]) -> String {
    tags.sort_by_key(|(key, _)| *key);
    let mut text = if first.contains(char::is_control) { first.replace(char::is_control, "_") } else { first.to_owned() };
    for (index, (key, value)) in tags.iter().enumerate() {
        let before = match index {
            0 if first.is_empty() => "",
            0 => "/",
            _ => ",",
        };
        text.push_str(before);
        escape(key, &mut text);
        text.push('=');
        escape(value, &mut text);
    }
    let hash = (text.len() > MAX).then(|| fnv(text.as_bytes()));
    if let Some(hash) = hash {
        text.truncate(text.floor_char_boundary(MAX - HASH));
        // Writing to a String cannot fail.
        let _ = write!(text, "~{hash:016x}");
    }
    text
}

fn escape(plain: &str, text: &mut String) {
    let mut rest = plain;
    while let Some(at) = rest.find(is_escaped) {
        let (before, from) = rest.split_at(at);
        let length = from.chars().next().map_or(from.len(), char::len_utf8);
        let (escaped, after) = from.split_at(length);
        text.push_str(before);
        for byte in escaped.bytes() {
            let _ = write!(text, "%{byte:02X}");
        }
        rest = after;
    }
    text.push_str(rest);
}

fn is_escaped(c: char) -> bool {
    matches!(c, ',' | '=' | '/' | '\\' | '%') || c.is_control()
}

/// FNV-1a: the same in every run and on every machine.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(first: &str, tags: &[(&str, &str)], expected: &str) {
        let mut tags: Vec<_> = tags.iter().map(|(key, value)| (*key, Cow::Borrowed(*value))).collect();
        assert_eq!(instance(first, &mut tags), expected);
        tags.reverse();
        assert_eq!(instance(first, &mut tags), expected);
    }

    #[test]
    fn tags_stand_in_the_order_of_their_keys() {
        check("node", &[], "node");
        check("node", &[("mode", "idle"), ("cpu", "0")], "node/cpu=0,mode=idle");
        check("", &[("path", "/var/x\n")], "path=%2Fvar%2Fx%0A");
        check("", &[], "");
    }

    #[test]
    fn what_stands_between_tags_is_escaped_in_them() {
        check("a", &[("x", "1"), ("y", "2")], "a/x=1,y=2");
        check("a", &[("x", "1,y=2")], "a/x=1%2Cy%3D2");
        check("a", &[("x=1,y", "2")], "a/x%3D1%2Cy=2");
        check("", &[("dir", "C:\\50%2C ä\u{85}")], "dir=C:%5C50%252C ä%C2%85");
    }

    #[test]
    fn long_ones_are_cut_and_still_told_apart() {
        let of = |end: &str| instance("node", &mut [("query", Cow::Owned(format!("{}{end}", "ä".repeat(300))))]);
        assert!(of("a").len() <= MAX && of("a").starts_with("node/query=ä") && of("a") != of("b"));
        assert_eq!(of("a"), of("a"));
    }

    proptest! {
        #[test]
        fn no_instance_is_too_long_or_holds_a_control_character(first in "\\PC{0,9}", key in "\\PC{0,300}", value in "(?s).{0,300}") {
            let text = instance(&first, &mut [(&key, Cow::Borrowed(&value))]);
            prop_assert!(text.len() <= MAX && !text.contains(char::is_control));
        }

        #[test]
        fn tags_beside_each_other_are_told_from_those_in_one_value(x in "[1x,=/%\\\\\n_]{0,5}", y in "[1x,=/%\\\\\n_]{0,5}") {
            let apart = instance("a", &mut [("x", Cow::Borrowed(&x)), ("y", Cow::Borrowed(&y))]);
            let joined = instance("a", &mut [("x", Cow::Owned(format!("{x},y={y}")))]);
            prop_assert_ne!(apart, joined);
        }
    }
}
