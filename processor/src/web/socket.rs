//! WebSockets.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use hyper::body::Incoming;
use hyper::header::{CONNECTION, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, UPGRADE};
use hyper::upgrade::Upgraded;
use hyper::{HeaderMap, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::time::{interval, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use super::body::Body;
use super::updates::Updates;
use super::{answer, events};
use transport::Ingest;

/// The longest message of a client: an event as JSON.
const MAX_MESSAGE: usize = 1 << 20;

/// How long a client may read nothing of what is sent to it.
const WRITE_WITHIN: Duration = Duration::from_secs(30);

/// A silent client is asked so often whether it still is there.
const PING_EVERY: Duration = Duration::from_secs(30);

/// One open WebSocket.
pub(super) type Socket = WebSocketStream<TokioIo<Upgraded>>;

/// Whether the request wants to become a WebSocket.
pub(super) fn is_wanted(headers: &HeaderMap) -> bool {
    headers.get(UPGRADE).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

/// Answers the handshake and runs `serve` on the socket.
pub(super) fn accept<F>(request: &mut Request<Incoming>, serve: impl FnOnce(Socket) -> F + Send + 'static) -> Response<Body>
where
    F: Future<Output = ()> + Send,
{
    let Some(key) = request.headers().get(SEC_WEBSOCKET_KEY) else {
        return answer::refusal(StatusCode::BAD_REQUEST, "the header Sec-WebSocket-Key is missing");
    };
    let accepted = HeaderValue::from_str(&derive_accept_key(key.as_bytes()));
    let upgrade = hyper::upgrade::on(request);
    tokio::spawn(async move {
        let Ok(upgraded) = upgrade.await else { return };
        let config = WebSocketConfig::default().max_message_size(Some(MAX_MESSAGE)).max_frame_size(Some(MAX_MESSAGE));
        serve(WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, Some(config)).await).await;
    });
    let mut response = Response::new(Body::whole(Bytes::new()));
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    if let Ok(accepted) = accepted {
        headers.insert(SEC_WEBSOCKET_ACCEPT, accepted);
    }
    response
}

/// Says why and closes, as Riemann does, with 1000.
pub(super) async fn close(socket: Socket, reason: String) {
    close_with(socket, CloseCode::Normal, &reason).await;
}

async fn close_with(mut socket: Socket, code: CloseCode, reason: &str) {
    // A close frame holds 123 bytes of text.
    let end = (0..=reason.len().min(120)).rev().find(|end| reason.is_char_boundary(*end)).unwrap_or(0);
    let reason = reason.get(..end).unwrap_or_default();
    let frame = CloseFrame { code, reason: Utf8Bytes::from(reason) };
    // Nothing depends on whether the client still hears it.
    let _ = timeout(WRITE_WITHIN, socket.close(Some(frame))).await;
    let _ = timeout(Duration::from_secs(1), async { while let Some(Ok(_)) = socket.next().await {} }).await;
}

/// Sends one text frame an event.
pub(super) async fn send(mut socket: Socket, mut updates: Updates) {
    let mut ping = interval(PING_EVERY);
    ping.reset();
    let is_live = updates.is_live();
    loop {
        let sent = tokio::select! {
            next = updates.next() => match next {
                Some(event) => feed(&mut socket, event, &mut updates).await,
                None if is_live => return close_with(socket, CloseCode::Again, "too slow: open again for a new picture").await,
                None => return close_with(socket, CloseCode::Normal, "").await,
            },
            heard = socket.next() => match heard {
                // Pings are answered while reading.
                Some(Ok(message)) if !message.is_close() => Ok(()),
                _ => return,
            },
            _ = ping.tick() => timeout(WRITE_WITHIN, socket.send(Message::Ping(Bytes::new()))).await.map_err(drop).and_then(|sent| sent.map_err(drop)),
        };
        if sent.is_err() {
            return;
        }
    }
}

/// Sends an event and whatever waits behind it, and flushes once.
async fn feed(socket: &mut Socket, first: Bytes, updates: &mut Updates) -> Result<(), ()> {
    let all = async {
        let mut next = Some(first);
        while let Some(event) = next {
            let text = Utf8Bytes::try_from(event).map_err(drop)?;
            socket.feed(Message::Text(text)).await.map_err(drop)?;
            next = updates.try_next();
        }
        socket.flush().await.map_err(drop)
    };
    timeout(WRITE_WITHIN, all).await.map_err(drop)?
}

/// Takes one event a frame, and answers each with `{}` or `{"error":…}`.
pub(super) async fn take(mut socket: Socket, ingest: Ingest) {
    while let Some(Ok(message)) = socket.next().await {
        let text = match message {
            Message::Text(text) => text,
            Message::Close(_) => return,
            _ => continue,
        };
        let Ok(answer) = events::apply(&ingest, &[text.as_bytes()]).await else { return };
        let Ok(answer) = String::from_utf8(answer) else { return };
        if timeout(WRITE_WITHIN, socket.send(Message::text(answer.trim_end()))).await.is_err() {
            return;
        }
    }
}
