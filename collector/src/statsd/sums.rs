//! All that was counted since the last turn, by name.

use std::collections::HashMap;

use event::{Duration, Timestamp};

use super::Settings;
use super::line::Line;
use super::series::{Series, Taken, is_value, put_stem};
use crate::Samples;

/// Values of timers and members of sets that are kept at once, of all names together.
const MAX_KEPT: usize = 1 << 20;

/// What the listener has counted since it started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Lines read.
    pub(super) lines: u64,
    /// Lines that were none, or of another type than the name had.
    pub(super) refused: u64,
    /// Lines of names beyond the most, members of sets that found no room, and values of timers that have no percentiles for
    /// want of room.
    pub(super) dropped: u64,
}

/// The series of the listener; reads no clock and no socket.
#[derive(Debug)]
pub struct Sums {
    percentiles: Vec<f64>,
    max_names: usize,
    forget: Duration,
    /// By the service without its field.
    series: HashMap<String, Series>,
    n_kept: usize,
    last: Option<Timestamp>,
    stem: String,
    pub(super) counts: Counts,
}

impl Sums {
    /// Nothing yet.
    pub fn new(settings: &Settings) -> Self {
        Self {
            percentiles: settings.percentiles.clone(),
            max_names: settings.max_names,
            forget: settings.forget,
            series: HashMap::new(),
            n_kept: 0,
            last: None,
            stem: String::new(),
            counts: Counts::default(),
        }
    }

    /// Takes a datagram: lines.
    pub fn take(&mut self, datagram: &[u8]) {
        let lines = datagram.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
        for line in lines.filter(|line| !line.is_empty()) {
            self.counts.lines += 1;
            let read = str::from_utf8(line).ok().and_then(Line::parse);
            if read.and_then(|line| self.line(&line)).is_none() {
                self.counts.refused += 1;
            }
        }
    }

    /// `None` when it is refused; then nothing of it is taken.
    fn line(&mut self, line: &Line<'_>) -> Option<()> {
        if !line.values().all(|value| is_value(line.kind, value)) {
            return None;
        }
        self.stem.clear();
        put_stem(line, &mut self.stem);
        if !self.series.contains_key(&self.stem) {
            if self.series.len() >= self.max_names {
                self.counts.dropped += 1;
                return Some(());
            }
            self.series.insert(self.stem.clone(), Series::new(&self.stem, line, &self.percentiles));
        }
        let series = self.series.get_mut(&self.stem).filter(|series| series.kind() == line.kind)?;
        for value in line.values() {
            match series.take(value, line.rate, self.n_kept < MAX_KEPT)? {
                Taken::Summed => {}
                Taken::Kept => self.n_kept += 1,
                Taken::Lost => self.counts.dropped += 1,
            }
        }
        Some(())
    }

    /// Tells of all names, and forgets those that have been silent for too long. `interval` is that between two turns.
    pub fn tell(&mut self, due: Timestamp, interval: Duration, out: &mut Samples) {
        let since = self.last.replace(due).map_or(interval, |last| due - last);
        let secs = since.max(Duration::from_micros(1)).as_secs_f64();
        let Self { series, percentiles, forget, .. } = self;
        series.retain(|_, series| {
            let is_known = series.silent(due) < *forget;
            if is_known {
                series.tell(secs, percentiles, out);
            }
            is_known
        });
        self.n_kept = self.series.values().map(Series::n_kept).sum();
    }

    /// How many names there are.
    pub(super) fn n_names(&self) -> usize {
        self.series.len()
    }
}

#[cfg(test)]
mod tests {
    use event::{Event, msg};
    use proptest::prelude::*;

    use super::*;

    fn sums(max_names: usize) -> Sums {
        let listen = "127.0.0.1:8125".parse().unwrap();
        Sums::new(&Settings { listen, percentiles: vec![50.0, 99.9], max_names, forget: Duration::from_secs(60) })
    }

    /// What a turn tells, in order of its services.
    fn turn(sums: &mut Sums, secs: i64) -> Vec<(String, f64)> {
        let mut samples = Samples::new("node1");
        let due = Timestamp::from_secs(secs);
        samples.begin(due);
        sums.tell(due, Duration::from_secs(1), &mut samples);
        let events = samples.messages().flat_map(msg::events).map(|view| Event::from(&view));
        let mut seen: Vec<_> = events.map(|event| (event.service.unwrap(), event.metric.unwrap().as_f64())).collect();
        seen.sort_by(|one, other| one.0.cmp(&other.0));
        seen
    }

    #[track_caller]
    fn check(lines: &str, expected: &[(&str, f64)]) {
        let mut sums = sums(10);
        sums.take(lines.as_bytes());
        let seen = turn(&mut sums, 100);
        let seen: Vec<(&str, f64)> = seen.iter().map(|(service, value)| (service.as_str(), *value)).collect();
        assert_eq!(seen, expected, "{lines}");
    }

    #[test]
    fn each_type_is_told_in_its_own_way() {
        check("web.hits:3|c\nweb.hits:2|c|@0.5\n", &[("web_hits/rate", 7.0), ("web_hits/value", 7.0)]);
        check("depth:10|g\ndepth:+5|g\ndepth:-1|g", &[("depth/value", 14.0)]);
        check("users:ann|s\nusers:bob|s\r\nusers:ann|s", &[("users/value", 2.0)]);
        check(
            "t:1:2:3:10|ms",
            &[
                ("t/50_percentile", 2.0),
                ("t/99.9_percentile", 10.0),
                ("t/count", 4.0),
                ("t/lower", 1.0),
                ("t/mean", 4.0),
                ("t/stddev", 12.5_f64.sqrt()),
                ("t/sum", 16.0),
                ("t/upper", 10.0),
            ],
        );
    }

    #[test]
    fn tags_make_series_of_their_own_whatever_their_order_and_spelling() {
        check("n,b=2,a=1:1|g\nn:2|g|#a:1,b:2\nn:3|g|#path:/x/y", &[("n/a=1,b=2/value", 2.0), ("n/path=/x/y/value", 3.0)]);
        let mut sums = sums(10);
        sums.take(b"n:1|g|#host:web,a:1");
        let mut samples = Samples::new("node1");
        sums.tell(Timestamp::from_secs(1), Duration::from_secs(1), &mut samples);
        let event = samples.messages().flat_map(msg::events).map(|view| Event::from(&view)).next().unwrap();
        let attributes: Vec<_> = event.attributes.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(attributes, [("metric_type", "gauge"), ("a", "1"), ("tag_host", "web")]);
        assert_eq!((event.host.as_deref(), event.marks.as_slice()), (Some("node1"), &["skep".to_owned()][..]));
    }

    #[test]
    fn counters_begin_anew_gauges_stay_and_the_silent_are_forgotten() {
        let mut sums = sums(10);
        sums.take(b"c:8|c\ng:5|g\nt:1|ms");
        turn(&mut sums, 100);
        let value = |service: &str, value: f64| (service.to_owned(), value);
        let silent = [value("c/rate", 0.0), value("c/value", 0.0), value("g/value", 5.0), value("t/count", 0.0)];
        assert_eq!(turn(&mut sums, 102), silent);
        sums.take(b"c:8|c");
        assert_eq!(turn(&mut sums, 159)[..2], [value("c/rate", 8.0 / 57.0), value("c/value", 8.0)]);
        assert_eq!(turn(&mut sums, 160), [value("c/rate", 0.0), value("c/value", 0.0)]);
        assert_eq!((turn(&mut sums, 219), sums.n_names()), (Vec::new(), 0));
    }

    #[test]
    fn what_is_refused_or_dropped_is_counted() {
        let mut sums = sums(2);
        sums.take(b"a:1|c\nb:1|c\nc:1|c\na:1|g\na:x|c\na:inf|c\nnonsense\n\xff:1|c\n\n");
        assert_eq!(sums.counts, Counts { lines: 8, refused: 5, dropped: 1 });
        assert_eq!(sums.n_names(), 2);
    }

    #[test]
    fn a_timer_of_very_many_values_loses_none() {
        let mut sums = sums(10);
        (0..50).for_each(|_| sums.take(format!("t:{}|ms", ["2"; 100].join(":")).as_bytes()));
        assert_eq!((sums.counts.dropped, sums.n_kept), (0, 1000));
        let seen = turn(&mut sums, 100);
        let count_and_sum = [&seen[2], &seen[6]].map(|(service, value)| (service.as_str(), *value));
        assert_eq!(count_and_sum, [("t/count", 5000.0), ("t/sum", 10_000.0)]);
    }

    #[test]
    fn what_finds_no_room_is_counted_where_something_is_lost() {
        let mut sums = sums(10);
        sums.take(b"old:1|ms\nset:ann|s");
        sums.n_kept = MAX_KEPT;
        sums.take(b"old:2|ms\nnew:1|ms\nset:ann|s\nset:bob|s");
        assert_eq!(sums.counts.dropped, 2, "new's percentiles, and bob");
        let seen = turn(&mut sums, 100);
        let value = |service: &str| seen.iter().find(|(found, _)| found == service).map(|(_, value)| *value);
        assert_eq!(["old/count", "new/count", "new/50_percentile", "set/value"].map(value), [Some(2.0), Some(1.0), None, Some(1.0)]);
        assert!(value("old/50_percentile").is_some());
    }

    #[test]
    fn nothing_of_a_line_that_is_refused_is_taken() {
        let mut sums = sums(10);
        sums.take(b"temp:abc|g\nsize:|h\nhits:1:x:2|c\nbig:1e999|ms");
        assert_eq!((sums.counts, sums.n_names()), (Counts { lines: 4, refused: 4, dropped: 0 }, 0));
        assert_eq!(turn(&mut sums, 100), []);
        sums.take(b"hits:1|c\nhits:5:x|c\nhits:7|g");
        assert_eq!(sums.counts.refused, 6);
        assert_eq!(turn(&mut sums, 101)[1], ("hits/value".to_owned(), 1.0));
    }

    proptest! {
        #[test]
        fn any_datagram_is_taken_and_names_stay_bounded(
            datagrams in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..80), 0..20),
            lines in prop::collection::vec("[a-f]{1,2}:[0-9e+-]{1,4}\\|(c|g|ms|s)", 0..50),
        ) {
            let mut sums = sums(5);
            datagrams.iter().for_each(|datagram| sums.take(datagram));
            lines.iter().for_each(|line| sums.take(line.as_bytes()));
            prop_assert!(sums.n_names() <= 5);
            prop_assert!(turn(&mut sums, 1).iter().all(|(_, value)| value.is_finite()));
        }
    }
}
