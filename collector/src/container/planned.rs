//! Which containers end because somebody wanted it: a signal was sent before `die`.

use std::collections::HashMap;

use super::happening::Action;
use super::signal::{ENDING, number};
use super::{Facts, Happening, Id};

/// What the exit code of a process that a signal has ended is above the signal's number.
const BY_SIGNAL: i64 = 128;

/// The signals that were sent to containers that live.
#[derive(Clone, Debug, Default)]
pub(super) struct Planned {
    /// Each signal's bit, by its number less one.
    sent: HashMap<Id, u64>,
}

impl Planned {
    /// Takes what happened. For a `die`: whether it was wanted (`docker stop`, `kill`, a swarm's update, drain or scaling),
    /// and not a crash. `stop_signal` is the container's own, when it has one.
    ///
    /// A signal to reload (HUP, USR1) makes no crash a wish, however soon it follows; only where the process ended by it.
    pub(super) fn take(&mut self, happening: &Happening, stop_signal: Option<u8>) -> Option<bool> {
        match happening.action {
            Action::Kill => {
                let sent = happening.detail.as_deref().and_then(number).map_or(0, bit);
                *self.sent.entry(happening.id.clone()).or_default() |= sent;
                None
            }
            Action::Die => {
                let sent = self.sent.remove(&happening.id).unwrap_or(0);
                let by = happening.exit_code.and_then(|code| u8::try_from(code - BY_SIGNAL).ok());
                let mut ending = ENDING.into_iter().chain(stop_signal).chain(by);
                Some(ending.any(|signal| sent & bit(signal) != 0))
            }
            Action::Start => {
                self.sent.remove(&happening.id);
                None
            }
            Action::Create | Action::Oom | Action::Destroy | Action::Pause | Action::Unpause | Action::HealthStatus => None,
        }
    }

    /// A container is no more.
    pub(super) fn forget(&mut self, id: &Id) {
        self.sent.remove(id);
    }

    /// Only these are there still.
    pub(super) fn keep(&mut self, all: &[Facts]) {
        self.sent.retain(|id, _| all.iter().any(|facts| facts.id == *id));
    }
}

/// 0 for what is no signal.
fn bit(signal: u8) -> u64 {
    let place = u32::from(signal).wrapping_sub(1);
    1_u64.checked_shl(place).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use event::Timestamp;

    use super::super::Identity;
    use super::*;

    fn id() -> Id {
        Id::new("59bfc5f995fa").unwrap()
    }

    fn happened(action: Action, exit_code: i64, detail: Option<&str>) -> Happening {
        let exit_code = (action == Action::Die).then_some(exit_code);
        Happening {
            id: id(),
            identity: Identity::default(),
            action,
            time: Timestamp::from_secs(100),
            exit_code,
            detail: detail.map(str::to_owned),
        }
    }

    /// Whether an end with this code is planned after these signals, where WINCH is the container's own.
    #[track_caller]
    fn check(signals: &[&str], exit_code: i64, expected: bool) {
        let mut planned = Planned::default();
        for signal in signals {
            assert_eq!(planned.take(&happened(Action::Kill, 0, Some(signal)), Some(28)), None);
        }
        let died = happened(Action::Die, exit_code, None);
        assert_eq!(planned.take(&died, Some(28)), Some(expected), "{signals:?} {exit_code}");
        assert_eq!(planned.take(&died, Some(28)), Some(false), "the next is another");
    }

    #[test]
    fn a_death_without_a_signal_is_a_crash() {
        check(&[], 0, false);
        check(&[], 137, false);
    }

    #[test]
    fn a_stop_is_planned_whatever_it_ends_with() {
        check(&["15"], 0, true);
        check(&["15", "9"], 137, true);
        check(&["15", "1"], 1, true);
        check(&["28"], 0, true);
        check(&["SIGWINCH"], 0, true);
    }

    #[test]
    fn another_signal_counts_only_where_it_ended_the_process() {
        check(&["1"], 1, false);
        check(&["10"], 139, false);
        check(&["1"], 129, true);
        check(&["nonsense"], 0, false);
    }

    #[test]
    fn what_is_started_again_or_gone_has_no_signal_any_more() {
        let mut planned = Planned::default();
        planned.take(&happened(Action::Kill, 0, Some("15")), None);
        planned.take(&happened(Action::Start, 0, None), None);
        assert_eq!(planned.take(&happened(Action::Die, 143, None), None), Some(false));
        planned.take(&happened(Action::Kill, 0, Some("15")), None);
        planned.keep(&[]);
        assert!(planned.sent.is_empty());
        planned.take(&happened(Action::Kill, 0, Some("15")), None);
        planned.forget(&id());
        assert!(planned.sent.is_empty());
    }
}
