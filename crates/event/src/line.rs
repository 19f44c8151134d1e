//! InfluxDB's line protocol: heads rendered once per series, adjacent fields of one device folded into one wide line.
//!
//! Line protocol has no escape for a line break, and a backslash before a delimiter would escape it. So in names control
//! characters become `_`, and a backslash at the end or before a delimiter becomes `/`; in texts control characters become
//! spaces. Nothing that a sender writes can end a line, or a name.

mod read;

use std::borrow::Cow;
use std::ops::Range;

use crate::{Metric, Timestamp};

pub use read::{Field, Mistake, Read, read};

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// A number; whole ones get the `i`.
    Metric(Metric),
    /// A quoted string.
    Text(&'a str),
}

/// A batch of lines, microsecond timestamps, in a buffer that is kept between batches.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    buf: Vec<u8>,
    n_lines: usize,
    /// The line that further fields may join.
    open: Option<(u32, Timestamp)>,
    /// Where the keys of the open line's fields stand in `buf`.
    keys: Vec<Range<usize>>,
    /// One bit for each of them, so that most new keys need no look at the others.
    seen: u64,
}

/// The longest measurement, tag key, tag value or field key in bytes; the rest is cut off. InfluxDB takes 64 KiB for all
/// names of a series together.
pub const MAX_NAME: usize = 900;

/// The most tags of a series; those further back in the order of their keys are left out.
pub const MAX_TAGS: usize = 16;

/// The longest text field in bytes; the rest is cut off. InfluxDB takes 64 KiB.
pub const MAX_TEXT: usize = 32 << 10;

/// Renders `measurement,tag=value,…`, escaped, tags sorted by key, those with an empty key or value left out, and of
/// those with the same key all but the first.
pub fn head(out: &mut Vec<u8>, measurement: &str, tags: &[(&str, &str)]) {
    let measurement = clean(measurement);
    // A line that starts with `#` is a comment, and there is no escape for it.
    match measurement.strip_prefix('#') {
        Some(rest) => {
            out.push(b'_');
            escape(out, rest, MEASUREMENT);
        }
        None => escape(out, &measurement, MEASUREMENT),
    }
    let mut tags: Vec<_> =
        tags.iter().filter(|(key, value)| !key.is_empty() && !value.is_empty()).map(|(key, value)| (clean(key), value)).collect();
    tags.sort_by(|(one, _), (other, _)| one.cmp(other));
    tags.dedup_by(|(next, _), (kept, _)| next == kept);
    for (key, value) in tags.iter().take(MAX_TAGS) {
        out.push(b',');
        escape(out, key, KEY);
        out.push(b'=');
        escape(out, &clean(value), KEY);
    }
}

/// Renders a field key, escaped.
pub fn key(out: &mut Vec<u8>, field: &str) {
    escape(out, &clean(field), KEY);
}

/// What has to be escaped in a measurement.
const MEASUREMENT: &[char] = &[',', ' '];

/// What has to be escaped in tag keys, tag values and field keys.
const KEY: &[char] = &[',', '=', ' '];

/// Replaces what cannot be written: control characters, and a backslash that would escape what follows it.
fn clean(name: &str) -> Cow<'_, str> {
    let name = cut(name, MAX_NAME);
    if !name.contains(|char: char| char.is_ascii_control() || char == '\\') {
        return Cow::Borrowed(name);
    }
    let mut cleaned = String::with_capacity(name.len());
    let mut chars = name.chars().peekable();
    while let Some(char) = chars.next() {
        let escapes = char == '\\' && chars.peek().is_none_or(|next| KEY.contains(next));
        cleaned.push(if escapes {
            '/'
        } else if char.is_ascii_control() {
            '_'
        } else {
            char
        });
    }
    Cow::Owned(cleaned)
}

/// The longest start of a text that has no more than so many bytes and no half character.
fn cut(text: &str, max: usize) -> &str {
    text.get(..text.floor_char_boundary(max)).unwrap_or(text)
}

/// Appends a clean name with a backslash before each of `special`.
fn escape(out: &mut Vec<u8>, name: &str, special: &[char]) {
    for byte in name.bytes() {
        if special.contains(&char::from(byte)) {
            out.push(b'\\');
        }
        out.push(byte);
    }
}

impl Lines {
    /// Adds a field. `device` identifies `head`: while it and `time` stay the same, fields go on one line. A key that the
    /// line has already begins the next one, so that of two values for one time the last counts, as it does in InfluxDB.
    pub fn field(&mut self, device: u32, head: &[u8], time: Timestamp, key: &[u8], value: Value<'_>) {
        if self.open == Some((device, time)) && !self.has(key) {
            self.buf.push(b',');
        } else {
            self.close();
            self.buf.extend_from_slice(head);
            self.buf.push(b' ');
            self.open = Some((device, time));
            self.n_lines += 1;
        }
        let from = self.buf.len();
        self.buf.extend_from_slice(key);
        self.keys.push(from..self.buf.len());
        self.seen |= bit(key);
        self.buf.push(b'=');
        put_value(&mut self.buf, value);
    }

    fn has(&self, key: &[u8]) -> bool {
        self.seen & bit(key) != 0 && self.keys.iter().any(|place| self.buf.get(place.clone()) == Some(key))
    }

    fn close(&mut self) {
        let Some((_, time)) = self.open.take() else { return };
        self.buf.push(b' ');
        self.buf.extend_from_slice(itoa::Buffer::new().format(time.micros()).as_bytes());
        self.buf.push(b'\n');
        self.keys.clear();
        self.seen = 0;
    }

    /// Ends the open line and gives the whole batch.
    pub fn finish(&mut self) -> &[u8] {
        self.close();
        &self.buf
    }

    /// Lines so far, the open one included.
    pub fn n_lines(&self) -> usize {
        self.n_lines
    }

    /// Bytes so far, those of the open line included.
    pub fn n_bytes(&self) -> usize {
        self.buf.len()
    }

    /// Starts the next batch in the same memory.
    pub fn clear(&mut self) {
        self.buf.clear();
        self.n_lines = 0;
        self.open = None;
        self.keys.clear();
        self.seen = 0;
    }
}

/// A key's bit of [`Lines::seen`]: from its length and its last bytes, in which the fields of a measurement differ.
fn bit(key: &[u8]) -> u64 {
    let ends = key.iter().rev().take(3).fold(key.len(), |mix, byte| mix.wrapping_mul(31).wrapping_add(usize::from(*byte)));
    1 << (ends & 63)
}

fn put_value(out: &mut Vec<u8>, value: Value<'_>) {
    match value {
        Value::Metric(Metric::Int(number)) => {
            out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
            out.push(b'i');
        }
        Value::Metric(Metric::Float(number)) => put_float(out, number),
        Value::Text(text) => put_text(out, text),
    }
}

/// Whole numbers and those with up to three decimals, which most are, are written as such; that is several times as fast as
/// looking for the shortest text that reads back as the same number.
fn put_float(out: &mut Vec<u8>, number: f64) {
    let scaled = number * 1e3;
    let thousandths = (scaled + 0.5f64.copysign(scaled)) as i64;
    // Fifteen digits and a correctly rounded division: the text reads back as the number.
    if scaled.abs() >= 1e15 || thousandths as f64 / 1e3 != number {
        return out.extend_from_slice(ryu::Buffer::new().format_finite(number).as_bytes());
    }
    if thousandths < 0 {
        out.push(b'-');
    }
    let (whole, rest) = (thousandths.unsigned_abs() / 1000, thousandths.unsigned_abs() % 1000);
    out.extend_from_slice(itoa::Buffer::new().format(whole).as_bytes());
    let digit = |unit: u64| b'0' + (rest / unit % 10) as u8;
    let text = [b'.', digit(100), digit(10), digit(1)];
    let len = if rest % 10 != 0 {
        4
    } else if rest % 100 != 0 {
        3
    } else {
        2
    };
    out.extend_from_slice(text.get(..len).unwrap_or(&text));
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    for byte in cut(text, MAX_TEXT).bytes() {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            _ if byte.is_ascii_control() => out.push(b' '),
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_head(measurement: &str, tags: &[(&str, &str)], expected: &str) {
        let mut out = Vec::new();
        head(&mut out, measurement, tags);
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn heads_are_sorted_escaped_and_hold_no_empty_tag() {
        check_head("cpu", &[("host", "a"), ("cpu", "cpu0")], "cpu,cpu=cpu0,host=a");
        check_head("disk", &[("path", "/my disk,=x"), ("label", "")], "disk,path=/my\\ disk\\,\\=x");
        check_head("#a b,c=d", &[], "_a\\ b\\,c=d");
        check_head("m\n", &[("k", "a\nb\r\0")], "m_,k=a_b__");
    }

    #[test]
    fn a_backslash_never_escapes_what_follows() {
        check_head("m\\", &[("k", "C:\\"), ("l", "a\\ b")], "m/,k=C:/,l=a/\\ b");
        check_head("m", &[("k", "a\\b")], "m,k=a\\b");
    }

    #[test]
    fn adjacent_fields_of_one_device_share_a_line() {
        let mut lines = Lines::default();
        let at = Timestamp::from_secs;
        lines.field(1, b"cpu,host=a", at(1), b"user", Value::Metric(Metric::Float(1.5)));
        lines.field(1, b"cpu,host=a", at(1), b"n", Value::Metric(Metric::Int(-3)));
        lines.field(2, b"mem,host=a", at(1), b"used", Value::Metric(Metric::Float(2.0)));
        lines.field(2, b"mem,host=a", at(2), b"state", Value::Text("a \"b\" \\ \n"));
        assert_eq!(lines.n_lines(), 3);
        let expected = "cpu,host=a user=1.5,n=-3i 1000000\nmem,host=a used=2.0 1000000\nmem,host=a state=\"a \\\"b\\\" \\\\  \" 2000000\n";
        assert_eq!(String::from_utf8_lossy(lines.finish()), expected);
        lines.clear();
        assert_eq!(lines.finish(), b"");
    }

    #[test]
    fn a_key_comes_once_in_a_line() {
        let mut lines = Lines::default();
        for (key, number) in [("value", 1), ("state", 2), ("value", 3), ("level", 4)] {
            lines.field(1, b"load", Timestamp::from_secs(1), key.as_bytes(), Value::Metric(Metric::Int(number)));
        }
        assert_eq!(String::from_utf8_lossy(lines.finish()), "load value=1i,state=2i 1000000\nload value=3i,level=4i 1000000\n");
    }

    #[test]
    fn of_tags_with_one_key_the_first_counts() {
        check_head("m", &[("host", "mine"), ("a", "1"), ("host", "theirs"), ("host\n", "x"), ("host_", "y")], "m,a=1,host=mine,host_=x");
    }

    #[test]
    fn no_name_is_longer_than_a_server_takes() {
        let long = "é".repeat(MAX_NAME);
        let keys: Vec<String> = (0..99).map(|number| format!("{number}{long}")).collect();
        let tags: Vec<(&str, &str)> = keys.iter().map(|key| (key.as_str(), long.as_str())).collect();
        let mut out = Vec::new();
        head(&mut out, &long, &tags);
        assert!(out.len() < 1 << 16, "{}", out.len());
        assert_eq!(String::from_utf8(out).unwrap().matches('=').count(), MAX_TAGS);
    }

    #[test]
    fn floats_stay_floats() {
        let floats = [
            (1.0, "1.0"),
            (-0.0, "0.0"),
            (-1.5, "-1.5"),
            (-0.001, "-0.001"),
            (0.1, "0.1"),
            (97.25, "97.25"),
            (12.003, "12.003"),
            (12.34, "12.34"),
            (0.0004, "0.0004"),
            (0.30000000000000004, "0.30000000000000004"),
            (1e300, "1e300"),
            (1e16, "1e16"),
            (5e-324, "5e-324"),
            (999_999_999_999.999, "999999999999.999"),
            (4_294_967_296.0, "4294967296.0"),
        ];
        for (number, text) in floats {
            let mut out = Vec::new();
            put_value(&mut out, Value::Metric(Metric::Float(number)));
            assert_eq!(String::from_utf8_lossy(&out), text);
        }
    }
}
