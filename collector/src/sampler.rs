//! What reads one thing each turn.

use event::{Duration, Timestamp};

use crate::{Error, Samples};

/// Reads files and writes samples, once a turn.
///
/// Built and used on the sampling thread. In the steady state it allocates nothing: files stay open, texts of series are
/// built when a series is first seen.
pub trait Sampler {
    /// What the log calls it: `cpu`.
    fn name(&self) -> &'static str;

    /// The least time between two samples; [`Duration::ZERO`] is every turn. It is made a whole multiple of the interval.
    fn every(&self) -> Duration {
        Duration::ZERO
    }

    /// Whether it may be asked less often to keep to a budget. One that only hands on what comes from elsewhere may not:
    /// that would save nothing, and what it tells would end before it comes again.
    fn can_slow_down(&self) -> bool {
        true
    }

    /// Takes one turn.
    ///
    /// # Errors
    /// What could not be read. It is counted, and told when it begins and ends; the sampler is asked again in its next turn,
    /// and what it has written before it failed is sent.
    fn sample(&mut self, turn: &mut Turn<'_>, out: &mut Samples) -> Result<(), Error>;
}

/// What holds for one turn.
#[derive(Debug)]
pub struct Turn<'a> {
    /// The time that samples carry: a whole multiple of the interval on the wall clock.
    pub due: Timestamp,
    /// When the turn began, by a clock that is never set: for rates and percentages.
    pub now: Timestamp,
    /// What a file holds, for one read at a time; kept between turns.
    pub buffer: &'a mut Vec<u8>,
}
