//! Why a message did not arrive, and whether it is worth another try.

use event::Duration;

/// Why a message did not arrive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// A sentence.
    pub reason: String,
    /// What to do about it.
    pub again: Again,
}

/// Whether what failed is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// As long as the message is of use; not before so long, where the other side asks for it.
    Later(Option<Duration>),
    /// The other side understood it and does not want it: a few times, for it may be set right.
    Few,
    /// The like, and it would take no other part of the message either: it does not know the sender.
    FewForAll,
    /// It is settled: no further try would change anything.
    Never,
}

impl Failure {
    pub(super) fn passing(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), again: Again::Later(None) }
    }

    pub(super) fn lasting(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), again: Again::Few }
    }
}
