//! `/write` and `/api/v2/write`: line protocol, as InfluxDB 1 and 2 take it. Points become samples for rules, sinks and store.

use std::io::Read as _;

use bytes::{Bytes, BytesMut};
use event::View;
use event::msg::Encoder;
use flate2::read::MultiGzDecoder;
use hyper::body::Incoming;
use hyper::header::{CONTENT_ENCODING, HeaderName, HeaderValue, WWW_AUTHENTICATE};
use hyper::{HeaderMap, Request, Response, StatusCode};
use serde_json::json;
use transport::points::{Outcome, Reader, precision};
use transport::{Ingest, Origin, frames, reply};

use super::answer;
use super::body::{self, Body, Unread};
use super::guard::CHALLENGE;
use super::influxql::with_version;
use super::params::Params;
use super::site::Site;

/// Bytes of one request, packed or not.
const MAX_BODY: usize = 16 << 20;

/// Bytes that a packed request may unpack to.
const MAX_UNPACKED: usize = 64 << 20;

/// Bytes of a request that are read before their points go to the engine.
const PIECE: usize = 128 << 10;

/// Requests that are read at once: with their bodies they take 64 MiB at the most. Further ones wait their turn.
pub(super) const SLOTS: usize = 4;

/// How long a request may take, with its turn.
const WITHIN: std::time::Duration = std::time::Duration::from_secs(60);

/// Where InfluxDB 1's clients look for what went wrong.
const X_ERROR: HeaderName = HeaderName::from_static("x-influxdb-error");

/// Which of the two speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    One,
    Two,
}

impl Version {
    /// The precisions that this version knows.
    fn unit(self, name: &str) -> Option<i64> {
        match (self, name) {
            (Self::Two, "n" | "u" | "µ" | "m" | "h") => None,
            (Self::One | Self::Two, name) => precision(name),
        }
    }

    fn refusal(self, status: StatusCode, text: &str) -> Response<Body> {
        let code = match status {
            StatusCode::BAD_REQUEST => "invalid",
            StatusCode::UNAUTHORIZED => "unauthorized",
            StatusCode::FORBIDDEN => "forbidden",
            StatusCode::PAYLOAD_TOO_LARGE => "request too large",
            StatusCode::REQUEST_TIMEOUT | StatusCode::SERVICE_UNAVAILABLE => "unavailable",
            _ => "internal error",
        };
        let body = match self {
            Self::One => json!({ "error": text }),
            Self::Two => json!({ "code": code, "message": text }),
        };
        let mut response = answer::of(status, "application/json", Body::whole(format!("{body}\n")));
        if let Ok(text) = HeaderValue::from_str(text.get(..text.floor_char_boundary(1024)).unwrap_or_default()) {
            response.headers_mut().insert(X_ERROR, text);
        }
        with_version(response)
    }
}

/// Takes the points of a request. A 204 promises what an acknowledgement does: applied, and written down.
pub(super) async fn post(site: &Site, version: Version, params: &Params, request: Request<Incoming>) -> Response<Body> {
    if let Err(refused) = site.guard.check(request.headers()) {
        if !refused.is_of_token() {
            return version.refusal(StatusCode::FORBIDDEN, &refused.to_string());
        }
        let mut response = version.refusal(StatusCode::UNAUTHORIZED, &refused.to_string());
        response.headers_mut().insert(WWW_AUTHENTICATE, CHALLENGE);
        return response;
    }
    let name = params.get("precision").unwrap_or_default();
    let Some(unit) = version.unit(name) else {
        let expected = if version == Version::One { "n, ns, u, us, ms, s, m or h" } else { "ns, us, ms or s" };
        return version.refusal(StatusCode::BAD_REQUEST, &format!("invalid precision {name:?}, expected {expected}"));
    };
    let reader = Reader::new(unit, site.own.now(), params.get("late") == Some("true"));
    let taken = async {
        let _slot = site.write_slots.acquire().await;
        take(&site.ingest, reader, request).await
    };
    match tokio::time::timeout(WITHIN, taken).await {
        Ok(Ok(outcome)) => told(version, &outcome),
        Ok(Err((status, text))) => version.refusal(status, &text),
        Err(_) => version.refusal(StatusCode::REQUEST_TIMEOUT, "the points did not come in time; some of them may have been taken"),
    }
}

/// As InfluxDB 1 tells of lines that were none: the others are taken.
fn told(version: Version, outcome: &Outcome) -> Response<Body> {
    if outcome.n_refused == 0 {
        return with_version(answer::text(StatusCode::NO_CONTENT, ""));
    }
    let mistakes = outcome.mistakes.join("; ");
    let dropped = outcome.n_refused;
    let text = if outcome.n_points == 0 {
        format!("unable to parse: {mistakes} dropped={dropped}")
    } else {
        format!("partial write: {mistakes} dropped={dropped}")
    };
    version.refusal(StatusCode::BAD_REQUEST, &text)
}

type Refused = (StatusCode, String);

async fn take(ingest: &Ingest, mut reader: Reader, request: Request<Incoming>) -> Result<Outcome, Refused> {
    let is_packed = is_packed(request.headers())?;
    let body = body::whole(request.into_body(), MAX_BODY).await.map_err(|unread| match unread {
        Unread::TooLong => (StatusCode::PAYLOAD_TOO_LARGE, format!("a request of over {MAX_BODY} bytes; send fewer points at once")),
        Unread::BrokeOff => (StatusCode::BAD_REQUEST, "the request broke off".to_owned()),
    })?;
    let mut pieces = Pieces::new(body, is_packed);
    let mut encoder = Encoder::new();
    while let Some(piece) = pieces.next()? {
        reader.feed(&piece, &mut |view: &View<'_>| encoder.event(view));
        hand_over(ingest, &mut encoder).await?;
        // A piece is about a millisecond's work, and the web thread has other clients.
        tokio::task::yield_now().await;
    }
    let outcome = reader.finish(&mut |view: &View<'_>| encoder.event(view));
    hand_over(ingest, &mut encoder).await?;
    Ok(outcome)
}

fn is_packed(headers: &HeaderMap) -> Result<bool, Refused> {
    match headers.get(CONTENT_ENCODING).map(HeaderValue::as_bytes) {
        None | Some(b"" | b"identity") => Ok(false),
        Some(b"gzip" | b"x-gzip") => Ok(true),
        Some(other) => {
            let other = String::from_utf8_lossy(other);
            Err((StatusCode::BAD_REQUEST, format!("the body is packed as {other}, expected gzip, or nothing")))
        }
    }
}

async fn hand_over(ingest: &Ingest, encoder: &mut Encoder) -> Result<(), Refused> {
    if encoder.is_empty() {
        return Ok(());
    }
    let mut framed = Vec::with_capacity(encoder.bytes().len() + frames::HEAD);
    frames::put(&mut framed, encoder.bytes());
    encoder.clear();
    let stopped = |_| (StatusCode::SERVICE_UNAVAILABLE, "the engine has stopped".to_owned());
    let replies = ingest.send(framed.into(), Origin::Http).await.map_err(stopped)?;
    match frames::messages(&replies).find_map(reply::error_text) {
        None => Ok(()),
        Some(error) => Err((StatusCode::INTERNAL_SERVER_ERROR, error)),
    }
}

/// A body in pieces, unpacked.
enum Pieces {
    Plain(Bytes),
    Packed { decoder: Box<MultiGzDecoder<std::io::Cursor<BytesMut>>>, left: usize },
}

impl Pieces {
    fn new(body: BytesMut, is_packed: bool) -> Self {
        if is_packed && !body.is_empty() {
            return Self::Packed { decoder: Box::new(MultiGzDecoder::new(std::io::Cursor::new(body))), left: MAX_UNPACKED };
        }
        Self::Plain(body.freeze())
    }

    fn next(&mut self) -> Result<Option<Bytes>, Refused> {
        match self {
            Self::Plain(rest) if rest.is_empty() => Ok(None),
            Self::Plain(rest) => Ok(Some(rest.split_to(rest.len().min(PIECE)))),
            Self::Packed { decoder, left } => {
                let mut piece = Vec::with_capacity(PIECE);
                let wrong = |error| (StatusCode::BAD_REQUEST, format!("the body is no gzip: {error}"));
                decoder.by_ref().take(PIECE as u64).read_to_end(&mut piece).map_err(wrong)?;
                let too_long = || (StatusCode::PAYLOAD_TOO_LARGE, format!("unpacked the request has over {MAX_UNPACKED} bytes"));
                *left = left.checked_sub(piece.len()).ok_or_else(too_long)?;
                Ok((!piece.is_empty()).then(|| piece.into()))
            }
        }
    }
}

/// `GET /health`, as InfluxDB 2 has it.
pub(super) fn health() -> Response<Body> {
    let body = json!({ "name": "influxdb", "message": "ready for queries and writes", "status": "pass", "version": "1.8.10-skep" });
    with_version(answer::json(format!("{body}\n").into_bytes()))
}
