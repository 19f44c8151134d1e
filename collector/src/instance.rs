//! The instance of a series that comes from elsewhere: its tags, in a short form that stays the same.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The longest instance in bytes. What is longer ends in a hash of all of it, so that two are still told apart.
const MAX: usize = 200;

/// `~` and sixteen digits.
const HASH: usize = 17;

/// `first`, or `first/key=value,key=value`, or without `first` the tags alone; by key, whatever the order they came in.
/// Control characters become `_`. Empty without both.
pub(crate) fn instance(first: &str, tags: &mut [(&str, Cow<'_, str>)]) -> String {
    tags.sort_by_key(|(key, _)| *key);
    let mut text = first.to_owned();
    for (index, (key, value)) in tags.iter().enumerate() {
        let before = match index {
            0 if first.is_empty() => "",
            0 => "/",
            _ => ",",
        };
        // Writing to a String cannot fail.
        let _ = write!(text, "{before}{key}={value}");
    }
    let hash = (text.len() > MAX).then(|| fnv(text.as_bytes()));
    if let Some(hash) = hash {
        text.truncate(text.floor_char_boundary(MAX - HASH));
        let _ = write!(text, "~{hash:016x}");
    }
    if text.contains(char::is_control) { text.replace(char::is_control, "_") } else { text }
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
        check("", &[("path", "/var/x\n")], "path=/var/x_");
        check("", &[], "");
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
    }
}
