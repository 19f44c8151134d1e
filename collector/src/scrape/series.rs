//! From the text of one scrape to events. The texts of a series are built when it is first seen, and kept while it is there.

use std::borrow::Cow;
use std::collections::HashMap;

use event::msg::Encoder;
use event::{Duration, LabelsBuf, Metric, Name, Timestamp, View, mark};

use super::Target;
use transport::instance;

use super::text::{Mistake, Sample, samples};
use crate::Samples;

/// Telegraf's measurement for whatever Prometheus' endpoints tell.
const MEASUREMENT: &str = "prometheus";

/// A longer series, name and labels as they are written, is dropped.
const MAX_SERIES_BYTES: usize = 4096;

/// A series of more labels is dropped.
const MAX_LABELS: usize = 64;

/// What is told of each scrape itself; Prometheus' names.
const OWN: [&str; 4] = ["up", "scrape_duration_seconds", "scrape_samples_scraped", "scrape_samples_post_metric_relabeling"];

/// The series of one target.
#[derive(Debug)]
pub(super) struct Known {
    target: Target,
    /// By name and labels as they are written.
    series: HashMap<String, Series>,
    own: [Series; 4],
    n_scrapes: u64,
}

#[derive(Debug)]
struct Series {
    service: String,
    labels: LabelsBuf,
    /// The last scrape that had it.
    scrape: u64,
    /// The last scrape that had it told.
    told: u64,
}

/// What became of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// Samples in the text.
    pub(super) scraped: usize,
    /// Samples that the lists of the target want.
    pub(super) wanted: usize,
    /// Of these, samples that were not told.
    pub(super) dropped: usize,
}

/// How a scrape went.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Outcome {
    pub(super) is_up: bool,
    pub(super) took: Duration,
    pub(super) told: Told,
}

impl Known {
    /// None yet.
    pub(super) fn new(target: Target) -> Self {
        let own = OWN.map(|name| Series::new(&target, name, &mut Vec::new()));
        Self { target, series: HashMap::new(), own, n_scrapes: 0 }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.series.len()
    }

    /// Writes the samples of a text as events of this time; `room` series may be known at the end. Values that are no
    /// numbers are left out. Series that the text no longer has are forgotten.
    ///
    /// # Errors
    /// The first mistake of the text; then what was written is only a part.
    pub(super) fn tell(&mut self, text: &str, room: usize, time: Timestamp, out: &mut Encoder) -> Result<Told, Mistake> {
        self.n_scrapes += 1;
        let (room, ttl) = (room.min(self.target.terms.max_series), self.ttl());
        let (mut told, mut n_seen, mut last) = (Told::default(), 0, ("", false));
        let mut may_forget = true;
        for sample in samples(text) {
            let sample = sample?;
            told.scraped += 1;
            // The samples of a metric stand together, so the lists are asked once for each.
            if sample.name != last.0 {
                last = (sample.name, self.target.terms.metrics.wants_text(sample.name));
            }
            if !last.1 {
                continue;
            }
            told.wanted += 1;
            if may_forget && self.series.len() >= room && !self.series.contains_key(sample.series) {
                // Those that are gone must not keep new ones out; once is enough, as the text stays the same.
                self.forget_gone(text)?;
                may_forget = false;
            }
            match self.series(&sample, room) {
                None => told.dropped += 1,
                Some(series) => {
                    n_seen += 1;
                    if let Some(metric) = Metric::float(sample.value) {
                        out.event(&series.view(metric, time, ttl));
                    }
                }
            }
        }
        if n_seen < self.series.len() {
            self.forget_unmarked();
        }
        Ok(told)
    }

    /// Forgets what a text does not have.
    fn forget_gone(&mut self, text: &str) -> Result<(), Mistake> {
        for sample in samples(text) {
            if let Some(series) = self.series.get_mut(sample?.series) {
                series.scrape = self.n_scrapes;
            }
        }
        self.forget_unmarked();
        Ok(())
    }

    fn forget_unmarked(&mut self) {
        let current = self.n_scrapes;
        self.series.retain(|_, series| series.scrape == current);
    }

    /// The series of a sample; `None` when it may not be told, or was there before in this scrape.
    fn series(&mut self, sample: &Sample<'_>, room: usize) -> Option<&Series> {
        if !self.series.contains_key(sample.series) {
            let has_room = self.series.len() < room && sample.series.len() <= MAX_SERIES_BYTES;
            let mut labels: Vec<_> = sample.labels().take(MAX_LABELS + 1).filter(|(_, value)| !value.is_empty()).collect();
            if !has_room || labels.len() > MAX_LABELS {
                return None;
            }
            let name = if labels.is_empty() { apart(sample.name) } else { Cow::Borrowed(sample.name) };
            self.series.insert(sample.series.to_owned(), Series::new(&self.target, &name, &mut labels));
        }
        let series = self.series.get_mut(sample.series)?;
        series.scrape = self.n_scrapes;
        (std::mem::replace(&mut series.told, self.n_scrapes) != self.n_scrapes).then_some(series)
    }

    /// Three scrapes, as samples have three turns.
    fn ttl(&self) -> f32 {
        Samples::ttl(self.target.terms.every)
    }

    /// Writes how the scrape went.
    pub(super) fn tell_own(&self, outcome: &Outcome, time: Timestamp, out: &mut Encoder) {
        let Outcome { is_up, took, told } = *outcome;
        let values = [f64::from(u8::from(is_up)), took.as_secs_f64(), told.scraped as f64, told.wanted as f64];
        for (series, value) in self.own.iter().zip(values) {
            out.event(&series.view(Metric::Float(value), time, self.ttl()));
        }
    }
}

/// A name without labels that is none of [`OWN`]: `exported_up`, and `exported_exported_up` of one that is called so already.
fn apart(name: &str) -> Cow<'_, str> {
    let is_own = OWN.contains(&name.trim_start_matches("exported_"));
    if is_own { Cow::Owned(format!("exported_{name}")) } else { Cow::Borrowed(name) }
}

impl Series {
    fn new(target: &Target, name: &str, labels: &mut [(&str, Cow<'_, str>)]) -> Self {
        let mut buf = LabelsBuf::new();
        buf.mark(mark::SKEP);
        let own = [("job", target.name.as_str()), ("instance", target.instance.as_str())];
        let own = || own.into_iter().chain(target.attributes.iter().map(|(key, value)| (key.as_str(), value.as_str())));
        for (key, value) in own() {
            buf.attribute(key.as_bytes(), value.as_bytes());
        }
        for (key, value) in labels.iter() {
            let is_taken = catalogue::RESERVED.contains(key) || own().any(|(taken, _)| taken == *key);
            // As Prometheus calls a label whose name it needs itself.
            let key = if is_taken { Cow::Owned(format!("exported_{key}")) } else { Cow::Borrowed(*key) };
            buf.attribute(key.as_bytes(), value.as_bytes());
        }
        let instance = instance(&target.name, labels);
        Self { service: Name::of(MEASUREMENT, &instance, name).to_string(), labels: buf, scrape: 0, told: 0 }
    }

    fn view(&self, metric: Metric, time: Timestamp, ttl: f32) -> View<'_> {
        View {
            service: Some(self.service.as_bytes()),
            labels: self.labels.view(),
            metric: Some(metric),
            time: Some(time),
            ttl: Some(ttl),
            ..View::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use event::{Event, Pattern, msg};
    use proptest::prelude::*;

    use super::super::Terms;
    use super::*;
    use crate::Lists;

    fn target(max_series: usize, deny: &[&str]) -> Target {
        let metrics = Lists { allow: Vec::new(), deny: deny.iter().map(|text| Pattern::new(*text)).collect() };
        Target {
            name: "node".to_owned(),
            url: "http://127.0.0.1:9100/metrics".to_owned(),
            instance: "127.0.0.1:9100".to_owned(),
            attributes: vec![("dc".to_owned(), "fra".to_owned())],
            terms: Terms { max_series, metrics, ..Terms::default() },
        }
    }

    fn events(batch: &Encoder) -> Vec<Event> {
        msg::events(batch.bytes()).map(|view| Event::from(&view)).collect()
    }

    /// Services and values of a scrape, and what became of it.
    fn scrape(known: &mut Known, text: &str) -> (Vec<(String, f64)>, Told) {
        let mut batch = Encoder::new();
        let told = known.tell(text, usize::MAX, Timestamp::from_secs(100), &mut batch).unwrap();
        (events(&batch).into_iter().map(|event| (event.service.unwrap(), event.metric.unwrap().as_f64())).collect(), told)
    }

    #[test]
    fn a_sample_is_named_as_telegraf_has_it_with_its_labels_as_instance_and_attributes() {
        let mut known = Known::new(target(10, &[]));
        let mut batch = Encoder::new();
        let text = "fs_bytes{mountpoint=\"/var\",device=\"vda\",state=\"rw\",job=\"x\",none=\"\"} 7 1395066363000\n";
        known.tell(text, 10, Timestamp::from_secs(100), &mut batch).unwrap();
        let attributes = [
            ("job", "node"),
            ("instance", "127.0.0.1:9100"),
            ("dc", "fra"),
            ("mountpoint", "/var"),
            ("device", "vda"),
            ("exported_state", "rw"),
            ("exported_job", "x"),
        ];
        let expected = Event {
            service: Some("prometheus/node/device=vda,job=x,mountpoint=%2Fvar,state=rw/fs_bytes".to_owned()),
            metric: Some(Metric::Float(7.0)),
            time: Some(Timestamp::from_secs(100)),
            ttl: Some(45.0),
            marks: vec!["skep".to_owned()],
            attributes: attributes.map(|(key, value)| (key.to_owned(), value.to_owned())).to_vec(),
            ..Event::default()
        };
        assert_eq!(events(&batch), [expected]);
        let Some(name) = Name::split("prometheus/node/device=vda,job=x,mountpoint=%2Fvar,state=rw/fs_bytes") else { panic!("no name") };
        assert_eq!((name.measurement, name.field), ("prometheus", "fs_bytes"));
    }

    #[test]
    fn buckets_and_quantiles_stay_what_they_are_and_what_is_no_number_is_left_out() {
        let text = "h_bucket{le=\"+Inf\"} 3\nh_sum 1.5\nh_count 3\ns{quantile=\"0.5\"} NaN\n";
        let (seen, told) = scrape(&mut Known::new(target(10, &[])), text);
        let seen: Vec<_> = seen.iter().map(|(service, value)| (service.as_str(), *value)).collect();
        assert_eq!(seen, [("prometheus/node/le=+Inf/h_bucket", 3.0), ("prometheus/node/h_sum", 1.5), ("prometheus/node/h_count", 3.0)]);
        assert_eq!(told, Told { scraped: 4, wanted: 4, dropped: 0 });
    }

    #[test]
    fn unwanted_metrics_are_not_told_and_those_beyond_the_most_are_dropped() {
        let mut known = Known::new(target(2, &["go_*"]));
        let (seen, told) = scrape(&mut known, "go_a 1\na 1\ngo_b 2\nb 2\nb 3\nc 3\n");
        assert_eq!((seen.len(), told), (2, Told { scraped: 6, wanted: 4, dropped: 2 }));
        let long = format!("long{{x=\"{}\"}} 1\n", "y".repeat(MAX_SERIES_BYTES));
        assert_eq!(scrape(&mut Known::new(target(2, &[])), &long).1.dropped, 1);
    }

    #[test]
    fn a_series_that_is_gone_makes_room_for_another() {
        let mut known = Known::new(target(2, &[]));
        scrape(&mut known, "a 1\nb 1\n");
        assert_eq!((scrape(&mut known, "b 1\n").0.len(), known.len()), (1, 1));
        assert_eq!(scrape(&mut known, "b 1\nc 1\n").1.dropped, 0);
    }

    #[test]
    fn series_that_are_new_in_each_scrape_find_the_room_of_the_last_ones() {
        let mut known = Known::new(target(3, &[]));
        for nth in 0..4 {
            let text = format!("a 1\nb{{run=\"{nth}\"}} 1\nc{{run=\"{nth}\"}} 1\n");
            let (seen, told) = scrape(&mut known, &text);
            assert_eq!((seen.len(), told.dropped, known.len()), (3, 0, 3), "in scrape {nth}");
        }
    }

    #[test]
    fn a_new_series_does_not_take_the_room_of_one_that_stands_below_it() {
        let mut known = Known::new(target(2, &[]));
        scrape(&mut known, "a 1\nb 1\n");
        let (seen, told) = scrape(&mut known, "new 1\na 1\nb 1\nb 2\n");
        let seen: Vec<_> = seen.iter().map(|(service, _)| service.as_str()).collect();
        assert_eq!((seen, told.dropped), (vec!["prometheus/node/a", "prometheus/node/b"], 2));
    }

    #[test]
    fn a_targets_own_metric_of_our_names_is_told_apart() {
        let (seen, told) = scrape(&mut Known::new(target(9, &[])), "up 0\nexported_up 2\nup{x=\"1\"} 3\nupper 4\n");
        let expected = [("exported_up", 0.0), ("exported_exported_up", 2.0), ("x=1/up", 3.0), ("upper", 4.0)];
        assert_eq!(seen, expected.map(|(end, value)| (format!("prometheus/node/{end}"), value)));
        assert_eq!(told.dropped, 0);
    }

    #[test]
    fn each_scrape_tells_how_it_went() {
        let mut batch = Encoder::new();
        let told = Told { scraped: 9, wanted: 7, dropped: 0 };
        let outcome = Outcome { is_up: true, took: Duration::from_micros(250_000), told };
        Known::new(target(2, &[])).tell_own(&outcome, Timestamp::from_secs(100), &mut batch);
        let seen: Vec<_> = events(&batch).into_iter().map(|event| (event.service.unwrap(), event.metric.unwrap().as_f64())).collect();
        let expected = [("up", 1.0), (OWN[1], 0.25), (OWN[2], 9.0), (OWN[3], 7.0)];
        assert_eq!(seen, expected.map(|(field, value)| (format!("prometheus/node/{field}"), value)));
    }

    #[test]
    fn what_is_told_of_a_scrape_is_in_the_catalogue() {
        assert!(OWN.iter().all(|field| catalogue::find(MEASUREMENT, field).is_some()));
    }

    /// Its labels are in order, and hold what stands between labels.
    fn line() -> impl Strategy<Value = String> {
        let value = r#"([01]|[01](,y=|/|%|%2C|\\\\|\\n|\\")[01])"#;
        let labelled = format!(r#"[ab]\{{x="{value}"(,y="{value}")?\}} [0-9]"#);
        prop_oneof![prop::string::string_regex(&labelled).unwrap(), "(exported_){0,2}(up|a) [0-9]"]
    }

    proptest! {
        #[test]
        fn no_two_samples_of_a_scrape_share_a_service(lines in prop::collection::vec(line(), 0..30)) {
            let mut known = Known::new(target(100, &[]));
            let (mut seen, told) = scrape(&mut known, &lines.join("\n"));
            let mut own = Encoder::new();
            known.tell_own(&Outcome { is_up: true, took: Duration::ZERO, told }, Timestamp::from_secs(100), &mut own);
            prop_assert_eq!((told.scraped, told.dropped), (lines.len(), lines.len() - seen.len()));
            seen.extend(events(&own).into_iter().map(|event| (event.service.unwrap(), 0.0)));
            seen.sort_by(|one, other| one.0.cmp(&other.0));
            prop_assert!(seen.windows(2).all(|pair| pair[0].0 != pair[1].0));
        }
    }
}
