//! Which containers end because somebody wanted it: a signal was sent before `die`.

use std::collections::HashMap;

use event::{Duration, Timestamp};

use super::happening::Action;
use super::{Facts, Happening, Id};

/// Signals that are sent to end a process: INT, QUIT, KILL, TERM.
const ENDING: [&str; 4] = ["2", "3", "9", "15"];

/// Any other signal may be the image's own `STOPSIGNAL`, or a wish to reload: it counts for so long.
const OTHERS_COUNT_FOR: Duration = Duration::from_secs(30);

/// The signals that were sent to containers that live.
#[derive(Clone, Debug, Default)]
pub(super) struct Planned {
    /// When, and whether the signal ends a process by itself.
    signals: HashMap<Id, (Timestamp, bool)>,
}

impl Planned {
    /// Takes what happened. For a `die`: whether it was wanted (`docker stop`, `kill`, a swarm's update, drain or scaling),
    /// and not a crash.
    pub(super) fn take(&mut self, happening: &Happening) -> Option<bool> {
        match happening.action {
            Action::Kill => {
                let is_ending = happening.detail.as_deref().is_some_and(|signal| ENDING.contains(&signal));
                let before = self.signals.get(&happening.id).is_some_and(|(_, is_ending)| *is_ending);
                self.signals.insert(happening.id.clone(), (happening.time, is_ending || before));
                None
            }
            Action::Die => {
                let signal = self.signals.remove(&happening.id);
                Some(signal.is_some_and(|(sent, is_ending)| is_ending || happening.time - sent <= OTHERS_COUNT_FOR))
            }
            Action::Start => {
                self.signals.remove(&happening.id);
                None
            }
            Action::Create | Action::Oom | Action::Destroy | Action::Pause | Action::Unpause | Action::HealthStatus => None,
        }
    }

    /// A container is no more.
    pub(super) fn forget(&mut self, id: &Id) {
        self.signals.remove(id);
    }

    /// Only these are there still.
    pub(super) fn keep(&mut self, all: &[Facts]) {
        self.signals.retain(|id, _| all.iter().any(|facts| facts.id == *id));
    }
}

#[cfg(test)]
mod tests {
    use super::super::Identity;
    use super::*;

    fn id() -> Id {
        Id::new("59bfc5f995fa").unwrap()
    }

    fn happened(action: Action, secs: i64, detail: Option<&str>) -> Happening {
        let time = Timestamp::from_secs(secs);
        Happening { id: id(), identity: Identity::default(), action, time, exit_code: None, detail: detail.map(str::to_owned) }
    }

    /// Whether a death in second 100 is planned after these signals, each with its second.
    #[track_caller]
    fn check(signals: &[(i64, &str)], expected: bool) {
        let mut planned = Planned::default();
        for (secs, signal) in signals {
            assert_eq!(planned.take(&happened(Action::Kill, *secs, Some(signal))), None);
        }
        assert_eq!(planned.take(&happened(Action::Die, 100, None)), Some(expected), "{signals:?}");
        assert_eq!(planned.take(&happened(Action::Die, 101, None)), Some(false), "the next is another");
    }

    #[test]
    fn a_death_without_a_signal_is_a_crash() {
        check(&[], false);
    }

    #[test]
    fn a_stop_is_planned_however_long_it_takes() {
        check(&[(99, "15")], true);
        check(&[(10, "15"), (99, "9")], true);
        check(&[(10, "15"), (60, "1")], true);
    }

    #[test]
    fn another_signal_counts_for_a_while() {
        check(&[(99, "28")], true);
        check(&[(10, "1")], false);
    }

    #[test]
    fn what_is_started_again_or_gone_has_no_signal_any_more() {
        let mut planned = Planned::default();
        planned.take(&happened(Action::Kill, 1, Some("15")));
        planned.take(&happened(Action::Start, 2, None));
        assert_eq!(planned.take(&happened(Action::Die, 3, None)), Some(false));
        planned.take(&happened(Action::Kill, 4, Some("15")));
        planned.keep(&[]);
        assert!(planned.signals.is_empty());
        planned.take(&happened(Action::Kill, 5, Some("15")));
        planned.forget(&id());
        assert!(planned.signals.is_empty());
    }
}
