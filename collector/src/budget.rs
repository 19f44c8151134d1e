//! Keeps the collector within its part of a core: the dearest sampler is asked half as often, until it fits. Pure: time, and what was used,
//! are arguments.

use event::{Duration, Timestamp};

/// How long is looked back on, and how often is looked.
const WINDOW: Duration = Duration::from_secs(60);

/// A rate is restored when what is used then would still be below this part of the budget; so it does not swing.
const RESTORE_BELOW: f64 = 0.8;

/// No sampler is asked less often than at so many of its periods.
const MAX_STRETCH: i64 = 16;

/// What one sampler costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Load {
    /// Processor time since the last look.
    pub(crate) cost: Duration,
    /// Of so many of its turns it takes one.
    pub(crate) stretch: i64,
}

/// What is to be done about which sampler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// Ask it half as often.
    Lower(usize),
    /// Ask it twice as often.
    Restore(usize),
}

/// The budget, and the last minute.
#[derive(Clone, Debug)]
pub(crate) struct Budget {
    /// Part of one core: 0.02.
    limit: f64,
    /// When was last looked, and what had been used then.
    before: Option<(Timestamp, Duration)>,
    share: f64,
}

impl Budget {
    pub(crate) fn new(limit: f64) -> Self {
        Self { limit, before: None, share: 0.0 }
    }

    /// The part of a core that was used over the last window.
    pub(crate) fn share(&self) -> f64 {
        self.share
    }

    pub(crate) fn limit(&self) -> f64 {
        self.limit
    }

    /// Whether a window is over: then all costs are looked at, and counted anew.
    pub(crate) fn is_due(&mut self, now: Timestamp, used: Duration) -> bool {
        let (at, _) = *self.before.get_or_insert((now, used));
        now - at >= WINDOW
    }

    /// The end of a window: what is to be done, at the most one thing.
    pub(crate) fn look(&mut self, now: Timestamp, used: Duration, loads: &[Load]) -> Option<Change> {
        let (at, before) = self.before.replace((now, used))?;
        let span = (now - at).as_secs_f64();
        self.share = if span > 0.0 { (used - before).as_secs_f64() / span } else { 0.0 };
        let numbered = || loads.iter().enumerate();
        if self.share > self.limit {
            let dearest = numbered().filter(|(_, load)| load.stretch < MAX_STRETCH && load.cost > Duration::ZERO);
            return dearest.max_by_key(|(_, load)| load.cost).map(|(index, _)| Change::Lower(index));
        }
        let cheapest = numbered().filter(|(_, load)| load.stretch > 1).min_by_key(|(_, load)| load.cost);
        // Asked twice as often, it costs as much again.
        let fits = |load: &Load| self.share + load.cost.as_secs_f64() / span < self.limit * RESTORE_BELOW;
        cheapest.filter(|(_, load)| fits(load)).map(|(index, _)| Change::Restore(index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_secs(1000);

    /// Samplers with a cost in milliseconds each time they are asked, each second; they are all there is.
    struct Machine {
        budget: Budget,
        costs: Vec<i64>,
        stretches: Vec<i64>,
        used: Duration,
        minutes: i64,
    }

    impl Machine {
        fn new(limit: f64, costs: &[i64]) -> Self {
            let mut budget = Budget::new(limit);
            assert!(!budget.is_due(START, Duration::ZERO));
            Self { budget, costs: costs.to_vec(), stretches: vec![1; costs.len()], used: Duration::ZERO, minutes: 0 }
        }

        fn minute(&mut self) -> Option<Change> {
            self.minutes += 1;
            let now = START + Duration::from_secs(60 * self.minutes);
            let load = |(cost, stretch): (&i64, &i64)| Load { cost: Duration::from_micros(cost * 60_000 / stretch), stretch: *stretch };
            let loads: Vec<Load> = self.costs.iter().zip(&self.stretches).map(load).collect();
            self.used = loads.iter().fold(self.used, |sum, load| sum + load.cost);
            assert!(self.budget.is_due(now, self.used));
            let change = self.budget.look(now, self.used, &loads);
            match change {
                Some(Change::Lower(index)) => self.stretches[index] *= 2,
                Some(Change::Restore(index)) => self.stretches[index] /= 2,
                None => {}
            }
            change
        }
    }

    #[test]
    fn within_the_budget_nothing_changes() {
        let mut machine = Machine::new(0.02, &[5, 3, 11]);
        assert_eq!([machine.minute(), machine.minute()], [None, None]);
        assert!((machine.budget.share() - 0.019).abs() < 1e-9);
    }

    #[test]
    fn the_dearest_is_slowed_until_all_fits_then_it_stays() {
        let mut machine = Machine::new(0.02, &[2, 30, 6]);
        assert_eq!([machine.minute(), machine.minute()], [Some(Change::Lower(1)), Some(Change::Lower(1))]);
        assert_eq!(machine.stretches, [1, 4, 1]);
        // 2 + 7.5 + 6 ms fit; twice as often it would be 23 ms.
        assert_eq!([machine.minute(), machine.minute(), machine.minute()], [None; 3]);
    }

    #[test]
    fn it_is_restored_when_there_is_room_again() {
        let mut machine = Machine::new(0.02, &[2, 30]);
        assert_eq!(machine.minute(), Some(Change::Lower(1)));
        assert_eq!(machine.minute(), None);
        machine.costs[1] = 12;
        // 2 + 6 ms now, 14 ms after.
        assert_eq!(machine.minute(), Some(Change::Restore(1)));
        assert_eq!([machine.minute(), machine.minute()], [None, None]);
        assert_eq!(machine.stretches, [1, 1]);
    }

    #[test]
    fn there_is_an_end_to_slowing() {
        let mut machine = Machine::new(0.0001, &[500]);
        let changes = (0..10).filter_map(|_| machine.minute()).count();
        assert_eq!((changes, machine.stretches[0]), (4, MAX_STRETCH));
    }

    #[test]
    fn before_a_minute_has_passed_nothing_is_due() {
        let mut budget = Budget::new(0.02);
        assert!(!budget.is_due(START, Duration::from_secs(100)));
        assert!(!budget.is_due(START + Duration::from_secs(59), Duration::from_secs(159)));
        assert!(budget.is_due(START + Duration::from_secs(60), Duration::from_secs(160)));
    }
}
