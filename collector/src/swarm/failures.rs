//! Counts failures of tasks: the swarm forgets them after a few, a counter does not.

use std::collections::{HashMap, HashSet};

use event::Timestamp;

use super::task::Failure;

/// What has been counted since this node became the leader.
#[derive(Clone, Debug)]
pub(super) struct Failures {
    /// Older ones were told by the leader before, or by nobody.
    since: Timestamp,
    /// Tasks of the last list that failed: no more than the swarm keeps.
    seen: HashSet<String>,
    /// By service.
    totals: HashMap<String, u64>,
}

impl Failures {
    /// Counts what fails from this time on.
    pub(super) fn since(since: Timestamp) -> Self {
        Self { since, seen: HashSet::new(), totals: HashMap::new() }
    }

    /// Takes all failures that the swarm remembers; gives the new ones, oldest first.
    pub(super) fn take(&mut self, all: Vec<Failure>) -> Vec<Failure> {
        let ids = all.iter().map(|failure| failure.task.clone()).collect();
        let before = std::mem::replace(&mut self.seen, ids);
        let mut new: Vec<Failure> = all.into_iter().filter(|it| it.time >= self.since && !before.contains(&it.task)).collect();
        new.sort_by(|a, b| (a.time, &a.task).cmp(&(b.time, &b.task)));
        for failure in &new {
            *self.totals.entry(failure.service.clone()).or_default() += 1;
        }
        new
    }

    /// Of a service.
    pub(super) fn of(&self, service: &str) -> u64 {
        self.totals.get(service).copied().unwrap_or(0)
    }

    /// Forgets services that are no more.
    pub(super) fn keep(&mut self, exists: impl Fn(&str) -> bool) {
        self.totals.retain(|service, _| exists(service));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn failure(task: u32, secs: i64) -> Failure {
        Failure {
            task: format!("task{task}"),
            service: "web".into(),
            slot: Some(1),
            node: None,
            time: Timestamp::from_secs(secs),
            exit_code: Some(3),
            error: "task: non-zero exit (3)".into(),
        }
    }

    #[test]
    fn each_failure_is_counted_once_though_the_swarm_lists_it_again_and_then_forgets_it() {
        let mut failures = Failures::since(Timestamp::from_secs(100));
        assert_eq!(failures.take(vec![failure(2, 111), failure(1, 105)]), [failure(1, 105), failure(2, 111)]);
        assert_eq!(failures.take(vec![failure(2, 111), failure(3, 117)]), [failure(3, 117)]);
        assert_eq!(failures.take(Vec::new()), []);
        assert_eq!((failures.of("web"), failures.of("db")), (3, 0));
    }

    #[test]
    fn what_failed_before_this_node_led_is_not_told_again() {
        let mut failures = Failures::since(Timestamp::from_secs(100));
        assert_eq!(failures.take(vec![failure(1, 99), failure(2, 100)]), [failure(2, 100)]);
        assert_eq!(failures.of("web"), 1);
    }

    #[test]
    fn a_removed_service_is_forgotten() {
        let mut failures = Failures::since(Timestamp::from_secs(0));
        failures.take(vec![failure(1, 5)]);
        failures.keep(|service| service != "web");
        assert_eq!(failures.of("web"), 0);
    }

    proptest! {
        /// A slot fails again and again; the swarm keeps its last `kept` failures, and is looked at now and then.
        #[test]
        fn nothing_is_lost_while_the_swarm_remembers_what_happened_between_two_looks(kept in 1..6usize, steps in prop::collection::vec(0..6usize, 1..50)) {
            let mut failures = Failures::since(Timestamp::from_secs(0));
            let mut history: Vec<Failure> = Vec::new();
            let mut last = 0;
            for step in steps {
                let n_new = step.min(kept);
                for _ in 0..n_new {
                    history.push(failure(history.len() as u32, history.len() as i64));
                }
                let list = history.iter().rev().take(kept).cloned().collect();
                prop_assert_eq!(failures.take(list).len(), n_new);
                prop_assert!(failures.of("web") >= last);
                last = failures.of("web");
            }
            prop_assert_eq!(last, history.len() as u64);
        }
    }
}
