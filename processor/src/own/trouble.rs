//! Alerts about the processor itself that no rule can hold: `journal-off` and `series-limit`.
//!
//! They are events like those of the alerts of rules, told again with every publication as long as they last.

use std::sync::atomic::Ordering;

use engine::State;
use event::{Duration, LabelsBuf, Metric, Name, Timestamp, View, mark, msg};

use crate::driver::stats::Stats;

/// What went on at the last look.
#[derive(Debug, Default)]
pub(super) struct Troubles {
    journal_off: Trouble,
    series_limit: Trouble,
    overflow: u64,
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
    /// Looks, and adds an event for each that lasts or has just ended.
    pub(super) fn tell(&mut self, stats: &Stats, host: &str, now: Timestamp, ttl: Duration, encoder: &mut msg::Encoder) {
        let failed = stats.journal_failed.load(Ordering::Relaxed) > 0;
        let overflow = stats.overflow.load(Ordering::Relaxed);
        let grew = overflow > self.overflow;
        self.overflow = overflow;
        let told = [
            self.journal_off.look(failed, now).map(|(held, since)| Told {
                alert: "journal-off",
                state: if held { State::Critical } else { State::Ok },
                since,
                message: "the disk refused the journal: until a restart, what is acknowledged is applied but not written down",
            }),
            self.series_limit.look(grew, now).map(|(held, since)| Told {
                alert: "series-limit",
                state: if held { State::Warning } else { State::Ok },
                since,
                message: "there are more series than `processor.max_series`: new ones go to the sinks only, rules do not see them",
            }),
        ];
        for told in told.into_iter().flatten() {
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
    fn too_many_series_are_told_while_new_ones_come_and_once_when_they_stop() {
        let (mut troubles, stats) = (Troubles::default(), Stats::default());
        stats.overflow.store(5, Ordering::Relaxed);
        assert_eq!(tell(&mut troubles, &stats, 1), told("series-limit", "warning", 1));
        stats.overflow.store(6, Ordering::Relaxed);
        assert_eq!(tell(&mut troubles, &stats, 2), told("series-limit", "warning", 1));
        assert_eq!(tell(&mut troubles, &stats, 3), told("series-limit", "ok", 3));
        assert_eq!(tell(&mut troubles, &stats, 4), []);
    }
}
