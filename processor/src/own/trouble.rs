//! The alert about the processor itself that neither a rule nor the engine can hold: `journal-off`.
//!
//! It is an event like those of the alerts of rules, told again with every publication as long as it lasts.

use std::sync::atomic::Ordering;

use engine::query::Query;
use engine::rules::Said;
use engine::{Engine, State};
use event::{Duration, LabelsBuf, Metric, Name, Timestamp, View, mark, msg};

use crate::driver::request::{Alert, Silenced};
use crate::driver::stats::Stats;

const JOURNAL_OFF: &str = "journal-off";

/// The open alerts of this kind, as the index holds them: they stand beside the instances of rules.
pub(crate) fn open(engine: &Engine) -> Vec<Alert> {
    let mut found = Vec::new();
    if let Ok(query) = Query::parse(&format!("service = \"{}\"", Name::plain("alert", JOURNAL_OFF))) {
        engine.query(&query, |indexed| found.extend(alert(&indexed.event)));
    }
    found
}

fn alert(event: &View<'_>) -> Option<Alert> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let attribute = |key: &[u8]| event.labels.attribute(key).map(text);
    let state = event.state.and_then(|state| State::parse(&text(state))).filter(|state| state.is_open())?;
    Some(Alert {
        rule: JOURNAL_OFF.to_owned(),
        instance: String::new(),
        host: event.host.map(text),
        service: event.service.map(text)?,
        state,
        since: attribute(b"since").and_then(|since| Timestamp::parse(&since).ok()),
        value: event.metric.map(Metric::as_f64),
        message: attribute(b"message").unwrap_or_default(),
        said: Said::default(),
        opens_at: None,
        quiet: Silenced::default(),
    })
}

/// What went on at the last look.
#[derive(Debug, Default)]
pub(super) struct Troubles {
    journal_off: Trouble,
}

#[derive(Debug, Default)]
struct Trouble {
    since: Option<Timestamp>,
}

/// One trouble as it stands.
struct Told<'a> {
    alert: &'a str,
    state: State,
    since: Timestamp,
    message: &'a str,
}

impl Troubles {
    /// Looks, and adds an event for what lasts or has just ended.
    pub(super) fn tell(&mut self, stats: &Stats, host: &str, now: Timestamp, ttl: Duration, encoder: &mut msg::Encoder) {
        let failed = stats.journal_failed.load(Ordering::Relaxed) > 0;
        let told = self.journal_off.look(failed, now).map(|(held, since)| Told {
            alert: JOURNAL_OFF,
            state: if held { State::Critical } else { State::Ok },
            since,
            message: "the disk refused the journal: until a restart, what is acknowledged is applied but not written down",
        });
        if let Some(told) = told {
            told.put(host, now, ttl, encoder);
        }
    }
}

impl Trouble {
    /// Whether it holds, and since when that is so; nothing while all is well.
    fn look(&mut self, holds: bool, now: Timestamp) -> Option<(bool, Timestamp)> {
        match (self.since, holds) {
            (None, false) => None,
            (since, true) => Some((true, *self.since.insert(since.unwrap_or(now)))),
            (Some(_), false) => {
                self.since = None;
                Some((false, now))
            }
        }
    }
}

impl Told<'_> {
    fn put(&self, host: &str, now: Timestamp, ttl: Duration, encoder: &mut msg::Encoder) {
        let mut labels = LabelsBuf::new();
        labels.mark(mark::SKEP).attribute(b"alert", self.alert.as_bytes());
        labels.attribute(b"since", self.since.to_string().as_bytes()).attribute(b"message", self.message.as_bytes());
        encoder.event(&View {
            time: Some(now),
            state: Some(self.state.as_str().as_bytes()),
            service: Some(Name::plain("alert", self.alert).to_string().as_bytes()),
            host: Some(host.as_bytes()),
            ttl: Some(ttl.as_secs_f64() as f32),
            metric: Some(Metric::Int(i64::from(self.state.level()))),
            labels: labels.view(),
            ..View::default()
        });
    }
}

#[cfg(test)]
mod tests {
    use event::Event;

    use super::*;

    /// The services, states and times of one publication.
    fn tell(troubles: &mut Troubles, stats: &Stats, second: i64) -> Vec<(String, String, String)> {
        let mut encoder = msg::Encoder::new();
        troubles.tell(stats, "swarm", Timestamp::from_secs(second), Duration::from_secs(15), &mut encoder);
        let text = |event: Event| (event.service.unwrap(), event.state.unwrap(), event.attributes[1].1.clone());
        msg::events(encoder.bytes()).map(|view| text(Event::from(&view))).collect()
    }

    fn told(alert: &str, state: &str, since: i64) -> Vec<(String, String, String)> {
        vec![(format!("alert/{alert}"), state.to_owned(), Timestamp::from_secs(since).to_string())]
    }

    #[test]
    fn a_journal_that_failed_is_told_until_the_end_since_the_same_time() {
        let (mut troubles, stats) = (Troubles::default(), Stats::default());
        assert_eq!(tell(&mut troubles, &stats, 1), []);
        stats.journal_failed.store(1, Ordering::Relaxed);
        assert_eq!(tell(&mut troubles, &stats, 2), told("journal-off", "critical", 2));
        assert_eq!(tell(&mut troubles, &stats, 7), told("journal-off", "critical", 2));
    }

    #[test]
    fn as_long_as_it_lasts_it_stands_among_the_open_alerts() {
        let (mut troubles, stats) = (Troubles::default(), Stats::default());
        let mut engine = Engine::new(
            std::sync::Arc::new(engine::rules::Plan::new(Vec::new(), engine::rules::Settings::default())),
            engine::Limits::default(),
        );
        assert_eq!(open(&engine), []);
        stats.journal_failed.store(1, Ordering::Relaxed);
        let mut encoder = msg::Encoder::new();
        let now = Timestamp::from_secs(2);
        troubles.tell(&stats, "swarm", now, Duration::from_secs(15), &mut encoder);
        engine.on_batch(now, encoder.bytes(), &mut Nothing);
        let found = open(&engine);
        assert_eq!((found[0].rule.as_str(), found[0].state, found[0].since), ("journal-off", State::Critical, Some(now)));
    }

    struct Nothing;

    impl engine::Effects for Nothing {
        fn event(&mut self, _: engine::Series<'_>, _: &View<'_>, _: engine::Kind) {}
        fn expired(&mut self, _: engine::Series<'_>, _: Timestamp) {}
        fn forgotten(&mut self, _: engine::SeriesId) {}
        fn transition(&mut self, _: &engine::Transition<'_>) {}
        fn message(&mut self, _: &engine::Message<'_>) {}
    }

    #[test]
    fn series_beyond_the_limit_are_left_to_the_engines_own_alert() {
        let (mut troubles, stats) = (Troubles::default(), Stats::default());
        stats.overflow.store(5, Ordering::Relaxed);
        assert_eq!(tell(&mut troubles, &stats, 1), []);
    }
}
