//! From what a program has printed to events.

use event::line;
use event::msg::Encoder;
use event::{Event, Timestamp, View};
use serde_json::Value;
use transport::points;

use super::Format;

/// Time and ttl of events that do not say theirs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Defaults {
    pub(super) time: Timestamp,
    pub(super) ttl: f32,
}

/// Events of one run; those that come after are dropped, so that a flood does not hold the sampling up.
const MAX_EVENTS: usize = 10_000;

/// Bytes that the events of one run may take before the next is dropped: each repeats the tags of its line.
const MAX_BYTES: usize = 4 << 20;

/// Characters of a mistake that are kept.
const MAX_WHY: usize = 200;

/// What was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) n_events: usize,
    /// Lines or objects that were none.
    pub(super) n_refused: usize,
    /// Events beyond the most.
    pub(super) n_dropped: usize,
    /// What is wrong with the first that was refused.
    pub(super) first: Option<String>,
}

/// The events of a run, as they are read.
struct Reading<'a> {
    defaults: Defaults,
    out: &'a mut Encoder,
    outcome: Outcome,
}

impl Reading<'_> {
    fn refuse(&mut self, why: &str) {
        self.outcome.n_refused += 1;
        self.outcome.first.get_or_insert_with(|| why.chars().take(MAX_WHY).collect());
    }

    fn put(&mut self, event: &View<'_>) {
        if self.outcome.n_events >= MAX_EVENTS || self.out.bytes().len() >= MAX_BYTES {
            self.outcome.n_dropped += 1;
            return;
        }
        self.outcome.n_events += 1;
        let Defaults { time, ttl } = self.defaults;
        self.out.event(&View { time: event.time.or(Some(time)), ttl: event.ttl.or(Some(ttl)), ..*event });
    }
}

/// Reads all of it; what is wrong does not keep the rest from being read.
pub(super) fn read(output: &[u8], format: Format, defaults: Defaults, out: &mut Encoder) -> Outcome {
    let mut reading = Reading { defaults, out, outcome: Outcome::default() };
    match format {
        Format::Influx => influx(&String::from_utf8_lossy(output), &mut reading),
        Format::Json => json(output, &mut reading),
    }
    reading.outcome
}

fn influx(text: &str, reading: &mut Reading<'_>) {
    for point in line::read(text) {
        match point {
            Ok(point) => {
                let time = point.time.map(|nanos| Timestamp::from_micros(nanos / 1000));
                points::samples(&point, time, false, &mut |sample| reading.put(sample));
            }
            Err(mistake) => reading.refuse(&mistake.to_string()),
        }
    }
}

/// Values one after the other, or one a line. After what is no JSON the next line is tried.
fn json(output: &[u8], reading: &mut Reading<'_>) {
    let (mut rest, mut line, mut n_values) = (output, 1, 0);
    loop {
        let mut values = serde_json::Deserializer::from_slice(rest).into_iter::<Value>();
        let wrong = loop {
            match values.next() {
                Some(Ok(value)) => {
                    n_values += 1;
                    put_value(value, n_values, reading);
                }
                Some(Err(error)) => break error,
                None => return,
            }
        };
        let text = wrong.to_string();
        let why = text.split(" at line ").next().unwrap_or_default();
        reading.refuse(&format!("line {}: no JSON: {why}", line + wrong.line().saturating_sub(1)));
        let begun = values.byte_offset();
        let skipped = begun + rest.get(begun..).map_or(0, |rest| rest.len() - rest.trim_ascii_start().len());
        let next = rest.iter().skip(skipped).position(|byte| *byte == b'\n').map_or(rest.len(), |at| skipped + at + 1);
        let (before, after) = rest.split_at(next);
        line += before.iter().filter(|byte| **byte == b'\n').count();
        rest = after;
    }
}

fn put_value(value: Value, nth: usize, reading: &mut Reading<'_>) {
    match value {
        Value::Array(values) => values.into_iter().enumerate().for_each(|(index, value)| put_event(value, index + 1, reading)),
        value => put_event(value, nth, reading),
    }
}

/// `nth` is its place among those beside it.
fn put_event(value: Value, nth: usize, reading: &mut Reading<'_>) {
    match transport::json::event(value) {
        Ok(event) if event.service.as_deref().is_none_or(str::is_empty) => reading.refuse(&format!("event {nth}: it has no `service`")),
        Ok(event) => {
            let event = Event { host: event.host.filter(|host| !host.is_empty()), ..event };
            event.with_view(|view| reading.put(view));
        }
        Err(why) => reading.refuse(&format!("event {nth}: {why}")),
    }
}

#[cfg(test)]
mod tests {
    use event::{Metric, msg};
    use proptest::prelude::*;

    use super::*;

    fn events(output: &[u8], format: Format) -> (Vec<Event>, Outcome) {
        let mut batch = Encoder::new();
        let outcome = read(output, format, Defaults { time: Timestamp::from_secs(100), ttl: 180.0 }, &mut batch);
        (msg::events(batch.bytes()).map(|view| Event::from(&view)).collect(), outcome)
    }

    #[test]
    fn a_line_is_a_sample_for_each_of_its_fields() {
        let line = b"raid,host=n2,state=x,disk=/dev/sda temp=31.5,ok=true,model=\"WD\" 1795540000000000000\nnonsense\n";
        let (seen, outcome) = events(line, Format::Influx);
        let services: Vec<_> = seen.iter().map(|event| event.service.as_deref().unwrap()).collect();
        assert_eq!(services, ["temp", "ok", "model"].map(|field| format!("raid/disk=%2Fdev%2Fsda,state=x/{field}")));
        assert_eq!([seen[0].metric, seen[1].metric, seen[2].metric], [Some(Metric::Float(31.5)), Some(Metric::Int(1)), None]);
        assert_eq!((seen[2].state.as_deref(), seen[0].host.as_deref()), (Some("WD"), Some("n2")));
        assert_eq!(seen[0].time, Some(Timestamp::from_secs(1_795_540_000)));
        let attributes: Vec<_> = seen[0].attributes.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!((attributes, seen[0].marks.as_slice()), (vec![("tag_state", "x"), ("disk", "/dev/sda")], &["skep".to_owned()][..]));
        assert_eq!((outcome.n_events, outcome.n_refused), (3, 1));
        assert_eq!(outcome.first.as_deref(), Some("line 2: expected the key of a field, found the end of the line"));
    }

    #[test]
    fn objects_one_a_line_or_in_an_array_are_events() {
        let text = br#"{"service":"backup","state":"ok","metric":3,"description":"fine","tags":["x"],"dc":"fra"}
            [{"service":"a","metric":1.5,"ttl":7,"host":""}, {"metric":2}, {"service":"b","time":5}] 7"#;
        let (seen, outcome) = events(text, Format::Json);
        let ttls: Vec<_> = seen.iter().map(|event| (event.service.as_deref().unwrap(), event.ttl.unwrap())).collect();
        assert_eq!(ttls, [("backup", 180.0), ("a", 7.0)]);
        assert_eq!((seen[0].attributes.len(), seen[0].marks.as_slice()), (1, &["x".to_owned()][..]));
        assert_eq!((&seen[1].host, seen[1].time), (&None, Some(Timestamp::from_secs(100))));
        assert_eq!((outcome.n_events, outcome.n_refused, outcome.first.as_deref()), (2, 3, Some("event 2: it has no `service`")));
    }

    #[test]
    fn what_is_no_json_costs_its_line_alone() {
        let text =
            b"{\n \"service\": \"a\"\n}\n{\"service\": }\n\n{\"service\":\"b\"} {\"service\":\"c\"}\nbye\n{\"service\":\"d\"}\n{\"ser";
        let (seen, outcome) = events(text, Format::Json);
        let services: Vec<_> = seen.iter().map(|event| event.service.as_deref().unwrap()).collect();
        assert_eq!(services, ["a", "b", "c", "d"]);
        assert_eq!((outcome.n_refused, outcome.first.as_deref()), (3, Some("line 4: no JSON: expected value")));
        assert_eq!(events(b" \n", Format::Json).1, Outcome::default());
    }

    #[test]
    fn a_flood_is_cut_and_counted() {
        let (seen, outcome) = events("a b=1\n".repeat(MAX_EVENTS + 5).as_bytes(), Format::Influx);
        assert_eq!((seen.len(), outcome.n_events, outcome.n_dropped), (MAX_EVENTS, MAX_EVENTS, 5));
        let long = format!("a,tag={} {}\n", "x".repeat(500_000), ["b=1"; 20].join(","));
        let (seen, outcome) = events(long.as_bytes(), Format::Influx);
        assert_eq!((seen.len(), outcome.n_dropped), (9, 11));
    }

    proptest! {
        #[test]
        fn good_lines_are_taken_whatever_stands_between_them(lines in prop::collection::vec(prop::option::of("[a-z0-9{},: \\[]{0,6}"), 0..30)) {
            let n_good = lines.iter().filter(|line| line.is_none()).count();
            let text = |good: &str| lines.iter().map(|line| line.clone().unwrap_or(good.to_owned()) + "\n").collect::<String>();
            for (format, good) in [(Format::Json, "{\"service\":\"a\",\"metric\":1}"), (Format::Influx, "a,b=c d=1")] {
                let (seen, outcome) = events(text(good).as_bytes(), format);
                prop_assert_eq!((seen.len(), outcome.n_events, outcome.n_dropped), (n_good, n_good, 0));
            }
        }

        #[test]
        fn any_bytes_are_read_or_refused(output in prop::collection::vec(any::<u8>(), 0..99), text in "[a-b=, {}\\[\\]\":1\n]{0,40}") {
            for format in [Format::Influx, Format::Json] {
                events(&output, format);
                events(text.as_bytes(), format);
            }
        }
    }
}
