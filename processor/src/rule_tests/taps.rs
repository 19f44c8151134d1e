//! What comes out of the taps of streams in a test.

use engine::streams::{Outgoing, Signal, Way};
use event::{Duration, Event};

use super::plan::Found;

/// Events that are kept of one test.
const MAX_EVENTS: usize = 100_000;

/// An event that is expected at a tap. It matches when all matches that is there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TapLine {
    /// Which.
    pub tap: String,
    /// When, from the start of the test.
    pub at: Option<Duration>,
    /// What.
    pub found: Found,
}

/// An event that came out of a tap; those of a row one by one.
#[derive(Clone, Debug, PartialEq)]
pub struct TapSeen {
    /// When, from the start of the test.
    pub at: Duration,
    /// Of which.
    pub tap: String,
    /// What.
    pub event: Event,
}

/// Takes down what comes out of taps.
pub(super) fn keep(out: &Outgoing<'_>, at: Duration, seen: &mut Vec<TapSeen>) {
    let Way::Tap(tap) = out.way else { return };
    let mut push = |event: Event| {
        if seen.len() < MAX_EVENTS {
            seen.push(TapSeen { at, tap: tap.clone(), event });
        }
    };
    match out.signal {
        Signal::One(event) => push(Event::from(event)),
        Signal::Many(events) => events.iter().flatten().for_each(|event| push(Event::from(&event))),
    }
}
