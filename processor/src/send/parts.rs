//! How far a message has come that takes several posts: a further try begins where the last one failed.

use super::failure::{Again, Failure};
use crate::notify::Id;

/// What became of the posts of one message.
#[derive(Debug, Default)]
pub(super) struct Parts {
    id: Option<Id>,
    n_all: usize,
    n_arrived: usize,
    n_refused: usize,
    /// Why the first one was refused.
    reason: String,
}

impl Parts {
    /// Takes up a message of so many posts: where it was left, if it is the one of the last time.
    pub(super) fn begin(&mut self, id: Id, n_all: usize) {
        if (self.id, self.n_all) != (Some(id), n_all) {
            *self = Self { id: Some(id), n_all, ..Self::default() };
        }
    }

    /// How many of the first ones are done with.
    pub(super) fn n_settled(&self) -> usize {
        self.n_arrived + self.n_refused
    }

    /// Takes note of the next one; what is refused does not stop those behind it, unless they would be refused too.
    ///
    /// # Errors
    /// The failure, when the next try is to begin here.
    pub(super) fn settle(&mut self, result: Result<(), Failure>) -> Result<(), Failure> {
        match result {
            Ok(()) => self.n_arrived += 1,
            Err(failure) if matches!(failure.again, Again::Later(_) | Again::FewForAll) => return Err(failure),
            Err(failure) => {
                if self.n_refused == 0 {
                    self.reason = failure.reason;
                }
                self.n_refused += 1;
            }
        }
        Ok(())
    }

    /// All are done with.
    ///
    /// # Errors
    /// When some were refused. Where none arrived all are tried again, for it may be the settings; else it is about those alone.
    pub(super) fn end(&mut self) -> Result<(), Failure> {
        let Self { n_arrived, n_refused, n_all, .. } = *self;
        let reason = std::mem::take(&mut self.reason);
        *self = Self::default();
        match (n_arrived, n_refused) {
            (_, 0) => Ok(()),
            (0, 1) => Err(Failure::lasting(reason)),
            (0, _) => Err(Failure::lasting(format!("all {n_all} parts were refused: {reason}"))),
            _ => Err(Failure { reason: format!("{n_refused} of {n_all} parts were refused: {reason}"), again: Again::Never }),
        }
    }
}

#[cfg(test)]
mod tests {
    use event::Timestamp;

    use super::*;
    use crate::notify::Kind;

    fn id(secs: i64) -> Id {
        Id::of_message("ops", Kind::News, Timestamp::from_secs(secs), &[])
    }

    /// One try: which parts were sent, and how it ended.
    fn one_try(parts: &mut Parts, id: Id, answer: impl Fn(usize) -> Result<(), Failure>) -> (Vec<usize>, Result<(), Failure>) {
        parts.begin(id, 4);
        let mut sent = Vec::new();
        for n in parts.n_settled()..4 {
            sent.push(n);
            if let Err(failure) = parts.settle(answer(n)) {
                return (sent, Err(failure));
            }
        }
        (sent, parts.end())
    }

    #[test]
    fn a_try_begins_where_the_last_one_failed_and_what_is_refused_stops_nobody() {
        let mut parts = Parts::default();
        let busy = Err(Failure::passing("HTTP 429"));
        let refused = || Err(Failure::lasting("HTTP 400"));
        let first = |n| match n {
            1 => refused(),
            2 => busy.clone(),
            _ => Ok(()),
        };
        assert_eq!(one_try(&mut parts, id(1), first), (vec![0, 1, 2], busy.clone()));
        let told = Err(Failure { reason: "1 of 4 parts were refused: HTTP 400".to_owned(), again: Again::Never });
        assert_eq!(one_try(&mut parts, id(1), |_| Ok(())), (vec![2, 3], told));
        // Another message begins at its own beginning.
        assert_eq!(one_try(&mut parts, id(2), first).0, [0, 1, 2]);
        assert_eq!(one_try(&mut parts, id(3), |_| Ok(())), (vec![0, 1, 2, 3], Ok(())));
    }

    #[test]
    fn who_is_not_known_sends_one_part_a_try() {
        let mut parts = Parts::default();
        let unknown = || Err(Failure { again: Again::FewForAll, ..Failure::lasting("HTTP 401") });
        for _ in 0..2 {
            assert_eq!(one_try(&mut parts, id(1), |_| unknown()), (vec![0], unknown()));
        }
    }

    #[test]
    fn where_all_are_refused_all_are_tried_again() {
        let mut parts = Parts::default();
        let told = Err(Failure::lasting("all 4 parts were refused: HTTP 400"));
        for _ in 0..2 {
            assert_eq!(one_try(&mut parts, id(1), |_| Err(Failure::lasting("HTTP 400"))), (vec![0, 1, 2, 3], told.clone()));
        }
    }
}
