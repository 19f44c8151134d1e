//! What an answer to a POST means: taken, tried again, or refused.

use event::{Duration, Timestamp};
use hyper::HeaderMap;
use hyper::header::LOCATION;
use hyper::http::response::Parts;

use super::failure::{Again, Failure};
use crate::retry_after::retry_after;

/// So much of an answer stands in the log.
const MAX_SHOWN: usize = 200;

/// 408, 425, 429 and what is the server's own fault may pass, and so may a move that the server calls passing; other refusals stay.
/// `now` is for a `Retry-After` that names a moment; `hide` takes secrets out of a text.
pub(super) fn judge(head: &Parts, body: &[u8], now: Timestamp, hide: &dyn Fn(String) -> String) -> Result<(), Failure> {
    let status = head.status.as_u16();
    // Hidden before it is cut: half a secret would not be found.
    let said = || shown(&hide(String::from_utf8_lossy(body).into_owned()));
    let reason = match status {
        200..=299 => return Ok(()),
        300..=399 => moved(status, &head.headers, hide),
        _ => format!("HTTP {status} {}", said()),
    };
    match status {
        // A page that stands in for a service meanwhile is answered so.
        302 | 303 | 307 | 408 | 425 | 429 | 500..=599 => Err(later(reason, retry_after(&head.headers, now))),
        _ if is_unknown(status, body) => Err(Failure { again: Again::FewForAll, ..Failure::lasting(reason) }),
        _ => Err(Failure::lasting(reason)),
    }
}

/// The sender is not let in, whatever it sends. `PagerDuty` says so of a wrong key in the text of a 400.
fn is_unknown(status: u16, body: &[u8]) -> bool {
    let names_key = || String::from_utf8_lossy(body).to_lowercase().replace('_', " ").contains("routing key");
    matches!(status, 401 | 403) || status == 400 && names_key()
}

fn later(reason: String, asked: Option<Duration>) -> Failure {
    Failure { reason, again: Again::Later(asked) }
}

/// A message may hold what only its addressee shall know, and its headers may let in: so nobody is followed.
fn moved(status: u16, headers: &HeaderMap, hide: &dyn Fn(String) -> String) -> String {
    let location = headers.get(LOCATION).map(|location| String::from_utf8_lossy(location.as_bytes()).into_owned());
    let Some(location) = location else { return format!("HTTP {status} without a Location; it is not followed") };
    // What stands behind a `?` may let in.
    let address = hide(location).split('?').next().map(shown).unwrap_or_default();
    format!("HTTP {status} to {address}, which is not followed: name the address that takes POSTs")
}

fn shown(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_SHOWN).collect();
    line.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use hyper::Response;

    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_445_412_420);

    fn judged(status: u16, header: (&str, &str), body: &str) -> Result<(), Failure> {
        let (head, ()) = Response::builder().status(status).header(header.0, header.1).body(()).unwrap().into_parts();
        judge(&head, body.as_bytes(), NOW, &|text| text.replace("geheim", "***"))
    }

    #[track_caller]
    fn check(status: u16, header: (&str, &str), body: &str, again: Again, reason: &str) {
        assert_eq!(judged(status, header, body), Err(Failure { reason: reason.to_owned(), again }));
    }

    const NONE: (&str, &str) = ("x-none", "");

    #[test]
    fn what_may_pass_is_tried_again_and_what_is_refused_is_not() {
        assert_eq!(judged(202, NONE, "ok"), Ok(()));
        check(404, NONE, "no such\nhook geheim", Again::Few, "HTTP 404 no such hook ***");
        check(401, NONE, "", Again::FewForAll, "HTTP 401 ");
        check(400, NONE, "bad event", Again::Few, "HTTP 400 bad event");
        let wrong_key = r#"{"status":"invalid event","errors":["Invalid routing key"]}"#;
        check(400, NONE, wrong_key, Again::FewForAll, &format!("HTTP 400 {wrong_key}"));
        check(429, NONE, "", Again::Later(None), "HTTP 429 ");
        check(503, NONE, "later", Again::Later(None), "HTTP 503 later");
    }

    #[test]
    fn who_asks_to_wait_is_waited_for_in_seconds_or_until_a_date_but_never_for_long() {
        let secs = |secs| Again::Later(Some(Duration::from_secs(secs)));
        check(429, ("retry-after", "7"), "", secs(7), "HTTP 429 ");
        check(503, ("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT"), "", secs(60), "HTTP 503 ");
        check(429, ("retry-after", "86400"), "", secs(600), "HTTP 429 ");
        check(429, ("retry-after", "soon"), "", Again::Later(None), "HTTP 429 ");
        check(400, ("retry-after", "7"), "", Again::Few, "HTTP 400 ");
    }

    #[test]
    fn nobody_is_followed_and_the_other_address_is_told() {
        let told =
            |status| format!("HTTP {status} to https://b.example.org/***/in, which is not followed: name the address that takes POSTs");
        let to = ("location", "https://b.example.org/geheim/in?token=abc");
        for status in [301, 308] {
            check(status, to, "", Again::Few, &told(status));
        }
        for status in [302, 303, 307] {
            check(status, to, "", Again::Later(None), &told(status));
        }
        check(301, NONE, "", Again::Few, "HTTP 301 without a Location; it is not followed");
    }
}
