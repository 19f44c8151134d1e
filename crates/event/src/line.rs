//! InfluxDB's line protocol: heads rendered once per series, adjacent fields of one device folded into one wide line.
//!
//! Line protocol has no escape for a line break, and a backslash before a delimiter would escape it; so control
//! characters become `_`, and a backslash at the end of a name becomes `/`. Nothing that a sender writes can end a line.

use crate::{Metric, Timestamp};

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
}

/// Renders `measurement,tag=value,…`, escaped, tags sorted by key, those with an empty key or value left out.
pub fn head(out: &mut Vec<u8>, measurement: &str, tags: &mut [(&str, &str)]) {
    // A line that starts with `#` is a comment.
    if measurement.starts_with('#') {
        out.push(b'\\');
    }
    name(out, measurement, b", ");
    tags.sort_unstable();
    for (key, value) in tags.iter().filter(|(key, value)| !key.is_empty() && !value.is_empty()) {
        out.push(b',');
        name(out, key, b",= ");
        out.push(b'=');
        name(out, value, b",= ");
    }
}

/// Renders a field key, escaped.
pub fn key(out: &mut Vec<u8>, field: &str) {
    name(out, field, b",= ");
}

/// Appends a name with a backslash before each of `special`.
fn name(out: &mut Vec<u8>, text: &str, special: &[u8]) {
    let start = out.len();
    for byte in text.bytes() {
        if byte.is_ascii_control() {
            out.push(b'_');
            continue;
        }
        if special.contains(&byte) {
            // A backslash that stands before a delimiter would be taken for its escape.
            if out.len() > start && out.last() == Some(&b'\\') {
                replace_last(out);
            }
            out.push(b'\\');
        }
        out.push(byte);
    }
    if out.len() > start && out.last() == Some(&b'\\') {
        replace_last(out);
    }
}

fn replace_last(out: &mut Vec<u8>) {
    out.pop();
    out.push(b'/');
}

impl Lines {
    /// Adds a field. `device` identifies `head`: while it and `time` stay the same, fields go on one line.
    pub fn field(&mut self, device: u32, head: &[u8], time: Timestamp, key: &[u8], value: Value<'_>) {
        if self.open == Some((device, time)) {
            self.buf.push(b',');
        } else {
            self.close();
            self.buf.extend_from_slice(head);
            self.buf.push(b' ');
            self.open = Some((device, time));
            self.n_lines += 1;
        }
        self.buf.extend_from_slice(key);
        self.buf.push(b'=');
        put_value(&mut self.buf, value);
    }

    fn close(&mut self) {
        let Some((_, time)) = self.open.take() else { return };
        self.buf.push(b' ');
        self.buf.extend_from_slice(itoa::Buffer::new().format(time.micros()).as_bytes());
        self.buf.push(b'\n');
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
    }
}

fn put_value(out: &mut Vec<u8>, value: Value<'_>) {
    match value {
        Value::Metric(Metric::Int(number)) => {
            out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
            out.push(b'i');
        }
        Value::Metric(Metric::Float(number)) => out.extend_from_slice(ryu::Buffer::new().format_finite(number).as_bytes()),
        Value::Text(text) => put_text(out, text),
    }
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            _ if byte.is_ascii_control() => out.push(b'_'),
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_head(measurement: &str, tags: &mut [(&str, &str)], expected: &str) {
        let mut out = Vec::new();
        head(&mut out, measurement, tags);
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn heads_are_sorted_escaped_and_hold_no_empty_tag() {
        check_head("cpu", &mut [("host", "a"), ("cpu", "cpu0")], "cpu,cpu=cpu0,host=a");
        check_head("disk", &mut [("path", "/my disk,=x"), ("label", "")], "disk,path=/my\\ disk\\,\\=x");
        check_head("#a b,c=d", &mut [], "\\#a\\ b\\,c=d");
        check_head("m\n", &mut [("k", "a\nb\r\0")], "m_,k=a_b__");
    }

    #[test]
    fn a_backslash_never_escapes_what_follows() {
        check_head("m\\", &mut [("k", "C:\\"), ("l", "a\\ b")], "m/,k=C:/,l=a/\\ b");
        check_head("m", &mut [("k", "a\\b")], "m,k=a\\b");
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
        let expected = "cpu,host=a user=1.5,n=-3i 1000000\nmem,host=a used=2.0 1000000\nmem,host=a state=\"a \\\"b\\\" \\\\ _\" 2000000\n";
        assert_eq!(String::from_utf8_lossy(lines.finish()), expected);
        lines.clear();
        assert_eq!(lines.finish(), b"");
    }
}
