//! Turns, one after the other: asks each sampler that is due. Reads no clock.

use event::{Duration, Timestamp};

use crate::budget::{Budget, Change, Load};
use crate::host::{Own, Tally};
use crate::{Sampler, Samples, Turn};

/// What a file holds at the most on a usual machine; larger ones make it grow once.
const BUFFER_BYTES: usize = 16 << 10;

/// The samplers and what they write into.
pub struct Turns {
    samplers: Vec<Scheduled>,
    samples: Samples,
    buffer: Vec<u8>,
    own: Own,
    tally: Tally,
    budget: Option<(Budget, Spent)>,
}

/// Processor time that this thread has used.
pub(crate) type Spent = fn() -> Duration;

/// A sampler and when it is due.
struct Scheduled {
    sampler: Box<dyn Sampler>,
    /// A whole multiple of the interval.
    period: Duration,
    /// Which period since the epoch it was last asked in.
    last: Option<i64>,
    load: Load,
    is_failing: bool,
}

impl Turns {
    /// For the node of this name, with a turn each `interval`.
    pub fn new(host: &str, interval: Duration, samplers: Vec<Box<dyn Sampler>>) -> Self {
        Self::with(Samples::new(host), interval, samplers)
    }

    /// The same, with the samples to write into.
    pub(crate) fn with(samples: Samples, interval: Duration, samplers: Vec<Box<dyn Sampler>>) -> Self {
        let scheduled = |sampler: Box<dyn Sampler>| {
            let period = at_least(sampler.every(), interval);
            Scheduled { sampler, period, last: None, load: Load { cost: Duration::ZERO, stretch: 1 }, is_failing: false }
        };
        Self {
            samplers: samplers.into_iter().map(scheduled).collect(),
            samples,
            buffer: vec![0; BUFFER_BYTES],
            own: Own::new(),
            tally: Tally::default(),
            budget: None,
        }
    }

    /// Keeps to a part of a core.
    pub(crate) fn keep_to(mut self, budget: Budget, spent: Spent) -> Self {
        self.budget = Some((budget, spent));
        self
    }

    /// Takes the turn of this time; `now` is by a clock that is never set. A sampler that fails is counted, and told when
    /// that begins and when it ends; the others go on.
    pub fn take(&mut self, due: Timestamp, now: Timestamp) {
        self.samples.begin(due);
        let spent = self.budget.as_ref().map(|(_, spent)| *spent);
        for scheduled in &mut self.samplers {
            let before = spent.map(|spent| spent());
            let errors = scheduled.take(&mut Turn { due, now, buffer: &mut self.buffer }, &mut self.samples);
            self.tally.read_errors += errors;
            // One that cannot be slowed down has no cost to be weighed by, but counts in what is used.
            if let Some((spent, before)) = spent.zip(before).filter(|_| scheduled.sampler.can_slow_down()) {
                scheduled.load.cost = scheduled.load.cost + (spent() - before);
            }
        }
        self.samples.slow_down(Duration::ZERO);
        self.samples.every(Duration::ZERO);
        self.look_at_budget(now);
    }

    fn look_at_budget(&mut self, now: Timestamp) {
        let Some((budget, spent)) = &mut self.budget else { return };
        let used = spent();
        if budget.is_due(now, used) {
            let loads: Vec<Load> = self.samplers.iter().map(|scheduled| scheduled.load).collect();
            let change = budget.look(now, used, &loads);
            self.samplers.iter_mut().for_each(|scheduled| scheduled.load.cost = Duration::ZERO);
            if let Some(Change::Lower(index) | Change::Restore(index)) = change
                && let Some(scheduled) = self.samplers.get_mut(index)
            {
                scheduled.change(matches!(change, Some(Change::Lower(_))), budget);
            }
        }
        let n_slowed = self.samplers.iter().filter(|scheduled| scheduled.load.stretch > 1).count() as u64;
        self.tally.budget = Some((budget.share(), n_slowed));
    }

    /// Ends the turn with the collector's own numbers and the heartbeat, which carries the time of sending.
    pub fn end(&mut self, sent: Timestamp) {
        self.own.put(&self.tally, &mut self.samples);
        self.own.beat(sent, &mut self.samples);
        self.tally.samples += self.samples.n_samples() as u64;
    }

    /// The turn's samples.
    pub fn samples(&self) -> &Samples {
        &self.samples
    }

    pub(crate) fn tally(&mut self) -> &mut Tally {
        &mut self.tally
    }
}

impl Scheduled {
    /// Asks the sampler if it is due; gives the number of errors.
    fn take(&mut self, turn: &mut Turn<'_>, out: &mut Samples) -> u64 {
        let stretched = self.stretched();
        let period = turn.due.micros().div_euclid(stretched.micros());
        if self.last.replace(period) == Some(period) {
            return 0;
        }
        out.slow_down(if self.load.stretch > 1 { stretched } else { Duration::ZERO });
        out.every(stretched);
        let result = self.sampler.sample(turn, out);
        let name = self.sampler.name();
        match (&result, std::mem::replace(&mut self.is_failing, result.is_err())) {
            (Err(err), false) => tracing::warn!("{name}: {}; told once until it works again", err.told()),
            (Ok(()), true) => tracing::info!("{name}: works again"),
            (Err(_), true) | (Ok(()), false) => {}
        }
        u64::from(result.is_err())
    }

    fn stretched(&self) -> Duration {
        self.period * self.load.stretch
    }

    /// Is asked half as often, or twice, and says so.
    fn change(&mut self, is_lower: bool, budget: &Budget) {
        let stretch = self.load.stretch;
        self.load.stretch = if is_lower { stretch * 2 } else { (stretch / 2).max(1) };
        let percent = |share: f64| (share * 10_000.0).round() / 100.0;
        let (used, limit) = (percent(budget.share()), percent(budget.limit()));
        let (name, period) = (self.sampler.name(), self.stretched());
        if is_lower {
            tracing::warn!("sampling took {used} % of a core, over its budget of {limit} %: {name} is sampled each {period} now");
        } else {
            tracing::info!("sampling took {used} % of a core of its budget of {limit} %: {name} is sampled each {period} again");
        }
    }
}

/// The smallest whole multiple of the interval that is not shorter.
pub(crate) fn at_least(period: Duration, interval: Duration) -> Duration {
    let (period, turn) = (period.micros().max(1), interval.micros().max(1));
    interval * (period.saturating_add(turn - 1) / turn)
}

impl std::fmt::Debug for Turns {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.samplers.iter().map(|scheduled| scheduled.sampler.name()).collect();
        f.debug_struct("Turns").field("samplers", &names).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use event::{Event, msg};

    use super::*;
    use crate::{Error, Series, int};

    /// Counts its turns; fails in those it is told to.
    struct Counting {
        every: Duration,
        fails_in: &'static [i64],
        is_input: bool,
        series: Series<1>,
    }

    impl Counting {
        fn boxed(name: &str, every: i64, fails_in: &'static [i64]) -> Box<dyn Sampler> {
            Box::new(Self::new(name, every, fails_in))
        }

        fn new(name: &str, every: i64, fails_in: &'static [i64]) -> Self {
            Self { every: Duration::from_secs(every), fails_in, is_input: false, series: Series::plain(name, ["field"]) }
        }

        fn input(name: &str) -> Box<dyn Sampler> {
            Box::new(Self { is_input: true, ..Self::new(name, 0, &[]) })
        }
    }

    impl Sampler for Counting {
        fn name(&self) -> &'static str {
            "counting"
        }

        fn every(&self) -> Duration {
            self.every
        }

        fn can_slow_down(&self) -> bool {
            !self.is_input
        }

        fn sample(&mut self, turn: &mut Turn<'_>, out: &mut Samples) -> Result<(), Error> {
            if self.fails_in.contains(&turn.due.secs()) {
                return Err(Error::Text { path: PathBuf::from("/proc/x"), expected: "numbers" });
            }
            self.series.put(out, [int(1)]);
            Ok(())
        }
    }

    /// What is sampled in each of the turns.
    #[track_caller]
    fn check(interval: i64, samplers: Vec<Box<dyn Sampler>>, turns: &[(i64, &[&str])]) -> Tally {
        let mut all = Turns::new("node1", Duration::from_secs(interval), samplers);
        for (secs, expected) in turns {
            let time = Timestamp::from_secs(*secs);
            all.take(time, time);
            let events: Vec<Event> = all.samples().messages().flat_map(msg::events).map(|view| Event::from(&view)).collect();
            let seen: Vec<String> =
                events.iter().map(|event| format!("{} ttl {}", event.service.as_deref().unwrap(), event.ttl.unwrap())).collect();
            assert_eq!(seen, *expected, "in the turn of {secs} s");
        }
        *all.tally()
    }

    #[test]
    fn a_sampler_over_the_budget_is_asked_less_often_and_its_ttl_says_so() {
        /// Each question costs a second.
        fn spent() -> Duration {
            use std::sync::atomic::{AtomicI64, Ordering};
            static SECS: AtomicI64 = AtomicI64::new(0);
            Duration::from_secs(SECS.fetch_add(1, Ordering::Relaxed))
        }
        let samples = Samples::new("node1");
        let turns = Turns::with(samples, Duration::from_secs(1), vec![Counting::boxed("fast", 0, &[])]);
        let mut turns = turns.keep_to(Budget::new(0.02), spent);
        let mut seen = Vec::new();
        for secs in 0..=128 {
            let time = Timestamp::from_secs(secs);
            turns.take(time, time);
            seen.extend(turns.samples().messages().flat_map(msg::events).map(|event| (secs, event.ttl)));
        }
        let after = |from: i64| seen.iter().filter(|(secs, _)| *secs > from).copied().collect::<Vec<_>>();
        assert_eq!(after(61)[..2], [(62, Some(6.0)), (64, Some(6.0))]);
        assert_eq!(after(121), [(124, Some(12.0)), (128, Some(12.0))]);
        assert_eq!(turns.tally.budget.map(|(_, n_slowed)| n_slowed), Some(1));
    }

    #[test]
    fn an_input_is_asked_in_each_turn_whatever_the_budget() {
        /// Each question costs a second.
        fn spent() -> Duration {
            use std::sync::atomic::{AtomicI64, Ordering};
            static SECS: AtomicI64 = AtomicI64::new(0);
            Duration::from_secs(SECS.fetch_add(1, Ordering::Relaxed))
        }
        let samplers = vec![Counting::input("statsd"), Counting::boxed("fast", 0, &[])];
        let mut turns = Turns::new("node1", Duration::from_secs(1), samplers).keep_to(Budget::new(0.02), spent);
        let mut n_seen = [0, 0];
        for secs in 0..=400 {
            let time = Timestamp::from_secs(secs);
            turns.take(time, time);
            for event in turns.samples().messages().flat_map(msg::events) {
                let is_input = event.service == Some(b"statsd/field");
                assert!(!is_input || event.ttl == Some(5.0), "{event:?}");
                n_seen[usize::from(is_input)] += 1;
            }
        }
        assert_eq!(n_seen[1], 401);
        assert!(n_seen[0] < 200, "the other one was slowed down: {n_seen:?}");
    }

    #[test]
    fn a_slow_sampler_is_asked_at_whole_multiples_and_in_the_first_turn() {
        let samplers = vec![Counting::boxed("fast", 0, &[]), Counting::boxed("slow", 10, &[])];
        let (fast, slow) = ("fast/field ttl 5", "slow/field ttl 30");
        check(1, samplers, &[(8, &[fast, slow]), (9, &[fast]), (10, &[fast, slow]), (11, &[fast]), (20, &[fast, slow])]);
    }

    #[test]
    fn a_period_is_made_a_whole_multiple_of_the_interval() {
        let samplers = vec![Counting::boxed("slow", 10, &[])];
        check(4, samplers, &[(12, &["slow/field ttl 36"]), (16, &[]), (20, &[]), (24, &["slow/field ttl 36"])]);
    }

    #[test]
    fn a_missed_turn_does_not_cost_a_slow_sampler_its_period() {
        let slow = "slow/field ttl 30";
        check(1, vec![Counting::boxed("slow", 10, &[])], &[(9, &[slow]), (12, &[slow]), (13, &[]), (20, &[slow])]);
    }

    #[test]
    fn a_sampler_that_fails_is_counted_and_the_others_go_on() {
        let samplers = vec![Counting::boxed("broken", 0, &[2, 3]), Counting::boxed("fine", 0, &[])];
        let (broken, fine) = ("broken/field ttl 5", "fine/field ttl 5");
        let tally = check(1, samplers, &[(1, &[broken, fine]), (2, &[fine]), (3, &[fine]), (4, &[broken, fine])]);
        assert_eq!(tally.read_errors, 2);
    }

    #[test]
    fn a_turn_ends_with_the_collectors_own_numbers_and_a_heartbeat_of_the_time_of_sending() {
        let mut turns = Turns::new("node1", Duration::from_secs(1), Vec::new());
        turns.take(Timestamp::from_secs(60), Timestamp::from_secs(7));
        turns.end(Timestamp::from_micros(60_250_000));
        let events: Vec<Event> = turns.samples().messages().flat_map(msg::events).map(|view| Event::from(&view)).collect();
        let fields: Vec<&str> = events.iter().filter_map(|event| event.service.as_deref()?.strip_prefix("skep_collector/")).collect();
        assert_eq!((fields.first(), fields.last(), fields.len()), (Some(&"turns_missed"), Some(&"heartbeat"), 11));
        let (beat, others) = events.split_last().unwrap();
        assert_eq!(beat.time, Some(Timestamp::from_micros(60_250_000)));
        assert!(others.iter().all(|event| event.time == Some(Timestamp::from_secs(60))));
    }
}
