//! `~=`: a regular expression, searched for anywhere in a text.
//!
//! Riemann's are Java's; ours never take more than linear time, so look-around and back-references are mistakes, and `\d`, `\w` and `\s`
//! know all of Unicode.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use regex::Regex;

/// Bound of one compiled expression in bytes.
const MAX_COMPILED: usize = 1 << 20;

/// A compiled expression; shared by its clones, equal by its text.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    regex: Arc<Regex>,
}

impl Pattern {
    /// Compiles; the error is the reason in one line.
    pub(crate) fn new(text: &str) -> Result<Self, String> {
        let built = regex::RegexBuilder::new(text).size_limit(MAX_COMPILED).build();
        built.map(|regex| Self { regex: Arc::new(regex) }).map_err(|error| reason(&error))
    }

    pub(crate) fn text(&self) -> &str {
        self.regex.as_str()
    }

    pub(crate) fn matches(&self, subject: &str) -> bool {
        self.regex.is_match(subject)
    }
}

/// The crate prints the expression, a row of carets and, last, `error: …`.
fn reason(error: &regex::Error) -> String {
    if matches!(error, regex::Error::CompiledTooBig(_)) {
        return "it is too large".to_owned();
    }
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default().trim();
    last.strip_prefix("error: ").unwrap_or(last).to_owned()
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}

impl Eq for Pattern {}

impl Hash for Pattern {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text().hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_of_a_bad_expression_is_one_line() {
        assert_eq!(Pattern::new("(a").unwrap_err(), "unclosed group");
        assert_eq!(Pattern::new("(a{1000}){1000}").unwrap_err(), "it is too large");
    }
}
