//! The driver's clock: wall time that never goes back and whose steps are told apart from its passing.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use event::{Duration, Timestamp};

/// By how much wall time and counted time may part before we call it a step. NTP slews by far less.
const STEP: Duration = Duration::from_secs(2);

/// What the two clocks of the machine say at one moment.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// Wall time.
    pub wall: Timestamp,
    /// Time counted since some fixed moment; it does not run while the machine is suspended.
    pub counted: Duration,
}

/// Reads the machine's clocks.
#[derive(Debug)]
pub struct Source {
    start: Instant,
}

impl Source {
    /// Starts counting.
    #[expect(clippy::disallowed_methods, reason = "the driver is where time comes from")]
    pub fn start() -> Self {
        Self { start: Instant::now() }
    }

    /// Both clocks, now.
    #[expect(clippy::disallowed_methods, reason = "the driver is where time comes from")]
    pub fn read(&self) -> Reading {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let counted = self.start.elapsed();
        let micros = |span: std::time::Duration| i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
        Reading { wall: Timestamp::from_micros(micros(wall)), counted: Duration::from_micros(micros(counted)) }
    }
}

/// What a look at the clock found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Time passed as it should.
    None,
    /// The engine's `now` jumped on by this much more than the time that passed: a step of the clock, or a machine that was suspended.
    On(Duration),
    /// Wall time jumped back by this much.
    Back(Duration),
}

/// Turns readings into the engine's `now`: counted on from one wall time, re-based when the wall clock is set.
///
/// `now` never goes back. After a step back it runs at half speed until the wall clock has caught up: frozen, no
/// timer would ever fire; at full speed it would stay ahead for ever.
#[derive(Debug)]
pub struct Clock {
    base: Reading,
    last: Reading,
}

impl Clock {
    /// Begins at this reading, but not before `floor`, the journal's last `now`.
    pub fn begin(reading: Reading, floor: Timestamp) -> Self {
        let last = Reading { wall: reading.wall.max(floor), counted: reading.counted };
        Self { base: reading, last }
    }

    /// The engine's present, as the last reading gave it.
    pub fn now(&self) -> Timestamp {
        self.last.wall
    }

    /// Takes a reading; gives the engine's `now` and whether the wall clock was set since the last one.
    pub fn advance(&mut self, reading: Reading) -> (Timestamp, Step) {
        let expected = self.base.wall + (reading.counted - self.base.counted);
        let off = reading.wall - expected;
        let is_set = off > STEP || off < Duration::ZERO - STEP;
        let target = if is_set { self.rebase(reading) } else { expected };
        let passed = (reading.counted - self.last.counted).max(Duration::ZERO);
        let slowed = self.last.wall + Duration::from_micros(passed.micros() / 2);
        let now = if target >= self.last.wall { target } else { slowed };
        // Of a step on while `now` was ahead only the part that `now` takes part in counts: deadlines move with `now`.
        let jumped = now - self.last.wall - passed;
        let step = if !is_set {
            Step::None
        } else if off < Duration::ZERO {
            Step::Back(Duration::ZERO - off)
        } else if jumped > Duration::ZERO {
            Step::On(jumped)
        } else {
            Step::None
        };
        self.last = Reading { wall: now, counted: reading.counted };
        (now, step)
    }

    fn rebase(&mut self, reading: Reading) -> Timestamp {
        self.base = reading;
        reading.wall
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(wall: i64, counted: i64) -> Reading {
        Reading { wall: Timestamp::from_secs(wall), counted: Duration::from_secs(counted) }
    }

    #[track_caller]
    fn check(clock: &mut Clock, reading: Reading, now: i64, step: Step) {
        assert_eq!(clock.advance(reading), (Timestamp::from_secs(now), step));
    }

    #[test]
    fn follows_the_counted_time_and_ignores_small_corrections() {
        let mut clock = Clock::begin(at(1000, 0), Timestamp::from_secs(0));
        check(&mut clock, at(1010, 10), 1010, Step::None);
        check(&mut clock, at(1022, 20), 1020, Step::None);
    }

    #[test]
    fn a_step_on_is_told_and_taken() {
        let mut clock = Clock::begin(at(1000, 0), Timestamp::from_secs(0));
        check(&mut clock, at(1060, 10), 1060, Step::On(Duration::from_secs(50)));
        check(&mut clock, at(1070, 20), 1070, Step::None);
    }

    #[test]
    fn after_a_step_back_time_runs_at_half_speed_until_the_wall_clock_has_caught_up() {
        let mut clock = Clock::begin(at(1000, 0), Timestamp::from_secs(0));
        check(&mut clock, at(1010, 10), 1010, Step::None);
        check(&mut clock, at(990, 20), 1015, Step::Back(Duration::from_secs(30)));
        check(&mut clock, at(1010, 40), 1025, Step::None);
        check(&mut clock, at(1060, 90), 1060, Step::None);
    }

    #[test]
    fn of_a_step_on_only_what_moves_the_present_counts() {
        let mut clock = Clock::begin(at(1000, 0), Timestamp::from_secs(0));
        check(&mut clock, at(970, 10), 1005, Step::Back(Duration::from_secs(40)));
        // The wall clock is set right again: `now` had waited for it, and jumps by 5 s, not by 40 s.
        check(&mut clock, at(1020, 20), 1020, Step::On(Duration::from_secs(5)));
        // The journal's last `now` was an hour ahead: a step that does not reach it moves nothing.
        let mut clock = Clock::begin(at(1000, 0), Timestamp::from_secs(4600));
        check(&mut clock, at(1070, 10), 4605, Step::None);
        check(&mut clock, at(1080, 20), 4610, Step::None);
    }

    #[test]
    fn a_restart_does_not_fall_below_the_journals_last_now() {
        let mut clock = Clock::begin(at(1000, 0), Timestamp::from_secs(1004));
        assert_eq!(clock.now(), Timestamp::from_secs(1004));
        check(&mut clock, at(1002, 2), 1005, Step::None);
        check(&mut clock, at(1010, 10), 1010, Step::None);
    }
}
