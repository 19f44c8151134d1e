//! A mistake in a text that a person wrote: where, what, and what to write.

use std::ops::Range;

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Bytes of the given text that it is about.
    pub span: Range<usize>,
    /// What is wrong: fits after "error: ", no full stop.
    pub message: String,
    /// What to write.
    pub help: Option<String>,
}

/// The known name that is nearest to what was written, when it is near enough to be what was meant: at most two edits, and fewer than
/// the name has letters.
pub fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = written.to_lowercase();
    let near = known.into_iter().map(|name| (edits(&lower, &name.to_lowercase()), name));
    near.filter(|(edits, name)| *edits <= 2 && *edits < name.chars().count().min(written.chars().count())).min().map(|(_, name)| name)
}

/// Letters to add, remove, change, or swap with their neighbour, to make one word of the other.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut a_before = None;
    for (i, a) in a.chars().enumerate() {
        let mut row = vec![i + 1];
        for (j, &b_char) in b.iter().enumerate() {
            let at = |row: &[usize], j: usize| row.get(j).copied().unwrap_or(usize::MAX - 1);
            let changed = at(&last, j) + usize::from(a != b_char);
            let mut least = changed.min(at(&last, j + 1) + 1).min(at(&row, j) + 1);
            let b_before = j.checked_sub(1).and_then(|j| b.get(j)).copied();
            if a_before == Some(b_char) && b_before == Some(a) {
                least = least.min(at(&before_last, j - 1) + 1);
            }
            row.push(least);
        }
        before_last = std::mem::replace(&mut last, row);
        a_before = Some(a);
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(written: &str, expected: Option<&str>) {
        assert_eq!(nearest(written, ["crit", "clear", "clear_for", "by", "warn"]), expected);
    }

    #[test]
    fn the_nearest_name_is_at_most_two_edits_away() {
        check("critt", Some("crit"));
        check("rcit", Some("crit"));
        check("Warn", Some("warn"));
        check("clearfor", Some("clear_for"));
        check("wharn", Some("warn"));
        check("b", None);
        check("severity", None);
        check("", None);
    }
}
