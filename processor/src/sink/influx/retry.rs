//! What an answer of the server means for the batch: the one table that decides between done, again, smaller and never.

use event::{Duration, Timestamp};
use hyper::HeaderMap;
use serde_json::Value;

use super::refused::Refused;
use super::target::Interface;
use crate::retry_after::retry_after;

/// Characters of a server's message that are kept.
const MESSAGE_CHARS: usize = 300;

/// What to do with a batch after an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// It is stored.
    Done,
    /// The good lines are stored; the others will never be.
    Partial {
        /// What the server says of them.
        refused: Refused,
        message: String,
    },
    /// Send the same bytes again; writing a point twice changes nothing.
    Retry { after: Option<Duration>, message: String },
    /// Somebody has to change the settings, here or there; the data is kept.
    Configuration { fault: Fault, message: String },
    /// Too large: send it in halves.
    Split { message: String },
    /// Nothing is stored because some line is bad: find it.
    Bisect { message: String },
    /// Refused for good.
    Reject { message: String },
}

/// What somebody has to set right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// 401: who we say we are is not known.
    Credentials,
    /// 403: we may not write there.
    Permission,
    /// 404: there is no such database, bucket or address.
    Missing,
    /// 3xx: the address is another one.
    Moved,
}

/// Decides by an answer's status, headers and body; `now` is for a `Retry-After` that names a moment.
///
/// A partial write is a 400 of 1.x and 3 and a 422 of 2.x. A 422 of a 3 says that a limit of its schema was met, and that nothing of the
/// batch is stored: the lines of tables that it has are still good.
pub(crate) fn decide(interface: Interface, status: u16, headers: &HeaderMap, body: &[u8], now: Timestamp) -> Action {
    let json: Option<Value> = serde_json::from_slice(body).ok();
    let text = text(json.as_ref(), headers, body);
    let message = shortened(&text);
    match status {
        200..=299 => Action::Done,
        300..=399 => Action::Configuration { fault: Fault::Moved, message: location(headers).unwrap_or(message) },
        401 | 403 | 404 => Action::Configuration { fault: fault(status), message: or_status(status, message) },
        408 | 429 | 500..=599 => Action::Retry { after: retry_after(headers, now), message: with_status(status, &message) },
        413 => Action::Split { message },
        400 | 422 if message.contains("partial write") => partial(Refused::read(json.as_ref(), &text), message),
        400 => Action::Bisect { message },
        422 if interface == Interface::Three => Action::Bisect { message },
        _ => Action::Reject { message: with_status(status, &message) },
    }
}

fn partial(refused: Refused, message: String) -> Action {
    let message = refused.first.as_ref().map_or_else(|| message.clone(), |first| shortened(&format!("{message}: {first}")));
    Action::Partial { refused, message }
}

fn fault(status: u16) -> Fault {
    match status {
        401 => Fault::Credentials,
        403 => Fault::Permission,
        _ => Fault::Missing,
    }
}

/// A 3 refuses without a word.
fn or_status(status: u16, message: String) -> String {
    if message.is_empty() { status.to_string() } else { message }
}

fn with_status(status: u16, message: &str) -> String {
    if message.is_empty() { status.to_string() } else { format!("{status} {message}") }
}

fn location(headers: &HeaderMap) -> Option<String> {
    Some(headers.get(hyper::header::LOCATION)?.to_str().ok()?.to_owned())
}

/// The server's own words: `error` of 1.x and 3, `message` of 2.x, the header, or the body as it is.
fn text(json: Option<&Value>, headers: &HeaderMap, body: &[u8]) -> String {
    let member = |key: &str| Some(json?.get(key)?.as_str()?.to_owned());
    let header = || Some(headers.get("x-influxdb-error")?.to_str().ok()?.to_owned());
    let text = member("error").or_else(|| member("message")).or_else(header);
    text.unwrap_or_else(|| String::from_utf8_lossy(body).into_owned())
}

fn shortened(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().take(MESSAGE_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_445_412_420);

    fn decided(status: u16, header: Option<(&'static str, &str)>, body: &str) -> Action {
        let mut headers = HeaderMap::new();
        if let Some((name, value)) = header {
            headers.insert(name, value.parse().unwrap());
        }
        decide(Interface::One, status, &headers, body.as_bytes(), NOW)
    }

    #[track_caller]
    fn check(status: u16, body: &str, expected: Action) {
        assert_eq!(decided(status, None, body), expected);
    }

    #[track_caller]
    fn check_wait(value: &str, expected: Option<i64>) {
        let Action::Retry { after, .. } = decided(429, Some(("retry-after", value)), "") else { panic!("429 is tried again") };
        assert_eq!(after, expected.map(Duration::from_secs), "{value}");
    }

    #[test]
    fn every_2xx_is_done() {
        check(204, "", Action::Done);
        check(200, "{}", Action::Done);
    }

    #[test]
    fn what_time_may_mend_is_tried_again() {
        for status in [408, 429, 500, 502, 503, 504, 599] {
            check(status, r#"{"error":"timeout"}"#, Action::Retry { after: None, message: format!("{status} timeout") });
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date_and_never_long() {
        check_wait("7", Some(7));
        check_wait("Wed, 21 Oct 2015 07:28:00 GMT", Some(60));
        check_wait("Wed, 21 Oct 2015 07:26:00 GMT", Some(0));
        check_wait("86400", Some(600));
        check_wait("Fri, 21 Oct 2016 07:28:00 GMT", Some(600));
        check_wait("soon", None);
    }

    #[test]
    fn what_a_person_must_mend_keeps_the_data() {
        let fault = |fault, message: &str| Action::Configuration { fault, message: message.into() };
        check(401, r#"{"error":"authorization failed"}"#, fault(Fault::Credentials, "authorization failed"));
        check(
            403,
            r#"{"error":"\"w\" user is not authorized to write"}"#,
            fault(Fault::Permission, "\"w\" user is not authorized to write"),
        );
        check(404, r#"{"error":"database not found: \"x\""}"#, fault(Fault::Missing, "database not found: \"x\""));
        check(404, r#"{"code":"not found","message":"bucket \"x\" not found"}"#, fault(Fault::Missing, "bucket \"x\" not found"));
        let moved = decided(301, Some(("location", "https://influx.example/")), "");
        assert_eq!(moved, fault(Fault::Moved, "https://influx.example/"));
    }

    fn partial_by_count(dropped: u64, message: &str) -> Action {
        Action::Partial { refused: Refused { n_lines: dropped, ..Refused::default() }, message: message.into() }
    }

    #[test]
    fn a_3_names_the_lines_that_it_refused() {
        let body = r#"{"error":"partial write of line protocol occurred","data":[
            {"error_message":"invalid column type","line_number":7,"original_line":"mem,host=a used=0.5 "},
            {"error_message":"bad","line_number":3,"original_line":"x"},{"error_message":"twice","line_number":3,"original_line":"x"}]}"#;
        let message = "partial write of line protocol occurred: invalid column type".into();
        let refused = Refused { n_lines: 2, numbers: vec![3, 7], first: Some("invalid column type".into()), quoted: Vec::new() };
        check(400, body, Action::Partial { refused, message });
        let nothing_stored = r#"{"error":"line protocol parsing error","data":{"error_message":"x","line_number":2,"original_line":"x"}}"#;
        check(400, nothing_stored, Action::Bisect { message: "line protocol parsing error".into() });
    }

    #[test]
    fn a_limit_of_the_schema_of_a_3_leaves_the_other_lines_good() {
        let body = r#"{"error":"Update to schema would exceed number of columns per table limit of 500 columns"}"#;
        let action = decide(Interface::Three, 422, &HeaderMap::new(), body.as_bytes(), NOW);
        assert!(matches!(action, Action::Bisect { .. }), "{action:?}");
    }

    #[test]
    fn a_refusal_without_a_word_is_told_by_its_number() {
        check(401, "", Action::Configuration { fault: Fault::Credentials, message: "401".into() });
        check(503, "", Action::Retry { after: None, message: "503".into() });
    }

    #[test]
    fn a_partial_write_is_never_sent_again() {
        let parse = "partial write: unable to parse 'bad': missing fields dropped=0";
        let refused = Refused { n_lines: 1, quoted: vec!["bad".into()], ..Refused::default() };
        check(400, &format!(r#"{{"error":"{parse}"}}"#), Action::Partial { refused, message: parse.into() });
        let conflict = "partial write: field type conflict: input field f on measurement m is type float dropped=12";
        check(400, &format!(r#"{{"error":"{conflict}"}}"#), partial_by_count(12, conflict));
        let two = "failure writing points to database: partial write: points beyond retention policy dropped=3";
        check(422, &format!(r#"{{"code":"unprocessable entity","message":"{two}"}}"#), partial_by_count(3, two));
    }

    #[test]
    fn a_bad_line_is_looked_for_and_what_is_too_large_is_cut() {
        check(400, r#"{"code":"invalid","message":"unable to parse 'x'"}"#, Action::Bisect { message: "unable to parse 'x'".into() });
        check(413, r#"{"error":"Request Entity Too Large"}"#, Action::Split { message: "Request Entity Too Large".into() });
    }

    #[test]
    fn other_refusals_are_final() {
        check(422, r#"{"error":"too many columns"}"#, Action::Reject { message: "422 too many columns".into() });
        check(405, "no", Action::Reject { message: "405 no".into() });
        check(411, "<html>\n<h1>Length\nrequired</h1>", Action::Reject { message: "411 <html> <h1>Length required</h1>".into() });
    }

    #[test]
    fn a_long_answer_is_cut() {
        let Action::Reject { message } = decided(418, None, &"é".repeat(10_000)) else { panic!("418 is final") };
        assert_eq!(message.chars().count(), 4 + 300);
    }
}
