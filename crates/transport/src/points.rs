//! Points as line protocol brings them, and the events that they become: one for each field.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use event::line::{self, Field};
use event::{LabelsBuf, Metric, Name, Timestamp, View, mark};

use crate::instance;

/// The longest line in bytes; a longer one is refused, whatever it says.
pub const MAX_LINE: usize = 1 << 20;

/// Mistakes that are told; of further ones the number alone.
const MAX_MISTAKES: usize = 10;

/// Hands each field of a point over as a sample of `time`: its service is the point's measurement, tags and field, its
/// attributes are the tags, so that it is the same point again in InfluxDB and in the store. A truth value becomes 1 or 0.
/// With `is_late` it bears the mark of what goes to sinks and store only.
pub fn samples(point: &line::Read<'_>, time: Option<Timestamp>, is_late: bool, put: &mut dyn FnMut(&View<'_>)) {
    let (mut labels, mut host) = (LabelsBuf::new(), None);
    labels.mark(mark::SKEP);
    if is_late {
        labels.mark(mark::LATE);
    }
    let mut tags: Vec<(&str, Cow<'_, str>)> = Vec::new();
    for (key, value) in &point.tags {
        if key == "host" {
            host = Some(value.as_bytes());
            continue;
        }
        let is_taken = catalogue::RESERVED.contains(&key.as_ref());
        let name = if is_taken { Cow::Owned(format!("tag_{key}")) } else { Cow::Borrowed(key.as_ref()) };
        labels.attribute(name.as_bytes(), value.as_bytes());
        tags.push((key, Cow::Borrowed(value)));
    }
    let instance = instance("", &mut tags);
    let instance = (!instance.is_empty()).then_some(instance.as_str());
    let measurement = point.measurement.replace('/', "_");
    for (key, value) in &point.fields {
        let service = Name { measurement: &measurement, instance, field: &key.replace('/', "_") }.to_string();
        let (metric, state) = match value {
            Field::Int(number) => (Some(Metric::Int(*number)), None),
            Field::Unsigned(number) => (Some(Metric::Int(i64::try_from(*number).unwrap_or(i64::MAX))), None),
            Field::Float(number) => (Metric::float(*number), None),
            Field::Bool(flag) => (Some(Metric::Int(i64::from(*flag))), None),
            Field::Text(found) => (None, Some(found.as_bytes())),
        };
        put(&View { service: Some(service.as_bytes()), host, metric, state, labels: labels.view(), time, ..View::default() });
    }
}

/// Nanoseconds of a `precision` as InfluxDB 1 and 2 spell them; `None` for anything else.
pub fn precision(name: &str) -> Option<i64> {
    Some(match name {
        "" | "n" | "ns" => 1,
        "u" | "us" | "µ" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    })
}

/// What came of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Points that were handed over.
    pub n_points: u64,
    /// Lines that were none.
    pub n_refused: u64,
    /// What is wrong with the first of them, each with its line.
    pub mistakes: Vec<String>,
}

/// Reads line protocol that comes in pieces.
#[derive(Debug)]
pub struct Reader {
    /// Nanoseconds of one unit of the times.
    unit: i64,
    /// The time of points that do not say theirs.
    now: Timestamp,
    is_late: bool,
    /// The beginning of a line whose end has not come.
    rest: Vec<u8>,
    /// Lines before it.
    n_lines: usize,
    /// Whether the rest of a line that is too long is being passed over.
    is_skipping: bool,
    outcome: Outcome,
}

impl Reader {
    /// `unit` is that of [`precision`]; `now` is the time of points without one; `is_late` as in [`samples`].
    pub fn new(unit: i64, now: Timestamp, is_late: bool) -> Self {
        let (rest, outcome) = (Vec::new(), Outcome::default());
        Self { unit, now, is_late, rest, n_lines: 0, is_skipping: false, outcome }
    }

    /// Takes a piece and hands over the samples of all lines that end in it.
    pub fn feed(&mut self, piece: &[u8], put: &mut dyn FnMut(&View<'_>)) {
        let complete = piece.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let (lines, begun) = piece.split_at(complete);
        if !lines.is_empty() {
            let mut whole = std::mem::take(&mut self.rest);
            whole.extend_from_slice(lines);
            self.lines(&whole, put);
            whole.clear();
            self.rest = whole;
        }
        if self.rest.len() + begun.len() > MAX_LINE {
            self.too_long();
        }
        if !self.is_skipping {
            self.rest.extend_from_slice(begun);
        }
    }

    /// The text has ended.
    pub fn finish(mut self, put: &mut dyn FnMut(&View<'_>)) -> Outcome {
        let rest = std::mem::take(&mut self.rest);
        if !rest.is_empty() {
            self.lines(&rest, put);
        }
        self.outcome
    }

    /// What came so far.
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    fn too_long(&mut self) {
        if !self.is_skipping {
            self.refuse(format!("line {}: it has more than {MAX_LINE} bytes", self.n_lines + 1));
        }
        self.is_skipping = true;
        self.rest.clear();
    }

    fn refuse(&mut self, mistake: String) {
        self.outcome.n_refused += 1;
        if self.outcome.mistakes.len() < MAX_MISTAKES {
            self.outcome.mistakes.push(mistake);
        }
    }

    fn lines(&mut self, lines: &[u8], put: &mut dyn FnMut(&View<'_>)) {
        let mut lines = lines;
        if std::mem::take(&mut self.is_skipping) {
            let end = lines.iter().position(|byte| *byte == b'\n').map_or(lines.len(), |at| at + 1);
            lines = lines.get(end..).unwrap_or_default();
            self.n_lines += 1;
        }
        let text = String::from_utf8_lossy(lines);
        for read in line::read(&text) {
            match read {
                Ok(point) => match self.time(&point) {
                    Some(time) => {
                        self.outcome.n_points += 1;
                        samples(&point, Some(time), self.is_late, put);
                    }
                    None => {
                        self.refuse(format!("the time {} of a point of `{}` is out of range", point.time.unwrap_or(0), point.measurement))
                    }
                },
                Err(mistake) => {
                    let mistake = line::Mistake { line: mistake.line + self.n_lines, ..mistake };
                    self.refuse(mistake.to_string());
                }
            }
        }
        self.n_lines += lines.iter().filter(|byte| **byte == b'\n').count();
    }

    /// `None` where it cannot be told in nanoseconds.
    fn time(&self, point: &line::Read<'_>) -> Option<Timestamp> {
        match point.time {
            None => Some(self.now),
            Some(time) => time.checked_mul(self.unit).map(|nanos| Timestamp::from_micros(nanos.div_euclid(1000))),
        }
    }
}
