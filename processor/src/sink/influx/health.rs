//! How it stands with the server, and when it may be asked again.

use std::time::Duration;

use tokio::time::Instant;

use super::backoff;
use super::courier::Ending;

/// How often a server that needs somebody's hand is asked again.
const PROBE_EVERY: Duration = Duration::from_secs(30);

/// The server as the last answers show it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Health {
    /// Nothing has been sent yet.
    Unknown,
    /// It takes what it is sent.
    Up,
    /// It does not answer, or asks for time.
    Away { failures: u32, since: Instant, last: Instant, next: Instant, message: String },
    /// Somebody has to set something right.
    Paused { since: Instant, last: Instant, next: Instant, message: String },
}

impl Health {
    /// Whether more than one request may be under way.
    pub(crate) fn is_up(&self) -> bool {
        matches!(self, Self::Up)
    }

    /// When the next request may go; `None` for at once.
    pub(crate) fn next(&self) -> Option<Instant> {
        match self {
            Self::Unknown | Self::Up => None,
            Self::Away { next, .. } | Self::Paused { next, .. } => Some(*next),
        }
    }

    /// Whether the server has failed.
    pub(crate) fn is_failing(&self) -> bool {
        self.next().is_some()
    }

    /// Whether somebody has to set something right.
    pub(crate) fn is_paused(&self) -> bool {
        matches!(self, Self::Paused { .. })
    }

    /// What the ending of a request that went at `begun` makes of it, logged where it changes.
    ///
    /// Several may be under way: those that went before the last failure say nothing new, and must not take back a wait that the server
    /// asked for.
    pub(crate) fn after(&self, ending: &Ending, begun: Instant, now: Instant, address: &str) -> Self {
        match ending {
            _ if self.last().is_some_and(|last| begun < last) => self.clone(),
            Ending::Done => self.up(now, address),
            Ending::Away { after, message } => self.away(*after, message, now, address),
            Ending::Paused { message } => self.paused(message, now),
        }
    }

    /// When it failed last.
    fn last(&self) -> Option<Instant> {
        match self {
            Self::Unknown | Self::Up => None,
            Self::Away { last, .. } | Self::Paused { last, .. } => Some(*last),
        }
    }

    /// One sentence for the status page; `waiting` is how many lines wait.
    pub(crate) fn line(&self, address: &str, waiting: u64) -> String {
        let state = match self {
            Self::Unknown => format!("InfluxDB at {address}: nothing sent yet"),
            Self::Up => format!("InfluxDB at {address} takes points"),
            Self::Away { message, .. } => format!("InfluxDB at {address} is away ({message}); points are kept and sent later"),
            Self::Paused { message, .. } => message.clone(),
        };
        if waiting > 0 { format!("{state}; lines waiting: {waiting}") } else { state }
    }

    fn up(&self, now: Instant, address: &str) -> Self {
        match self {
            Self::Up => {}
            Self::Unknown => tracing::info!(server = address, "InfluxDB takes points"),
            Self::Away { since, .. } | Self::Paused { since, .. } => {
                tracing::info!(server = address, after_s = now.duration_since(*since).as_secs(), "InfluxDB takes points again");
            }
        }
        Self::Up
    }

    fn away(&self, after: Option<Duration>, message: &str, now: Instant, address: &str) -> Self {
        let (failures, since) = match self {
            Self::Away { failures, since, .. } => (failures + 1, *since),
            Self::Unknown | Self::Up | Self::Paused { .. } => {
                tracing::warn!(
                    "InfluxDB at {address} is away ({message}); points are kept and sent later. Is it running, and is the address right?"
                );
                (1, now)
            }
        };
        let wait = after.unwrap_or_default().max(backoff::wait(failures, backoff::random(u64::from(failures))));
        Self::Away { failures, since, last: now, next: now + wait, message: message.to_owned() }
    }

    fn paused(&self, message: &str, now: Instant) -> Self {
        let since = match self {
            Self::Paused { since, message: before, .. } if before == message => *since,
            Self::Paused { .. } | Self::Unknown | Self::Up | Self::Away { .. } => {
                tracing::error!("{message}. Points are kept; the server is asked again every {} s", PROBE_EVERY.as_secs());
                now
            }
        };
        Self::Paused { since, last: now, next: now + PROBE_EVERY, message: message.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "an instant to count from")]
    fn what_went_before_a_failure_does_not_end_the_wait_after_it() {
        let start = Instant::now();
        let at = |secs| start + Duration::from_secs(secs);
        let busy = Ending::Away { after: Some(Duration::from_secs(60)), message: "429".into() };
        let failed = Health::Up.after(&busy, at(0), at(5), "h");
        assert_eq!(failed.next(), Some(at(65)));
        assert_eq!(failed.after(&Ending::Done, at(4), at(6), "h"), failed);
        assert_eq!(failed.after(&busy, at(4), at(7), "h"), failed);
        assert_eq!(failed.after(&Ending::Done, at(65), at(66), "h"), Health::Up);
    }
}
