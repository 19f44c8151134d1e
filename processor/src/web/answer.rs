//! Answers: JSON, text, pages and refusals, all with the headers that keep a browser safe.

use engine::Mistake;
use hyper::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, WWW_AUTHENTICATE};
use hyper::{Response, StatusCode};
use serde_json::json;

use super::body::Body;
use super::guard::{CHALLENGE, Refused};

/// Nothing from elsewhere, nothing inline, in nobody's frame; and a type is what we say it is.
const SAFE: [(HeaderName, &str); 3] = [
    (hyper::header::CONTENT_SECURITY_POLICY, "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"),
    (hyper::header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (hyper::header::REFERRER_POLICY, "no-referrer"),
];

/// An answer of this type that nobody keeps.
pub(super) fn of(status: StatusCode, content_type: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for (name, value) in SAFE {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Finished JSON.
pub(super) fn json(bytes: Vec<u8>) -> Response<Body> {
    of(StatusCode::OK, "application/json", Body::whole(bytes))
}

/// Plain text.
pub(super) fn text(status: StatusCode, text: impl Into<String>) -> Response<Body> {
    of(status, "text/plain; charset=utf-8", Body::whole(text.into()))
}

/// A refusal: `{"error": MESSAGE}`.
pub(super) fn refusal(status: StatusCode, message: &str) -> Response<Body> {
    of(status, "application/json", Body::whole(json!({ "error": message }).to_string()))
}

/// A refusal of who asks, or of what is asked; a browser is told how to ask its user.
pub(super) fn refused(refused: Refused) -> Response<Body> {
    if !refused.is_of_token() {
        return refusal(StatusCode::FORBIDDEN, &refused.to_string());
    }
    let mut response = refusal(StatusCode::UNAUTHORIZED, &refused.to_string());
    response.headers_mut().insert(WWW_AUTHENTICATE, CHALLENGE);
    response
}

/// A method that a path does not take; `allowed` are those that it does, as the header has them.
pub(super) fn not_allowed(path: &str, allowed: &str) -> Response<Body> {
    let mut response = refusal(StatusCode::METHOD_NOT_ALLOWED, &format!("{path} wants {allowed}"));
    if let Ok(allowed) = HeaderValue::from_str(allowed) {
        response.headers_mut().insert(ALLOW, allowed);
    }
    response
}

/// What the settings forbid, by their name.
pub(super) fn read_only() -> Response<Body> {
    let error = "nothing can be changed here: `processor.web.read_only` (or --web.read-only) is set";
    let body = json!({ "error": error, "setting": "processor.web.read_only" });
    of(StatusCode::FORBIDDEN, "application/json", Body::whole(body.to_string()))
}

/// A text of the asker that has mistakes: the first as `error`, all with place (in characters of `given`, from 0) and help.
pub(super) fn mistakes(given: &str, mistakes: &[Mistake]) -> Response<Body> {
    let place = |byte: usize| given.get(..byte).map_or(byte, |before| before.chars().count());
    let all: Vec<_> = mistakes
        .iter()
        .map(|mistake| {
            json!({
                "message": mistake.message,
                "help": mistake.help,
                "position": place(mistake.span.start),
                "end": place(mistake.span.end),
            })
        })
        .collect();
    let first = all.first().cloned().unwrap_or_default();
    let body = json!({
        "error": first.get("message"),
        "position": first.get("position"),
        "help": first.get("help"),
        "mistakes": all,
    });
    of(StatusCode::BAD_REQUEST, "application/json", Body::whole(body.to_string()))
}
