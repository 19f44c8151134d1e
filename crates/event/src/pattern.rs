//! Patterns with `*`, as in `mem/*`.

use std::fmt;

/// A text in which `*` stands for any text, an empty one too, whatever it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(String);

impl Pattern {
    /// From its text; every text is a pattern.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Whether the whole of a text is of this pattern. Takes no longer than the product of both lengths.
    pub fn matches(&self, text: &str) -> bool {
        let mut parts = self.0.split('*');
        let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
        let Some(last) = parts.next_back() else { return rest.is_empty() };
        for part in parts {
            // The leftmost place leaves the most for those that follow.
            let Some((_, after)) = rest.split_once(part) else { return false };
            rest = after;
        }
        rest.ends_with(last)
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(pattern: &str, good: &[&str], bad: &[&str]) {
        let pattern = Pattern::new(pattern);
        for text in good {
            assert!(pattern.matches(text), "{pattern} is to match {text}");
        }
        for text in bad {
            assert!(!pattern.matches(text), "{pattern} is not to match {text}");
        }
    }

    #[test]
    fn a_star_stands_for_any_text() {
        check("mem/used", &["mem/used"], &["mem/used_percent", "mem", ""]);
        check("mem/*", &["mem/used", "mem/"], &["mem", "memory/used"]);
        check("*_percent", &["mem/used_percent"], &["mem/used"]);
        check("docker_*/usage_*", &["docker_container_cpu/usage_total"], &["docker_container_mem/rss", "cpu/usage_idle"]);
        check("*", &["", "a/b"], &[]);
        check("a*a", &["aa", "aba"], &["a"]);
        check("a*b*c", &["abc", "abbc", "a-b-c"], &["acb", "ac"]);
        check("", &[""], &["a"]);
    }

    /// By trying everything.
    fn slow(pattern: &[u8], text: &[u8]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some((b'*', rest)) => (0..=text.len()).any(|skipped| slow(rest, &text[skipped..])),
            Some((byte, rest)) => text.split_first().is_some_and(|(first, after)| first == byte && slow(rest, after)),
        }
    }

    proptest! {
        #[test]
        fn it_agrees_with_trying_everything(pattern in "[ab*]{0,8}", text in "[ab]{0,10}") {
            prop_assert_eq!(Pattern::new(pattern.as_str()).matches(&text), slow(pattern.as_bytes(), text.as_bytes()));
        }
    }
}
