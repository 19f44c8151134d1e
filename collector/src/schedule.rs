//! When a turn is due: at each whole multiple of the interval on the wall clock. Pure: the driver reads the clocks and waits.

use event::{Duration, Timestamp};

/// The two clocks part by more than this when the wall clock was set or the machine was suspended.
const STEP: Duration = Duration::from_secs(2);

/// The clocks, read together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clocks {
    /// The wall clock.
    pub wall: Timestamp,
    /// A clock that is never set and stands still while the machine is suspended. Only differences count.
    pub steady: Timestamp,
}

/// What the driver is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing for so long; then ask again.
    Wait(Duration),
    /// Take the turn of this time, now.
    Turn(Timestamp),
    /// The wall clock has gone by this much more (or less, when negative) than time has: tell, and ask again.
    Stepped(Duration),
}

/// Knows which turn comes next.
#[derive(Clone, Debug)]
pub struct Schedule {
    interval: Duration,
    next: Timestamp,
    last: Clocks,
    missed: u64,
    stepped: u64,
}

impl Schedule {
    /// The first turn is the next whole multiple of the interval.
    pub fn new(interval: Duration, clocks: Clocks) -> Self {
        let interval = interval.max(Duration::from_micros(1));
        Self { interval, next: at_or_after(clocks.wall, interval), last: clocks, missed: 0, stepped: 0 }
    }

    /// What is to be done at this time.
    pub fn next(&mut self, clocks: Clocks) -> Next {
        let step = (clocks.wall - self.last.wall) - (clocks.steady - self.last.steady);
        self.last = clocks;
        if step.micros().saturating_abs() > STEP.micros() {
            self.next = at_or_after(clocks.wall, self.interval);
            self.stepped += 1;
            return Next::Stepped(step);
        }
        if clocks.wall < self.next {
            return Next::Wait(self.next - clocks.wall);
        }
        let due = at_or_before(clocks.wall, self.interval);
        let late = (due - self.next).micros() / self.interval.micros();
        self.missed += u64::try_from(late).unwrap_or(0);
        self.next = due + self.interval;
        Next::Turn(due)
    }

    /// Turns that were skipped because the one before took too long, or the machine was too busy.
    pub fn missed(&self) -> u64 {
        self.missed
    }

    /// How often the wall clock was set, or the machine suspended.
    pub fn stepped(&self) -> u64 {
        self.stepped
    }
}

fn at_or_before(time: Timestamp, interval: Duration) -> Timestamp {
    Timestamp::from_micros(time.micros() - time.micros().rem_euclid(interval.micros()))
}

fn at_or_after(time: Timestamp, interval: Duration) -> Timestamp {
    let before = at_or_before(time, interval);
    if before == time { time } else { before + interval }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const START: i64 = 1_795_540_000;

    /// A machine whose clocks are moved by the test.
    struct Machine {
        clocks: Clocks,
        schedule: Schedule,
    }

    impl Machine {
        /// Each second, started this long after a whole one.
        fn started_after(secs: f64) -> Self {
            let wall = Timestamp::from_secs(START) + Duration::from_secs_f64(secs);
            let clocks = Clocks { wall, steady: Timestamp::from_secs(5) };
            Self { clocks, schedule: Schedule::new(Duration::from_secs(1), clocks) }
        }

        fn passes(&mut self, secs: f64) -> &mut Self {
            self.clocks.steady = self.clocks.steady + Duration::from_secs_f64(secs);
            self.is_set_by(secs)
        }

        fn is_set_by(&mut self, secs: f64) -> &mut Self {
            self.clocks.wall = self.clocks.wall + Duration::from_secs_f64(secs);
            self
        }

        #[track_caller]
        fn waits(&mut self, secs: f64) -> &mut Self {
            assert_eq!(self.schedule.next(self.clocks), Next::Wait(Duration::from_secs_f64(secs)));
            self
        }

        #[track_caller]
        fn takes_turn(&mut self, secs: i64) -> &mut Self {
            assert_eq!(self.schedule.next(self.clocks), Next::Turn(Timestamp::from_secs(START + secs)));
            self
        }

        #[track_caller]
        fn says_stepped(&mut self, secs: f64) -> &mut Self {
            assert_eq!(self.schedule.next(self.clocks), Next::Stepped(Duration::from_secs_f64(secs)));
            self
        }

        #[track_caller]
        fn counts(&self, missed: u64, stepped: u64) {
            assert_eq!((self.schedule.missed(), self.schedule.stepped()), (missed, stepped));
        }
    }

    #[test]
    fn turns_are_due_at_whole_seconds_of_the_wall_clock() {
        let mut machine = Machine::started_after(0.25);
        machine.waits(0.75).passes(0.75).takes_turn(1).passes(0.5).waits(0.5).passes(0.5).takes_turn(2).counts(0, 0);
    }

    #[test]
    fn a_turn_that_wakes_late_keeps_its_time_and_the_next_is_not_put_off() {
        let mut machine = Machine::started_after(0.0);
        machine.takes_turn(0).passes(1.75).takes_turn(1).waits(0.25).passes(0.25).takes_turn(2).counts(0, 0);
    }

    #[test]
    fn turns_that_were_slept_through_are_counted_and_skipped() {
        let mut machine = Machine::started_after(0.0);
        machine.takes_turn(0).passes(4.5).takes_turn(4).waits(0.5).counts(3, 0);
    }

    #[test]
    fn a_suspended_machine_goes_on_with_the_next_turn_and_has_missed_none() {
        let mut machine = Machine::started_after(0.0);
        machine.takes_turn(0).passes(0.5).is_set_by(3600.25).says_stepped(3600.25).waits(0.25).counts(0, 1);
    }

    #[test]
    fn a_clock_that_is_set_back_does_not_stop_the_turns() {
        let mut machine = Machine::started_after(0.0);
        machine.takes_turn(0).passes(0.25).is_set_by(-3600.0).says_stepped(-3600.0).waits(0.75);
        machine.passes(0.75).takes_turn(-3599).counts(0, 1);
    }

    #[test]
    fn a_clock_set_back_by_a_little_repeats_no_turn() {
        let mut machine = Machine::started_after(0.0);
        machine.takes_turn(0).is_set_by(-1.5).waits(2.5).passes(2.5).takes_turn(1).counts(0, 0);
    }

    proptest! {
        #[test]
        fn turns_come_in_order_once_each_at_whole_multiples_or_are_counted(
            interval in 1..5_000_000i64,
            steps in prop::collection::vec(0..9_000_000i64, 1..99),
        ) {
            let interval = Duration::from_micros(interval);
            let mut clocks = Clocks { wall: Timestamp::from_secs(START), steady: Timestamp::default() };
            let mut schedule = Schedule::new(interval, clocks);
            let first = at_or_after(clocks.wall, interval);
            let mut last = first - interval;
            let mut n_turns = 0;
            for micros in steps {
                let passed = Duration::from_micros(micros);
                clocks = Clocks { wall: clocks.wall + passed, steady: clocks.steady + passed };
                if let Next::Turn(due) = schedule.next(clocks) {
                    prop_assert!(due > last && due <= clocks.wall);
                    prop_assert_eq!(due.micros() % interval.micros(), 0);
                    (last, n_turns) = (due, n_turns + 1);
                }
            }
            let n_due = ((last - first).micros() / interval.micros() + 1) as u64;
            prop_assert_eq!(n_turns + schedule.missed(), n_due);
        }
    }
}
