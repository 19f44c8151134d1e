//! The wording of mistakes in queries: what is wrong, and what to write.

use std::ops::Range;

use crate::Mistake;

/// Mistakes of one text.
#[derive(Debug, Default)]
pub(crate) struct Mistakes {
    found: Vec<Mistake>,
}

impl Mistakes {
    pub(crate) fn say(&mut self, span: Range<usize>, message: impl Into<String>) {
        self.found.push(Mistake { span, message: message.into(), help: None });
    }

    pub(crate) fn say_with_help(&mut self, span: Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        self.found.push(Mistake { span, message: message.into(), help: Some(help.into()) });
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// In the order of the text; of several that begin at one place only the first found.
    pub(crate) fn finish(mut self) -> Vec<Mistake> {
        self.found.sort_by_key(|mistake| mistake.span.start);
        self.found.dedup_by_key(|mistake| mistake.span.start);
        self.found
    }
}

/// `a query says `and`, not `&&``.
pub(super) fn says(right: &str, wrong: &str) -> String {
    format!("a query says `{right}`, not `{wrong}`")
}

/// For what cannot be shown between accents because it is long.
pub(crate) fn shorten(text: &str) -> String {
    const MAX: usize = 40;
    if text.chars().count() <= MAX {
        return text.to_owned();
    }
    text.chars().take(MAX).chain(['…']).collect()
}

/// The value of a number with a unit in the unit that queries use, seconds or bytes: `5m` is `300`.
pub(crate) fn without_unit(number: &str, unit: &str) -> Option<String> {
    const FACTORS: [(&str, f64); 14] = [
        ("ms", 0.001),
        ("s", 1.0),
        ("sec", 1.0),
        ("m", 60.0),
        ("min", 60.0),
        ("h", 3600.0),
        ("d", 86_400.0),
        ("B", 1.0),
        ("kB", 1e3),
        ("KB", 1e3),
        ("MB", 1e6),
        ("GB", 1e9),
        ("MiB", 1_048_576.0),
        ("GiB", 1_073_741_824.0),
    ];
    let factor = FACTORS.iter().find(|(name, _)| *name == unit)?.1;
    let value = number.parse::<f64>().ok()? * factor;
    value.is_finite().then(|| value.to_string())
}

/// Whether a wildcard text looks like a regular expression.
pub(super) fn looks_like_regex(text: &str) -> bool {
    let has = |part: &str| text.contains(part);
    let is_class = text.split_once('[').is_some_and(|(_, rest)| rest.contains(']'));
    let is_choice = text.split_once('(').is_some_and(|(_, rest)| rest.contains('|') && rest.contains(')'));
    let is_escape = text.split('\\').skip(1).any(|rest| rest.starts_with(['d', 'w', 's', 'b', '.', '/']));
    text.starts_with('^') || text.ends_with('$') || has(".*") || has(".+") || is_class || is_choice || is_escape
}
