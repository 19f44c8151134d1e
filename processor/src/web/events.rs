//! `/events`: events as JSON, one a line or a frame, each answered with `{}` or `{"error":…}`.

use bytes::{Bytes, BytesMut};
use event::msg;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::{Request, Response, StatusCode};
use serde_json::json;
use transport::ingest::Closed;
use transport::{Ingest, Origin, frames, json, reply};

use super::answer;
use super::body::Body;

/// Bytes of one request; a longer one is cut off with 413, what came before is applied.
const MAX_BODY: usize = 16 << 20;

/// The longest line.
const MAX_LINE: usize = 1 << 20;

/// How long the lines of a request may take.
const WITHIN: std::time::Duration = std::time::Duration::from_secs(60);

/// Takes the lines of a request. A 2xx promises what an acknowledgement does: applied, and written down.
pub(super) async fn post(ingest: &Ingest, request: Request<Incoming>) -> Response<Body> {
    match tokio::time::timeout(WITHIN, lines(ingest, request.into_body())).await {
        Ok(Ok(answers)) => answer::of(StatusCode::OK, "application/x-ndjson", Body::whole(answers)),
        Ok(Err(refusal)) => refusal,
        Err(_) => answer::refusal(StatusCode::REQUEST_TIMEOUT, "the events did not come in time; those that came were applied"),
    }
}

async fn lines(ingest: &Ingest, mut body: Incoming) -> Result<Vec<u8>, Response<Body>> {
    let stopped = |Closed| answer::refusal(StatusCode::SERVICE_UNAVAILABLE, "the engine has stopped");
    let too_long = |what: &str| answer::refusal(StatusCode::PAYLOAD_TOO_LARGE, what);
    let (mut buffer, mut answers, mut n_bytes) = (BytesMut::new(), Vec::new(), 0);
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return Err(answer::refusal(StatusCode::BAD_REQUEST, "the request broke off")) };
        let Ok(data) = frame.into_data() else { continue };
        n_bytes += data.len();
        if n_bytes > MAX_BODY {
            return Err(too_long("over 16 MiB of events in one request; those before were applied"));
        }
        buffer.extend_from_slice(&data);
        let complete = buffer.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let lines = buffer.split_to(complete);
        let lines: Vec<_> = lines[..].split(|byte| *byte == b'\n').collect();
        answers.extend(apply(ingest, &lines).await.map_err(stopped)?);
        if buffer.len() > MAX_LINE {
            return Err(too_long("a line of over 1 MiB"));
        }
    }
    answers.extend(apply(ingest, &[&buffer]).await.map_err(stopped)?);
    Ok(answers)
}

/// Applies events, one a message, and gives an answer a line for each. Blank lines are passed over.
pub(super) async fn apply(ingest: &Ingest, lines: &[&[u8]]) -> Result<Vec<u8>, Closed> {
    let mut encoder = msg::Encoder::new();
    let mut framed = Vec::new();
    let mut wrong = Vec::new();
    for line in lines.iter().filter(|line| !line.trim_ascii().is_empty()) {
        let read = json::read(line);
        wrong.push(read.as_ref().err().cloned());
        if let Ok(event) = read {
            encoder.clear();
            event.with_view(|view| encoder.event(view));
            frames::put(&mut framed, encoder.bytes());
        }
    }
    let replies = if framed.is_empty() { Bytes::new() } else { ingest.send(framed.into(), Origin::Http).await? };
    let mut replies = frames::messages(&replies);
    let mut out = Vec::with_capacity(wrong.len() * 3);
    for wrong in wrong {
        let wrong = wrong.or_else(|| replies.next().and_then(reply::error_text));
        match wrong {
            None => out.extend_from_slice(b"{}\n"),
            Some(error) => out.extend_from_slice(format!("{}\n", json!({ "error": error })).as_bytes()),
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use event::{Event, Metric, Timestamp};
    use proptest::prelude::*;

    use crate::web::json;

    proptest! {
        #[test]
        fn what_is_answered_can_be_sent_again(host in "[a-zß\"\\\\]{1,8}", metric: i64, ttl in 0.0..1e6f32, mark in "\\PC{0,5}", secs in -1e9..5e9f64) {
            let given = Event {
                host: Some(host),
                metric: Some(Metric::Int(metric)),
                ttl: Some(ttl),
                marks: vec![mark],
                time: Some(Timestamp::from_micros((secs * 1e6) as i64)),
                ..Event::default()
            };
            let mut line = Vec::new();
            given.with_view(|view| json::event(&mut line, view));
            prop_assert_eq!(transport::json::read(&line), Ok(given));
        }
    }
}
