//! What is wrong with a target, and what of it is new and to be told.

use super::fetch::Failure;

/// The last scrape's failure; the target works where there is none.
#[derive(Debug, Default)]
pub(super) struct Trouble(Option<Failure>);

/// What a scrape has changed.
#[derive(Debug)]
pub(super) enum News<'a> {
    /// It fails, or does so for another reason than before.
    Fails(&'a Failure),
    /// It failed, and works again.
    Works,
}

impl Trouble {
    /// Whether the last scrape failed.
    pub(super) fn is_failing(&self) -> bool {
        self.0.is_some()
    }

    /// Takes the result of a scrape; `None` when it is as it was.
    pub(super) fn take(&mut self, result: Result<(), Failure>) -> Option<News<'_>> {
        let before = std::mem::replace(&mut self.0, result.err());
        match (before, &self.0) {
            (Some(before), Some(now)) if is_same(&before, now) => None,
            (_, Some(now)) => Some(News::Fails(now)),
            (Some(_), None) => Some(News::Works),
            (None, None) => None,
        }
    }
}

/// Whether one reason is the other. The place of a mistake is none of it: it may be another in each answer.
fn is_same(one: &Failure, other: &Failure) -> bool {
    match (one, other) {
        (Failure::Connection(one), Failure::Connection(other)) => one == other,
        (Failure::Status(one), Failure::Status(other)) => one == other,
        _ => std::mem::discriminant(one) == std::mem::discriminant(other),
    }
}

#[cfg(test)]
mod tests {
    use hyper::StatusCode;

    use super::*;

    #[test]
    fn a_reason_is_told_when_it_begins_changes_and_ends() {
        let refused = || Err(Failure::Connection("Connection refused".to_owned()));
        let late = || Err(Failure::Late(event::Duration::from_secs(5)));
        let status = |code| Err(Failure::Status(code));
        let (not_found, unavailable) = (StatusCode::NOT_FOUND, StatusCode::SERVICE_UNAVAILABLE);
        let results = [
            (Ok(()), ""),
            (refused(), "Connection refused"),
            (refused(), ""),
            (late(), "no whole answer within 5s"),
            (late(), ""),
            (status(not_found), "it answered 404 Not Found; only 200 is taken, and no other address is followed"),
            (status(unavailable), "it answered 503 Service Unavailable; only 200 is taken, and no other address is followed"),
            (Err(Failure::Bytes(3)), "its answer is not UTF-8 from byte 3 on"),
            (Err(Failure::Bytes(9)), ""),
            (Ok(()), "works"),
            (Ok(()), ""),
            (refused(), "Connection refused"),
        ];
        let mut trouble = Trouble::default();
        for (nth, (result, expected)) in results.into_iter().enumerate() {
            let is_failing = result.is_err();
            let told = match trouble.take(result) {
                Some(News::Fails(failure)) => failure.to_string(),
                Some(News::Works) => "works".to_owned(),
                None => String::new(),
            };
            assert_eq!((told.as_str(), trouble.is_failing()), (expected, is_failing), "of scrape {nth}");
        }
    }
}
