//! `=~`: a text with `%` for any run of characters.

use std::sync::Arc;

/// What ends a line for Java's `.` and `$`, on which Riemann's `=~` stands.
const LINE_ENDS: [char; 5] = ['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'];

/// A wildcard text. Everything but `%` stands for itself; `%` does not cross the end of a line.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Like {
    text: Arc<str>,
}

impl Like {
    pub(crate) fn new(text: &str) -> Self {
        Self { text: text.into() }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Whether the whole of `subject` is like it; one end of line behind it is let pass.
    pub(crate) fn matches(&self, subject: &str) -> bool {
        self.matches_whole(subject) || without_line_end(subject).is_some_and(|rest| self.matches_whole(rest))
    }

    /// Takes each part at its first place, which is right: no later place leaves fewer line ends in the gaps.
    fn matches_whole(&self, subject: &str) -> bool {
        let Some((head, parts)) = self.text.split_once('%') else { return subject == &*self.text };
        let (parts, tail) = parts.rsplit_once('%').map_or((None, parts), |(parts, tail)| (Some(parts), tail));
        let Some(rest) = subject.strip_prefix(head) else { return false };
        let Some(mut rest) = rest.strip_suffix(tail) else { return false };
        for part in parts.into_iter().flat_map(|parts| parts.split('%')) {
            let Some((gap, behind)) = rest.split_once(part) else { return false };
            if gap.contains(LINE_ENDS) {
                return false;
            }
            rest = behind;
        }
        !rest.contains(LINE_ENDS)
    }
}

fn without_line_end(subject: &str) -> Option<&str> {
    subject.strip_suffix("\r\n").or_else(|| subject.strip_suffix(LINE_ENDS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(like: &str, subject: &str, expected: bool) {
        assert_eq!(Like::new(like).matches(subject), expected, "{subject:?} =~ {like:?}");
    }

    #[test]
    fn percent_is_any_run_and_both_ends_are_anchored() {
        check("cpu/%", "cpu/usage_active", true);
        check("cpu/%", "cpu/", true);
        check("cpu/%", "a cpu/x", false);
        check("%e%", "web", true);
        check("a%b%c", "axxbyyc", true);
        check("a%a", "a", false);
        check("%", "", true);
        check("", "", true);
        check("web1", "web10", false);
        check("%%x", "x", true);
    }

    #[test]
    fn all_else_stands_for_itself() {
        check("%s.", "sx", false);
        check("w_b1", "web1", false);
        check("a*", "a*", true);
        check("辻%", "辻斬", true);
    }

    #[test]
    fn a_run_stays_on_its_line_and_one_last_line_end_is_let_pass() {
        check("a%b", "a\nb", false);
        check("a%\n%b", "a1\n2b", true);
        check("a", "a\n", true);
        check("a", "a\n\n", false);
        check("a%", "a\n", true);
        check("a\n", "a\n", true);
    }

    proptest! {
        #[test]
        fn it_agrees_with_the_regular_expression_that_riemann_makes_of_it(like in "[ab%\n]{0,6}", subject in "[ab\n]{0,8}") {
            let escaped = like.split('%').map(regex::escape).collect::<Vec<_>>().join(".*");
            let model = regex::Regex::new(&format!("^{escaped}\n?$")).unwrap();
            prop_assert_eq!(Like::new(&like).matches(&subject), model.is_match(&subject));
        }
    }
}
