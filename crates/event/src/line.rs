//! InfluxDB's line protocol: heads rendered once per series, adjacent fields of one device folded into one wide line.

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
    open: Option<(u32, Timestamp)>,
}

/// Renders `measurement,tag=value,…`, escaped, tags sorted by key, empty ones left out, control characters as `_`.
pub fn head(out: &mut Vec<u8>, measurement: &str, tags: &mut [(&str, &str)]) {
    let _ = (out, measurement, tags);
}

/// Renders a field key, escaped.
pub fn key(out: &mut Vec<u8>, field: &str) {
    let _ = (out, field);
}

impl Lines {
    /// Adds a field. `device` identifies `head`: while it and `time` stay the same, fields go on one line.
    pub fn field(&mut self, device: u32, head: &[u8], time: Timestamp, key: &[u8], value: Value<'_>) {
        let _ = (device, head, time, key, value);
    }

    /// Ends the open line and gives the whole batch.
    pub fn finish(&mut self) -> &[u8] {
        self.open = None;
        &self.buf
    }

    /// Lines so far, the open one included.
    pub fn n_lines(&self) -> usize {
        self.n_lines
    }

    /// Starts the next batch in the same memory.
    pub fn clear(&mut self) {
        self.buf.clear();
        self.n_lines = 0;
        self.open = None;
    }
}
