//! What a soak must have kept to.

/// Memory may have grown by so much.
const MOST_GROWTH: f64 = 1.02;

/// What was counted on both sides.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outcome {
    pub(crate) sent: u64,
    pub(crate) acked: u64,
    /// What the process counted as dropped, refused, overflown or lost.
    pub(crate) lost: u64,
    /// Events that the process says it applied.
    pub(crate) applied: u64,
    /// RssAnon in bytes once everything is known; `None` when the run was too short.
    pub(crate) settled: Option<u64>,
    /// RssAnon in bytes of the last minute.
    pub(crate) last: u64,
}

impl Outcome {
    /// The last minute's memory as a multiple of the settled one.
    pub(crate) fn growth(&self) -> Option<f64> {
        self.settled.map(|settled| self.last as f64 / settled as f64)
    }

    /// A sentence for each thing that is not as it must be.
    pub(crate) fn faults(&self) -> Vec<String> {
        let Self { sent, acked, lost, applied, .. } = self;
        let mut faults = Vec::new();
        if *sent != acked + lost {
            faults.push(format!("{sent} events were sent, but {acked} acked and {lost} counted as lost"));
        }
        if applied < acked {
            faults.push(format!("{acked} events were acked, but only {applied} applied"));
        }
        if let Some(growth) = self.growth().filter(|growth| *growth > MOST_GROWTH) {
            faults.push(format!("RssAnon grew to {growth:.3} of what it was when settled; {MOST_GROWTH} is the most"));
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: Outcome = Outcome { sent: 1_000, acked: 1_000, lost: 0, applied: 1_010, settled: Some(50_000), last: 51_000 };

    #[track_caller]
    fn check(outcome: Outcome, fault: &str) {
        assert_eq!(outcome.faults(), [fault]);
    }

    #[test]
    fn a_level_run_without_losses_has_no_faults() {
        assert_eq!(GOOD.faults(), [""; 0]);
    }

    #[test]
    fn an_event_without_ack_is_a_fault() {
        check(Outcome { acked: 900, ..GOOD }, "1000 events were sent, but 900 acked and 0 counted as lost");
    }

    #[test]
    fn an_event_that_was_acked_and_counted_as_lost_is_a_fault() {
        check(Outcome { lost: 3, ..GOOD }, "1000 events were sent, but 1000 acked and 3 counted as lost");
    }

    #[test]
    fn events_that_were_not_acked_but_counted_as_lost_are_accounted_for() {
        assert_eq!(Outcome { acked: 900, lost: 100, ..GOOD }.faults(), [""; 0]);
    }

    #[test]
    fn an_ack_without_effect_is_a_fault() {
        check(Outcome { applied: 999, ..GOOD }, "1000 events were acked, but only 999 applied");
    }

    #[test]
    fn memory_that_grew_by_more_than_a_fiftieth_is_a_fault() {
        check(Outcome { last: 51_001, ..GOOD }, "RssAnon grew to 1.020 of what it was when settled; 1.02 is the most");
    }

    #[test]
    fn a_short_run_is_not_judged_by_its_memory() {
        assert_eq!(Outcome { settled: None, last: 90_000, ..GOOD }.faults(), [""; 0]);
    }
}
