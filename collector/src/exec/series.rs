//! What is told of each run of a program, beside what it has printed.

use event::msg::Encoder;
use event::{Duration, LabelsBuf, Metric, Name, Timestamp, View, mark};

use super::Settings;
use super::program::{End, Run};
use crate::Samples;

/// Fields of the measurement `exec`.
const FIELDS: [&str; 3] = ["exit_code", "duration_seconds", "events"];

/// The longest description, in bytes.
const MAX_SAID: usize = 512;

/// The series of one program.
#[derive(Debug)]
pub(super) struct Series {
    labels: LabelsBuf,
    services: [String; 3],
    ttl: f32,
}

impl Series {
    pub(super) fn new(settings: &Settings) -> Self {
        let mut labels = LabelsBuf::new();
        labels.mark(mark::SKEP).attribute(b"name", settings.name.as_bytes());
        let services = FIELDS.map(|field| Name::of("exec", &settings.name, field).to_string());
        Self { labels, services, ttl: Samples::ttl(settings.every) }
    }

    /// Seconds for which what it prints holds.
    pub(super) fn ttl(&self) -> f32 {
        self.ttl
    }

    /// Tells of a run.
    pub(super) fn tell(&self, run: &Run, took: Duration, n_events: usize, time: Timestamp, out: &mut Encoder) {
        let is_good = run.end == End::Code(0);
        let said = run.description().unwrap_or_default();
        let said = said.get(..said.floor_char_boundary(MAX_SAID)).unwrap_or_default();
        let values = [Metric::Int(run.end.code()), Metric::Float(took.as_secs_f64()), Metric::Int(n_events as i64)];
        for (index, (service, metric)) in self.services.iter().zip(values).enumerate() {
            out.event(&View {
                service: Some(service.as_bytes()),
                metric: Some(metric),
                state: (index == 0).then_some(if is_good { &b"ok"[..] } else { b"critical" }),
                description: (index == 0 && !is_good && !said.is_empty()).then_some(said.as_bytes()),
                labels: self.labels.view(),
                time: Some(time),
                ttl: Some(self.ttl),
                ..View::default()
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use event::{Event, msg};

    use super::super::Format;
    use super::*;

    #[test]
    fn a_run_that_failed_is_critical_and_has_its_own_words() {
        let settings = Settings {
            name: "raid".to_owned(),
            command: vec!["check".to_owned()],
            environment: Vec::new(),
            every: Duration::from_secs(60),
            timeout: Duration::from_secs(10),
            format: Format::Influx,
        };
        let series = Series::new(&settings);
        let told = |end, line: &str| {
            let mut batch = Encoder::new();
            let run = Run { end, output: Vec::new(), line: line.to_owned() };
            series.tell(&run, Duration::from_micros(1_500_000), 7, Timestamp::from_secs(100), &mut batch);
            msg::events(batch.bytes()).map(|view| Event::from(&view)).collect::<Vec<_>>()
        };
        let expected = Event {
            service: Some("exec/raid/exit_code".to_owned()),
            metric: Some(Metric::Int(2)),
            state: Some("critical".to_owned()),
            description: Some("sdb is missing".to_owned()),
            time: Some(Timestamp::from_secs(100)),
            ttl: Some(180.0),
            marks: vec!["skep".to_owned()],
            attributes: vec![("name".to_owned(), "raid".to_owned())],
            ..Event::default()
        };
        let seen = told(End::Code(2), "sdb is missing");
        assert_eq!(seen[0], expected);
        assert_eq!((seen[1].metric, seen[2].metric), (Some(Metric::Float(1.5)), Some(Metric::Int(7))));
        let good = told(End::Code(0), "sdb is slow");
        assert_eq!((good[0].state.as_deref(), good[0].description.as_deref(), good[0].metric), (Some("ok"), None, Some(Metric::Int(0))));
        let long = told(End::Code(1), &"ä".repeat(999));
        assert_eq!(long[0].description.as_deref().map(str::len), Some(MAX_SAID));
    }
}
