//! Prometheus' text format 0.0.4, and what OpenMetrics 1.0 shares with it: one sample a line, borrowed from the text.
//!
//! Comments, help and types are passed over, `# EOF` ends the text, timestamps and exemplars are read and left out.

use std::borrow::Cow;

/// What separates the words of a line.
const BLANK: [char; 2] = [' ', '\t'];

/// The longest piece of a line that an error shows, in characters.
const SHOWN: usize = 40;

/// A sample, as it stands in its line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sample<'a> {
    /// Name and labels as they were written: the same text is the same series.
    pub(super) series: &'a str,
    /// `node_cpu_seconds_total`.
    pub(super) name: &'a str,
    /// What stands behind the opening brace, the closing one included; its form has been checked. Empty without braces.
    labels: &'a str,
    /// NaN and the infinities are values too.
    pub(super) value: f64,
}

/// Why a text is none of the format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: expected {expected}, found {found}")]
pub(super) struct Mistake {
    /// Counted from 1.
    pub(super) line: usize,
    /// What would be right there.
    pub(super) expected: &'static str,
    /// The rest of the line from there on, in backquotes and cut, or `the end of the line`.
    pub(super) found: String,
}

/// What is expected, and the text that stands there.
type Wrong<'a> = (&'static str, &'a str);

/// The samples of a text, in their order. After a mistake there is nothing more.
pub(super) fn samples(text: &str) -> impl Iterator<Item = Result<Sample<'_>, Mistake>> {
    let mut lines = text.split('\n').enumerate();
    let mut is_over = false;
    std::iter::from_fn(move || {
        while !is_over {
            let (index, line) = lines.next()?;
            let line = line.strip_suffix('\r').unwrap_or(line).trim_start_matches(BLANK);
            is_over = line.trim_end_matches(BLANK) == "# EOF";
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let read = sample(line).map_err(|(expected, found)| mistake(index + 1, expected, found));
            is_over = read.is_err();
            return Some(read);
        }
        None
    })
}

fn mistake(line: usize, expected: &'static str, found: &str) -> Mistake {
    let shown: String = found.chars().take(SHOWN).collect();
    let found = if shown.is_empty() { "the end of the line".to_owned() } else { format!("`{shown}`") };
    Mistake { line, expected, found }
}

fn sample(line: &str) -> Result<Sample<'_>, Wrong<'_>> {
    let (name, rest) = word(line, |c| c.is_ascii_alphanumeric() || c == '_' || c == ':');
    if name.is_empty() || name.starts_with(|first: char| first.is_ascii_digit()) {
        return Err(("the name of a metric", line));
    }
    let (labels, rest) = match rest.trim_start_matches(BLANK).strip_prefix('{') {
        Some(inside) => braced(inside)?,
        None => ("", rest),
    };
    let series = line.get(..line.len() - rest.len()).unwrap_or(line);
    let (number, rest) = token(rest);
    let value = number.parse().map_err(|_| ("a number", number))?;
    let (time, rest) = match token(rest) {
        (time, _) if time.starts_with('#') => ("", rest),
        other => other,
    };
    if !time.is_empty() && time.parse::<f64>().is_err() {
        return Err(("a timestamp", time));
    }
    let rest = rest.trim_start_matches(BLANK);
    if !rest.is_empty() && !rest.starts_with('#') {
        return Err(("the end of the line", rest));
    }
    Ok(Sample { series, name, labels, value })
}

/// The longest start of such characters, and the rest.
fn word(text: &str, is_part: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !is_part(c)).unwrap_or(text.len()))
}

/// The next word, and what follows it.
fn token(text: &str) -> (&str, &str) {
    word(text.trim_start_matches(BLANK), |c| !BLANK.contains(&c))
}

/// What stands before the end of the closing brace, and what after it.
fn braced(inside: &str) -> Result<(&str, &str), Wrong<'_>> {
    let mut rest = inside;
    loop {
        match step(rest)? {
            Step::End(after) => {
                let length = inside.len() - after.len();
                return Ok((inside.get(..length).unwrap_or_default(), after));
            }
            Step::Pair { rest: next, .. } => rest = next,
        }
    }
}

enum Step<'a> {
    /// The closing brace; what follows it.
    End(&'a str),
    /// A label, its value still escaped.
    Pair { key: &'a str, value: &'a str, rest: &'a str },
}

fn step(text: &str) -> Result<Step<'_>, Wrong<'_>> {
    let text = text.trim_start_matches(BLANK);
    if let Some(rest) = text.strip_prefix('}') {
        return Ok(Step::End(rest));
    }
    let (key, rest) = word(text, |c| c.is_ascii_alphanumeric() || c == '_');
    if key.is_empty() || key.starts_with(|first: char| first.is_ascii_digit()) {
        return Err(("the name of a label or `}`", text));
    }
    let after = |text: &'_ str, mark: char| text.trim_start_matches(BLANK).strip_prefix(mark).map(str::len);
    let skip = |text, mark, expected| after(text, mark).and_then(|left| text.get(text.len() - left..)).ok_or((expected, text));
    let rest = skip(rest, '=', "`=` after the name of a label")?;
    let rest = skip(rest, '"', "a label's value in quotes")?;
    let (value, rest) = quoted(rest).ok_or(("a closing quote", rest))?;
    match skip(rest, ',', "`,` or `}` after a label") {
        Ok(rest) => Ok(Step::Pair { key, value, rest }),
        Err(_) if rest.trim_start_matches(BLANK).starts_with('}') => Ok(Step::Pair { key, value, rest }),
        Err(wrong) => Err(wrong),
    }
}

/// What stands before the closing quote, and what after it.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let mut is_escaped = false;
    let end = text.bytes().position(|byte| {
        let is_end = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        is_end
    })?;
    Some((text.get(..end)?, text.get(end + 1..)?))
}

impl<'a> Sample<'a> {
    /// The labels in the order in which they were written.
    pub(super) fn labels(&self) -> impl Iterator<Item = (&'a str, Cow<'a, str>)> + use<'a> {
        let mut rest = self.labels;
        std::iter::from_fn(move || {
            // The text has been read before; one without braces just ends.
            let Ok(Step::Pair { key, value, rest: next }) = step(rest) else { return None };
            rest = next;
            Some((key, unescaped(value)))
        })
    }
}

/// `\\`, `\"` and `\n` are what they stand for; a backslash before anything else is one.
fn unescaped(value: &str) -> Cow<'_, str> {
    if !value.contains('\\') {
        return Cow::Borrowed(value);
    }
    let mut plain = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match (c, chars.as_str().chars().next()) {
            ('\\', Some(next @ ('\\' | '"' | 'n'))) => {
                plain.push(if next == 'n' { '\n' } else { next });
                chars.next();
            }
            _ => plain.push(c),
        }
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Name, labels and value.
    type Line<'a> = (&'a str, &'a [(&'a str, &'a str)], f64);

    type Seen = (String, Vec<(String, String)>, f64);

    fn seen(text: &str) -> Result<Vec<Seen>, Mistake> {
        let owned = |sample: Sample<'_>| {
            let labels = sample.labels().map(|(key, value)| (key.to_owned(), value.into_owned())).collect();
            (sample.name.to_owned(), labels, sample.value)
        };
        samples(text).map(|read| read.map(owned)).collect()
    }

    #[track_caller]
    fn check(text: &str, expected: &[Line<'_>]) {
        let pairs = |labels: &[(&str, &str)]| labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let expected: Vec<Seen> = expected.iter().map(|(name, labels, value)| ((*name).to_owned(), pairs(labels), *value)).collect();
        assert_eq!(seen(text), Ok(expected), "{text}");
    }

    #[test]
    fn the_example_of_the_format_is_read() {
        let text = "# HELP http_requests_total The total number of HTTP requests.\n# TYPE http_requests_total counter\n\
            http_requests_total{method=\"post\",code=\"200\"} 1027 1395066363000\n\
            http_requests_total{method=\"post\",code=\"400\"}    3 1395066363000\n\n\
            # Escaping in label values:\n\
            msdos_file_access_time_seconds{path=\"C:\\\\DIR\\\\FILE.TXT\",error=\"Cannot find file:\\n\\\"FILE.TXT\\\"\"} 1.458255915e9\n\n\
            metric_without_timestamp_and_labels 12.47\n\
            something_weird{problem=\"division by zero\"} +Inf -3982045\n\
            http_request_duration_seconds_bucket{le=\"+Inf\"} 144320\n";
        check(
            text,
            &[
                ("http_requests_total", &[("method", "post"), ("code", "200")], 1027.0),
                ("http_requests_total", &[("method", "post"), ("code", "400")], 3.0),
                (
                    "msdos_file_access_time_seconds",
                    &[("path", "C:\\DIR\\FILE.TXT"), ("error", "Cannot find file:\n\"FILE.TXT\"")],
                    1_458_255_915.0,
                ),
                ("metric_without_timestamp_and_labels", &[], 12.47),
                ("something_weird", &[("problem", "division by zero")], f64::INFINITY),
                ("http_request_duration_seconds_bucket", &[("le", "+Inf")], 144_320.0),
            ],
        );
    }

    #[test]
    fn of_openmetrics_exemplars_and_timestamps_are_left_out_and_eof_ends() {
        let text = "# TYPE foo counter\nfoo_total 17.0 1520879607.789 # {trace_id=\"a # b\"} 1.0 1520879607\n\
            foo_bucket{le=\"0.1\"} 8 # {} 0.054\r\nfoo_created 1520430000.123\n# EOF\nnonsense of no form\n";
        check(text, &[("foo_total", &[], 17.0), ("foo_bucket", &[("le", "0.1")], 8.0), ("foo_created", &[], 1_520_430_000.123)]);
    }

    #[test]
    fn blanks_and_a_last_comma_are_allowed() {
        check("  a:b {\tx = \"1\" , y=\"}\" , }\t2  \n\n \t\n#\nz{} 3", &[("a:b", &[("x", "1"), ("y", "}")], 2.0), ("z", &[], 3.0)]);
        check("a{p=\"\\d\\\\\"} 1", &[("a", &[("p", "\\d\\")], 1.0)]);
        assert!(seen("a NaN").unwrap()[0].2.is_nan());
    }

    #[test]
    fn a_mistake_names_its_line_what_stands_there_and_what_should() {
        for (text, expected) in [
            ("a 1\n\n1a 2", "line 3: expected the name of a metric, found `1a 2`"),
            ("a", "line 1: expected a number, found the end of the line"),
            ("a one", "line 1: expected a number, found `one`"),
            ("a{b} 1", "line 1: expected `=` after the name of a label, found `} 1`"),
            ("a{b=1} 1", "line 1: expected a label's value in quotes, found `1} 1`"),
            ("a{b=\"1} 1", "line 1: expected a closing quote, found `1} 1`"),
            ("a{b=\"1\" c=\"2\"} 1", "line 1: expected `,` or `}` after a label, found ` c=\"2\"} 1`"),
            ("a{b=\"1\",", "line 1: expected the name of a label or `}`, found the end of the line"),
            ("a{\"b.c\"} 1", "line 1: expected the name of a label or `}`, found `\"b.c\"} 1`"),
            ("a 1 now", "line 1: expected a timestamp, found `now`"),
            ("a 1 2 3", "line 1: expected the end of the line, found `3`"),
            ("<html>\n<body>", "line 1: expected the name of a metric, found `<html>`"),
        ] {
            assert_eq!(seen(text).unwrap_err().to_string(), expected);
            assert_eq!(samples(text).filter(Result::is_err).count(), 1, "after a mistake there is nothing more");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,80}|([a-z:_0-9{}=\",\\\\# \t\n.+-]{0,80})") {
            let _ = seen(&text);
        }

        #[test]
        fn what_is_written_by_the_rules_is_read_back(
            name in "[a-zA-Z_:][a-zA-Z0-9_:]{0,8}",
            labels in prop::collection::vec(("[a-zA-Z_][a-zA-Z0-9_]{0,5}", "\\PC{0,8}|[\n\\\\\"n]{0,6}"), 0..4),
            value in any::<f64>().prop_filter("compared", |value| !value.is_nan()),
        ) {
            let escaped = |value: &str| value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            let written: Vec<String> = labels.iter().map(|(key, value)| format!("{key}=\"{}\"", escaped(value))).collect();
            let text = format!("{name}{{{}}} {value}\n", written.join(","));
            prop_assert_eq!(seen(&text), Ok(vec![(name, labels, value)]));
        }
    }
}
