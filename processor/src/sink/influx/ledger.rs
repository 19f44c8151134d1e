//! Which batches are still under way, and so up to where everything is safe.

use std::collections::VecDeque;

use transport::log::Position;

/// Names a batch; a later one is greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ticket(u64);

/// The batches in the order they came.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// Each with its position, and whether it has ended.
    batches: VecDeque<(Position, bool)>,
    /// The ticket of the first of them.
    first: u64,
    safe: Position,
}

impl Ledger {
    /// A batch begins.
    pub(crate) fn begin(&mut self, position: Position) -> Ticket {
        self.batches.push_back((position, false));
        Ticket(self.first + self.batches.len() as u64 - 1)
    }

    /// A batch is at the server, in the spool, or given up.
    pub(crate) fn end(&mut self, ticket: Ticket) {
        let at = usize::try_from(ticket.0.wrapping_sub(self.first)).unwrap_or(usize::MAX);
        if let Some((_, ended)) = self.batches.get_mut(at) {
            *ended = true;
        }
        while let Some((position, true)) = self.batches.front() {
            self.safe = self.safe.max(*position);
            self.batches.pop_front();
            self.first += 1;
        }
    }

    /// Everything up to here has ended.
    pub(crate) fn safe(&self) -> Position {
        self.safe
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_safe_when_all_before_it_are() {
        let mut ledger = Ledger::default();
        let tickets: Vec<_> = [3, 5, 5, 9].map(|at| ledger.begin(Position::from_u64(at))).into();
        let mut end = |at: usize| {
            ledger.end(tickets[at]);
            ledger.safe().as_u64()
        };
        assert_eq!([end(1), end(0), end(0), end(3), end(2)], [0, 5, 5, 5, 9]);
    }
}
