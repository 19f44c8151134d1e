//! Small changes of rules, one at a time, for `skep test --mutate`: thresholds, durations, folds, instance keys, and keys taken away.
//!
//! A change is made in the file's text, so that whatever the loader knows can be changed, and each has its place.

use std::ops::Range;

use event::Duration;

use super::yaml::{self, Kind, Node};

/// One change of a rule file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mutant {
    /// The alert that it changes.
    pub alert: String,
    /// Which of the files.
    pub file: usize,
    /// Where, from 1, in characters.
    pub line: usize,
    /// Likewise.
    pub column: usize,
    /// The key, and what stands there: `crit: metric > 90`.
    pub before: String,
    /// What stands there instead.
    pub after: String,
    span: Range<usize>,
    text: String,
}

impl Mutant {
    /// The file's text with the change made.
    pub fn apply(&self, text: &str) -> String {
        let mut text = text.to_owned();
        text.replace_range(self.span.clone(), &self.text);
        text
    }
}

/// Every change of the alerts of a file. Some cannot be loaded, some change nothing: the caller finds out.
pub fn mutants(file: usize, text: &str) -> Vec<Mutant> {
    let mut found = Mutants { file, text, alert: "", mutants: Vec::new() };
    let Ok(root) = yaml::parse(file, text) else { return Vec::new() };
    for (name, alert) in entries(&root).filter(|(key, _)| *key == "alerts").flat_map(|(_, alerts)| entries(alerts)) {
        found.alert = name;
        entries(alert).for_each(|(key, node)| found.of_key(key, node));
    }
    found.mutants
}

/// The text up to its tests, where these come last: rules are read hundreds of times, and most of a file are its tests.
pub fn without_tests(text: &str) -> &str {
    let root = yaml::parse(0, text);
    let last = root.as_ref().ok().and_then(|root| match &root.kind {
        Kind::Map(entries) => entries.last(),
        Kind::Null | Kind::Scalar(_) | Kind::List(_) => None,
    });
    let tests = last.filter(|(key, _)| key.scalar() == Some("tests"));
    tests.and_then(|(key, _)| text.get(..key.place.span.start)).unwrap_or(text)
}

fn entries(node: &Node) -> impl Iterator<Item = (&str, &Node)> {
    let entries = match &node.kind {
        Kind::Map(entries) => entries.as_slice(),
        Kind::Null | Kind::Scalar(_) | Kind::List(_) => &[],
    };
    entries.iter().filter_map(|(key, value)| Some((key.scalar()?, value)))
}

struct Mutants<'a> {
    file: usize,
    text: &'a str,
    alert: &'a str,
    mutants: Vec<Mutant>,
}

impl Mutants<'_> {
    fn of_key(&mut self, key: &str, node: &Node) {
        match key {
            "info" | "warn" | "crit" => {
                self.removed(key, node);
                match node.kind {
                    Kind::Map(_) => entries(node).for_each(|(inner, node)| self.of_level(&format!("{key}.{inner}"), inner, node)),
                    Kind::Null | Kind::Scalar(_) | Kind::List(_) => self.numbers(key, node),
                }
            }
            "where" => {
                self.numbers(key, node);
                self.whole(key, node, "true");
            }
            "expired" | "unless" => self.removed(key, node),
            "by" | "across" => self.without_each(key, node),
            "take" => self.folds(key, node),
            "value" => self.arithmetic(key, node),
            "reach" | "min_points" | "max_instances" => self.numbers(key, node),
            _ => self.of_level(key, key, node),
        }
    }

    /// The keys of a level, which an alert has too.
    fn of_level(&mut self, key: &str, inner: &str, node: &Node) {
        match inner {
            "when" => self.numbers(key, node),
            "clear" => {
                self.numbers(key, node);
                self.removed(key, node);
            }
            "for" | "clear_for" | "absent" | "over" | "every" | "ahead" | "halflife" => self.durations(key, node),
            _ => {}
        }
    }

    /// A tenth more, a tenth less of every number; one more, one less of small whole ones.
    fn numbers(&mut self, key: &str, node: &Node) {
        let Some(text) = node.scalar() else { return };
        for (span, number) in numbers(text) {
            for up in [true, false] {
                self.part(key, node, text, &span, &beside(number, up));
            }
        }
    }

    fn durations(&mut self, key: &str, node: &Node) {
        let Some(duration) = node.scalar().and_then(|text| Duration::parse(text).ok()) else { return };
        self.whole(key, node, &(duration * 2).to_string());
        self.whole(key, node, &Duration::from_micros(duration.micros() / 2).to_string());
    }

    /// Another fold, for which the same keys are needed.
    fn folds(&mut self, key: &str, node: &Node) {
        let fold = node.scalar().unwrap_or_default();
        let other = match fold {
            "mean" => "max",
            "predict" | "time_to" | "ewma" => return,
            _ => "mean",
        };
        self.whole(key, node, other);
    }

    fn arithmetic(&mut self, key: &str, node: &Node) {
        let Some(text) = node.scalar() else { return };
        for (sign, other) in [(" - ", " + "), (" + ", " - "), (" / ", " * "), (" * ", " / ")] {
            for (at, _) in text.match_indices(sign) {
                self.part(key, node, text, &(at..at + sign.len()), other);
            }
        }
    }

    /// A list without each of its values.
    fn without_each(&mut self, key: &str, node: &Node) {
        let Kind::List(nodes) = &node.kind else { return };
        let texts: Vec<&str> = nodes.iter().filter_map(Node::scalar).collect();
        for out in 0..texts.len() {
            let left: Vec<&str> = texts.iter().enumerate().filter(|(at, _)| *at != out).map(|(_, text)| *text).collect();
            self.whole(key, node, &format!("[{}]", left.join(", ")));
        }
    }

    /// As if nobody had said it.
    fn removed(&mut self, key: &str, node: &Node) {
        self.whole(key, node, "null");
    }

    fn whole(&mut self, key: &str, node: &Node, after: &str) {
        let span = node.place.span.clone();
        let before = self.text.get(span.clone()).unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
        if before != after && !node.is_null() {
            self.push(span, format!("{key}: {before}"), after.to_owned(), after.to_owned());
        }
    }

    /// Changes a part of a text.
    fn part(&mut self, key: &str, node: &Node, text: &str, span: &Range<usize>, new: &str) {
        let place = node.part(span);
        if place == node.place && span.len() != text.len() {
            // Where the part stands in the file cannot be told.
            return;
        }
        let mut after = text.to_owned();
        after.replace_range(span.clone(), new);
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        self.push(place.span, format!("{key}: {}", words(text)), words(&after), new.to_owned());
    }

    fn push(&mut self, span: Range<usize>, before: String, after: String, text: String) {
        let above = self.text.get(..span.start).unwrap_or_default();
        let line = above.matches('\n').count() + 1;
        let column = above.chars().rev().take_while(|char| *char != '\n').count() + 1;
        self.mutants.push(Mutant { alert: self.alert.to_owned(), file: self.file, line, column, before, after, span, text });
    }
}

/// The numbers of a query, outside of its texts and names.
fn numbers(text: &str) -> Vec<(Range<usize>, f64)> {
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | ':' | '*' | '?' | '$' | '/');
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let first = rest.chars().next().unwrap_or_default();
        let begins = first.is_ascii_digit()
            || matches!(first, '-' | '.') && rest.get(1..).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        at += if first == '"' {
            text_len(rest)
        } else if begins {
            let len = 1 + rest.get(1..).map_or(0, |rest| rest.find(|c: char| !is_name(c)).unwrap_or(rest.len()));
            let number = rest.get(..len).and_then(|word| word.parse::<f64>().ok());
            found.extend(number.map(|number| (at..at + len, number)));
            len
        } else if is_name(first) {
            rest.find(|c: char| !is_name(c) && c != '-').unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
    }
    found
}

/// How long the quoted text is that `rest` begins with.
fn text_len(rest: &str) -> usize {
    let mut is_escaped = false;
    for (at, char) in rest.char_indices().skip(1) {
        if char == '"' && !is_escaped {
            return at + 1;
        }
        is_escaped = char == '\\' && !is_escaped;
    }
    rest.len()
}

/// A number a little higher or lower.
fn beside(number: f64, up: bool) -> String {
    let is_whole = number.fract() == 0.0;
    let by = match number.abs() {
        small if is_whole && small < 10.0 => 1.0,
        whole if is_whole => (whole / 10.0).round(),
        other => other / 10.0,
    };
    let beside = if up { number + by } else { number - by };
    // Without the digits that only a computer sees.
    let digits = 6 - beside.abs().log10().floor().clamp(-6.0, 5.0) as i32;
    let factor = 10_f64.powi(digits);
    let rounded = (beside * factor).round() / factor;
    if rounded == 0.0 { "0".to_owned() } else { rounded.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_outside_of_texts_and_names() {
        let of = |text: &str| numbers(text).into_iter().map(|(span, number)| (text[span].to_owned(), number)).collect::<Vec<_>>();
        assert_eq!(of(r#"service = "cpu 9 \" 8" and metric>0.9 or load1 < -2"#), [("0.9".to_owned(), 0.9), ("-2".to_owned(), -2.0)]);
        assert_eq!(of("metric > 1e3 and a-1 = 5"), [("1e3".to_owned(), 1000.0), ("5".to_owned(), 5.0)]);
        assert_eq!(of("true"), []);
    }

    #[track_caller]
    fn check(number: f64, up: &str, down: &str) {
        assert_eq!((beside(number, true), beside(number, false)), (up.to_owned(), down.to_owned()));
    }

    #[test]
    fn numbers_beside_others() {
        check(90.0, "99", "81");
        check(0.9, "0.99", "0.81");
        check(3.0, "4", "2");
        check(0.0, "1", "-1");
        check(-2.0, "-1", "-3");
        check(0.07, "0.077", "0.063");
        check(1_000_000.0, "1100000", "900000");
    }

    #[test]
    fn tests_are_cut_off_where_they_come_last() {
        assert_eq!(without_tests("alerts: {}\ntests:\n  - {name: x}\n"), "alerts: {}\n");
        for whole in ["tests: []\nalerts: {}\n", "alerts:\n  tests: {}\n", "", "a: [\n"] {
            assert_eq!(without_tests(whole), whole);
        }
    }

    #[test]
    fn every_change_is_told_with_its_place_and_can_be_made() {
        let text = "\
alerts:
  load:
    where: service = \"system/load1\"
    by: [host, dc]
    warn: metric > 8
    crit: {when: 'metric > 16.5', for: 2m}
    clear: metric < 6
    unless:
      alert: other
      same: [host]
";
        let mutants = mutants(0, text);
        let told: Vec<String> = mutants.iter().map(|m| format!("{}:{} {} -> {}", m.line, m.column, m.before, m.after)).collect();
        let expected = [
            "3:12 where: service = \"system/load1\" -> true",
            "4:9 by: [host, dc] -> [dc]",
            "4:9 by: [host, dc] -> [host]",
            "5:11 warn: metric > 8 -> null",
            "5:20 warn: metric > 8 -> metric > 9",
            "5:20 warn: metric > 8 -> metric > 7",
            "6:11 crit: {when: 'metric > 16.5', for: 2m} -> null",
            "6:28 crit.when: metric > 16.5 -> metric > 18.15",
            "6:28 crit.when: metric > 16.5 -> metric > 14.85",
            "6:40 crit.for: 2m -> 4m",
            "6:40 crit.for: 2m -> 1m",
            "7:21 clear: metric < 6 -> metric < 7",
            "7:21 clear: metric < 6 -> metric < 5",
            "7:12 clear: metric < 6 -> null",
            "9:7 unless: alert: other same: [host] -> null",
        ];
        assert_eq!(told, expected);
        for mutant in &mutants {
            assert!(yaml::parse(0, &mutant.apply(text)).is_ok(), "{mutant:?}");
        }
        assert!(mutants[14].apply(text).ends_with("unless:\n      null\n"));
    }
}
