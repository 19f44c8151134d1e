//! How long a server asks to be left alone: the header `Retry-After`.

use event::{Duration, Timestamp};
use hyper::HeaderMap;
use hyper::header::RETRY_AFTER;

/// However long a server asks to wait, it is asked again after this.
const LONGEST_WAIT: Duration = Duration::from_secs(600);

/// How long the server asks to wait: seconds, or until a date.
pub(crate) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = match text.parse::<u32>() {
        Ok(seconds) => Duration::from_secs(i64::from(seconds)),
        Err(_) => {
            let until = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
            Timestamp::from_micros(until.as_microsecond()) - now
        }
    };
    Some(wait.clamp(Duration::ZERO, LONGEST_WAIT))
}
