//! Riemann's own paths: `/index` and `/pubsub/index` by WebSocket or as server-sent events, `/events` by WebSocket, PUT and POST.

use std::sync::Arc;

use bytes::Bytes;
use engine::query::Query;
use hyper::body::Incoming;
use hyper::header::{HOST, ORIGIN};
use hyper::{HeaderMap, Request, Response, StatusCode};
use tokio::sync::mpsc;

use super::body::Body;
use super::params::Params;
use super::server::Port;
use super::site::Site;
use super::updates::{Updates, Wanted};
use super::{answer, socket};

/// Pieces of a stream that wait for hyper.
const AHEAD: usize = 16;

/// A piece of a stream is sent when it has so many bytes, or when nothing more is there.
const PIECE: usize = 16 << 10;

/// `/index` and `/pubsub/index`.
pub(super) async fn index(site: &Arc<Site>, params: &Params, port: Port, mut request: Request<Incoming>) -> Response<Body> {
    let snapshot = request.uri().path() == "/index";
    let updates = !snapshot || port == Port::Sse || params.get("subscribe") == Some("true");
    let text = params.get("query").unwrap_or("true");
    let query = Query::parse(text);
    if socket::is_wanted(request.headers()) {
        if !may_read(request.headers()) {
            return answer::refusal(StatusCode::FORBIDDEN, "this page is of another host: its WebSockets are not answered here");
        }
        let opened = match query {
            Ok(query) => Updates::open(site, query, Wanted { snapshot, updates }).await,
            // As Riemann has it: the socket is opened and closed.
            Err(mistakes) => {
                let reason = mistakes.first().map(|mistake| mistake.message.clone()).unwrap_or_default();
                return socket::accept(&mut request, move |socket| socket::close(socket, reason));
            }
        };
        return match opened {
            Ok(updates) => socket::accept(&mut request, |socket| socket::send(socket, updates)),
            Err(refusal) => refusal,
        };
    }
    let query = match query {
        Ok(query) => query,
        Err(_) if port == Port::Sse => return answer::refusal(StatusCode::INTERNAL_SERVER_ERROR, "the query is wrong"),
        Err(mistakes) => return answer::mistakes(text, &mistakes),
    };
    match Updates::open(site, query, Wanted { snapshot, updates }).await {
        Ok(updates) => answer::of(StatusCode::OK, "text/event-stream", Body::Stream(server_sent(updates))),
        Err(refusal) => refusal,
    }
}

/// `data: JSON` and an empty line for each event.
fn server_sent(mut updates: Updates) -> mpsc::Receiver<Bytes> {
    let (sender, receiver) = mpsc::channel(AHEAD);
    tokio::spawn(async move {
        // The head is sent at once, so that the client knows that it is heard.
        let mut piece = b": skep\n\n".to_vec();
        loop {
            while piece.len() < PIECE
                && let Some(event) = updates.try_next()
            {
                put(&mut piece, &event);
            }
            if !piece.is_empty() && sender.send(Bytes::from(std::mem::take(&mut piece))).await.is_err() {
                return;
            }
            let next = tokio::select! {
                next = updates.next() => next,
                () = sender.closed() => return,
            };
            match next {
                Some(event) => put(&mut piece, &event),
                None => return,
            }
        }
    });
    receiver
}

fn put(out: &mut Vec<u8>, event: &[u8]) {
    out.extend_from_slice(b"data: ");
    out.extend_from_slice(event);
    out.extend_from_slice(b"\n\n");
}

/// Any page of the world can open a WebSocket to here: those of this host may, on any port (Riemann's dashboard has one of its own),
/// and those of a loopback host.
fn may_read(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(ORIGIN) else { return true };
    let text = |value: &hyper::header::HeaderValue| value.to_str().ok().map(str::to_owned);
    let Some(origin) = text(origin).and_then(|origin| origin.split_once("://").map(|(_, host)| bare(host).to_owned())) else {
        return false;
    };
    let host = headers.get(HOST).and_then(text).map(|host| bare(&host).to_owned());
    origin == "localhost" || origin.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback()) || host.is_some_and(|host| host == origin)
}

/// A host without its port and brackets.
fn bare(host: &str) -> &str {
    if let Some(rest) = host.strip_prefix('[') {
        return rest.split(']').next().unwrap_or(rest);
    }
    host.split(':').next().unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(host: &str, origin: Option<&str>, may: bool) {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, host.parse().unwrap());
        if let Some(origin) = origin {
            headers.insert(ORIGIN, origin.parse().unwrap());
        }
        assert_eq!(may_read(&headers), may, "{host} {origin:?}");
    }

    #[test]
    fn pages_of_this_host_and_of_loopback_may_listen() {
        check("skep:5556", None, true);
        check("skep:5556", Some("http://skep:4567"), true);
        check("skep:5556", Some("http://localhost:4567"), true);
        check("skep:5556", Some("http://[::1]:4567"), true);
        check("skep:5556", Some("http://evil.example"), false);
        check("skep:5556", Some("null"), false);
        check("127.0.0.1:5556", Some("http://localhost.evil.example"), false);
    }
}
