//! What an event says about the levels of its rule, before any time comes into it.

use event::View;

use super::Alert;
use super::alert::Level;
use crate::State;
use crate::query::Query;

/// The levels, lowest first, as they stand in an [`Alert`].
pub(crate) const LEVELS: [State; 3] = [State::Info, State::Warning, State::Critical];

impl Alert {
    /// The level of this state, if the rule has it.
    pub(crate) fn level(&self, state: State) -> Option<&Level> {
        match state {
            State::Info => self.info.as_ref(),
            State::Warning => self.warn.as_ref(),
            State::Critical => self.crit.as_ref(),
            State::Ok | State::Expired => None,
        }
    }

    /// Whether what tells the two events apart is what the rule asks for.
    pub(crate) fn asks_whether(&self, event: &View<'_>, other: &View<'_>) -> bool {
        let differs = |query: &Query| query.matches(event) && !query.matches(other);
        differs(&self.where_) || [&self.info, &self.warn, &self.crit].into_iter().flatten().any(|level| differs(&level.when))
    }

    /// The lowest level that it can open at.
    pub(crate) fn lowest(&self) -> State {
        LEVELS.into_iter().find(|&state| self.level(state).is_some()).unwrap_or(State::Critical)
    }
}

/// Answers of an event, kept for the looks that come without one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Conditions(u8);

/// The rule's own `clear` does not hold.
const UNCLEAR: u8 = 1 << 6;

impl Conditions {
    /// Asks the rule. The clears are asked only while the instance is open: nothing else needs them.
    #[inline]
    pub(crate) fn ask(alert: &Alert, event: &View<'_>, open: bool) -> Self {
        let mut bits = 0;
        for (at, level) in [&alert.info, &alert.warn, &alert.crit].into_iter().enumerate() {
            let Some(level) = level else { continue };
            bits |= u8::from(level.when.matches(event)) << at;
            if open && level.clear.as_ref().is_some_and(|clear| !clear.matches(event)) {
                bits |= 1 << (at + 3);
            }
        }
        if open && alert.clear.as_ref().is_some_and(|clear| !clear.matches(event)) {
            bits |= UNCLEAR;
        }
        Self(bits)
    }

    /// Nothing holds and nothing waits to clear.
    #[inline]
    pub(crate) fn is_idle(self) -> bool {
        self.0 == 0
    }

    /// The level's condition holds; `at` counts from the lowest.
    pub(crate) fn holds(self, at: usize) -> bool {
        self.0 & 1 << at != 0
    }

    /// The level has a clear of its own, which does not hold.
    pub(crate) fn level_unclear(self, at: usize) -> bool {
        self.0 & 1 << (at + 3) != 0
    }

    /// The rule has a clear, which does not hold.
    pub(crate) fn unclear(self) -> bool {
        self.0 & UNCLEAR != 0
    }

    pub(crate) fn to_bits(self) -> u8 {
        self.0
    }

    pub(crate) fn from_bits(bits: u8) -> Self {
        Self(bits)
    }
}
