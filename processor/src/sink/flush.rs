//! What an outlet says when it is asked to hand its batch over.

/// The answer of an outlet's `flush`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flush {
    /// Nothing is due yet, or nothing is there.
    Idle,
    /// The batch went to the outlet's thread.
    Sent,
    /// The thread's queue is full; the batch is kept and grows. The driver takes no further batch until there is room.
    Full,
}
