//! Reads InfluxDB's line protocol: one point a line, borrowed from the text.

use std::borrow::Cow;

/// A point as it stands in its line.
#[derive(Clone, Debug, PartialEq)]
pub struct Read<'a> {
    /// Never empty.
    pub measurement: Cow<'a, str>,
    /// In the order in which they were written; no key or value is empty.
    pub tags: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    /// At least one; no key is empty.
    pub fields: Vec<(Cow<'a, str>, Field<'a>)>,
    /// The number at the end: nanoseconds since 1970, unless the sender says otherwise.
    pub time: Option<i64>,
}

/// The value of a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Field<'a> {
    /// `12i`.
    Int(i64),
    /// `12u`.
    Unsigned(u64),
    /// `12` or `1.2e1`; finite.
    Float(f64),
    /// `t`, `true`, `f`, `false`.
    Bool(bool),
    /// In double quotes.
    Text(Cow<'a, str>),
}

/// Why a line is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Counted from 1.
    pub line: usize,
    /// What would be right there.
    pub expected: &'static str,
    /// The rest of the line from there on, cut; empty at its end.
    pub found: String,
}

impl std::fmt::Display for Mistake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { line, expected, found } = self;
        match found.as_str() {
            "" => write!(f, "line {line}: expected {expected}, found the end of the line"),
            found => write!(f, "line {line}: expected {expected}, found `{found}`"),
        }
    }
}

/// Characters of a wrong line that are shown.
const SHOWN: usize = 40;

/// The points of a text; empty lines and comments are passed over. A line that is wrong does not concern the others. A text
/// within quotes holds no line break: it would be read as the end of its line.
pub fn read(text: &str) -> impl Iterator<Item = Result<Read<'_>, Mistake>> {
    text.split('\n').enumerate().filter_map(|(index, line)| {
        let line = line.strip_suffix('\r').unwrap_or(line).trim_start_matches(' ');
        let wrong = |(expected, found): Wrong<'_>| Mistake { line: index + 1, expected, found: found.chars().take(SHOWN).collect() };
        (!line.is_empty() && !line.starts_with('#')).then(|| point(line).map_err(wrong))
    })
}

/// What is expected, and the text that stands there.
type Wrong<'a> = (&'static str, &'a str);

fn point(line: &str) -> Result<Read<'_>, Wrong<'_>> {
    let (measurement, mut rest) = until(line, &[',', ' ']);
    if measurement.is_empty() {
        return Err(("a measurement", line));
    }
    let mut read = Read { measurement: plain(measurement), tags: Vec::new(), fields: Vec::new(), time: None };
    while let Some(tag) = rest.strip_prefix(',') {
        let (key, after) = key(tag, "the key of a tag")?;
        let (value, next) = until(after, &[',', ' ', '=']);
        if value.is_empty() || next.starts_with('=') {
            return Err(("the value of a tag", after));
        }
        read.tags.push((plain(key), plain(value)));
        rest = next;
    }
    rest = rest.trim_start_matches(' ');
    loop {
        let (key, after) = key(rest, "the key of a field")?;
        let (value, next) = value(after).ok_or(("the value of a field", after))?;
        read.fields.push((plain(key), value));
        match next.strip_prefix(',') {
            Some(next) => rest = next,
            None => {
                rest = next;
                break;
            }
        }
    }
    let time = rest.trim_matches(' ');
    if !time.is_empty() {
        read.time = Some(time.parse().map_err(|_| ("a time, a whole number", time))?);
    }
    Ok(read)
}

/// A key, and what follows its `=`.
fn key<'a>(text: &'a str, expected: &'static str) -> Result<(&'a str, &'a str), Wrong<'a>> {
    let (key, rest) = until(text, &[',', ' ', '=']);
    match rest.strip_prefix('=') {
        Some(rest) if !key.is_empty() => Ok((key, rest)),
        _ => Err((expected, text)),
    }
}

/// What stands before the first of `ends` that no backslash stands before, and the rest from there on.
fn until<'a>(text: &'a str, ends: &[char]) -> (&'a str, &'a str) {
    let mut before = ' ';
    let at = text.find(|c| {
        let is_end = ends.contains(&c) && before != '\\';
        before = c;
        is_end
    });
    text.split_at(at.unwrap_or(text.len()))
}

/// A name without its escapes; a backslash before anything but a delimiter is one.
fn plain(name: &str) -> Cow<'_, str> {
    unescape(name, super::KEY)
}

fn unescape<'a>(text: &'a str, special: &[char]) -> Cow<'a, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match chars.as_str().chars().next().filter(|next| c == '\\' && special.contains(next)) {
            Some(next) => {
                plain.push(next);
                chars.next();
            }
            None => plain.push(c),
        }
    }
    Cow::Owned(plain)
}

/// A value, and what follows it.
fn value(text: &str) -> Option<(Field<'_>, &str)> {
    if let Some(inside) = text.strip_prefix('"') {
        let mut is_escaped = false;
        let end = inside.bytes().position(|byte| {
            let is_end = byte == b'"' && !is_escaped;
            is_escaped = byte == b'\\' && !is_escaped;
            is_end
        })?;
        let rest = inside.get(end + 1..).filter(|rest| rest.is_empty() || rest.starts_with([',', ' ']))?;
        return Some((Field::Text(unescape(inside.get(..end)?, &['"', '\\'])), rest));
    }
    let (word, rest) = until(text, &[',', ' ']);
    let value = match word {
        "t" | "T" | "true" | "True" | "TRUE" => Field::Bool(true),
        "f" | "F" | "false" | "False" | "FALSE" => Field::Bool(false),
        _ => match (word.strip_suffix('i'), word.strip_suffix('u')) {
            (Some(number), _) => Field::Int(number.parse().ok()?),
            (_, Some(number)) => Field::Unsigned(number.parse().ok()?),
            _ => Field::Float(word.parse().ok().filter(|number: &f64| number.is_finite())?),
        },
    };
    Some((value, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::line::{Lines, Value, head, key};
    use crate::{Metric, Timestamp};

    fn one(line: &str) -> Read<'_> {
        read(line).next().unwrap().unwrap()
    }

    #[test]
    fn a_line_has_tags_fields_of_all_types_and_a_time() {
        let read = one(r#"my\ disk,path=/a\ b\,c\=d,host=n1 used=12i,max=3u,load=1.5e1,ok=T,why="a \"b\" \\ \c, =" 1465839830100400200"#);
        let text = |text: &'static str| Cow::Borrowed(text);
        assert_eq!(read.measurement, "my disk");
        assert_eq!(read.tags, [(text("path"), text("/a b,c=d")), (text("host"), text("n1"))]);
        let fields = [
            (text("used"), Field::Int(12)),
            (text("max"), Field::Unsigned(3)),
            (text("load"), Field::Float(15.0)),
            (text("ok"), Field::Bool(true)),
            (text("why"), Field::Text(text("a \"b\" \\ \\c, ="))),
        ];
        assert_eq!((read.fields.as_slice(), read.time), (&fields[..], Some(1_465_839_830_100_400_200)));
    }

    #[test]
    fn a_line_without_tags_and_time_is_one_and_comments_are_none() {
        let read = one("# help\n\n  cpu  idle=7 \r\n");
        assert_eq!((read.measurement.as_ref(), read.tags.len(), read.time), ("cpu", 0, None));
        assert_eq!(read.fields, [(Cow::Borrowed("idle"), Field::Float(7.0))]);
    }

    #[test]
    fn a_wrong_line_says_where_and_the_others_are_read() {
        for (line, expected) in [
            ("cpu", "line 2: expected the key of a field, found the end of the line"),
            (",a=b x=1", "line 2: expected a measurement, found `,a=b x=1`"),
            ("cpu,a x=1", "line 2: expected the key of a tag, found `a x=1`"),
            ("cpu,a= x=1", "line 2: expected the value of a tag, found ` x=1`"),
            ("cpu x", "line 2: expected the key of a field, found `x`"),
            ("cpu x=", "line 2: expected the value of a field, found the end of the line"),
            ("cpu x=1,", "line 2: expected the key of a field, found the end of the line"),
            ("cpu x=NaN", "line 2: expected the value of a field, found `NaN`"),
            ("cpu x=99999999999999999999i", "line 2: expected the value of a field, found `99999999999999999999i`"),
            ("cpu x=\"a", "line 2: expected the value of a field, found `\"a`"),
            ("cpu x=1 soon", "line 2: expected a time, a whole number, found `soon`"),
        ] {
            let text = format!("good x=1\n{line}\ngood x=2");
            let all: Vec<_> = read(&text).collect();
            assert_eq!(all[1].as_ref().unwrap_err().to_string(), expected);
            assert!(all[0].is_ok() && all[2].is_ok());
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,80}|[a-c,= \\\\\"\n0-9iut.#-]{0,60}") {
            read(&text).for_each(drop);
        }

        #[test]
        fn what_is_written_is_read_back(
            measurement in "[a-z ,=]{1,8}", tag in "[a-zß ,=]{1,8}", field in "[a-z ,=\"]{1,8}",
            int: i64, float in any::<f64>().prop_filter("metrics are finite", |float| float.is_finite()),
            text in "[a-z \"\\\\,=ß]{0,12}", micros: i64,
        ) {
            let (mut start, mut name) = (Vec::new(), Vec::new());
            head(&mut start, &measurement, &[("k", &tag)]);
            key(&mut name, &field);
            let mut lines = Lines::default();
            let time = Timestamp::from_micros(micros);
            lines.field(1, &start, time, &name, Value::Metric(Metric::Int(int)));
            lines.field(1, &start, time, b"0", Value::Metric(Metric::Float(float)));
            lines.field(1, &start, time, b"1", Value::Text(&text));
            let line = String::from_utf8(lines.finish().to_vec()).unwrap();
            let read = one(&line);
            prop_assert_eq!(read.measurement.as_ref(), measurement.as_str());
            prop_assert_eq!(&read.tags[0].1, tag.as_str());
            prop_assert_eq!(&read.fields[0], &(Cow::Borrowed(field.as_str()), Field::Int(int)));
            prop_assert_eq!(&read.fields[1].1, &Field::Float(float));
            prop_assert_eq!(&read.fields[2].1, &Field::Text(Cow::Borrowed(text.as_str())));
            prop_assert_eq!(read.time, Some(micros));
        }
    }
}
