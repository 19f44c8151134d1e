//! A small HTTP client for the commands that ask a running skep.

use std::time::Duration;

use anyhow::{Context as _, bail};
use base64::Engine as _;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use transport::percent::decode;

/// How long a running skep may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Bytes,
}

/// Gets `path` (with its query) from the skep at `url`.
///
/// # Errors
/// When nobody listens there, or no answer comes in time.
pub(crate) fn get(url: &str, path: &str) -> anyhow::Result<Answer> {
    send(url, &Sent::get(path, None))
}

/// The same from a server that is no skep, so that it learns of no token.
///
/// # Errors
/// As [`get`].
pub(crate) fn get_elsewhere(url: &str, path: &str) -> anyhow::Result<Answer> {
    send(url, &Sent { token: None, ..Sent::get(path, None) })
}

/// A request with all that it brings.
pub(crate) struct Sent<'a> {
    pub(crate) method: Method,
    /// With its query.
    pub(crate) path: &'a str,
    /// JSON, or nothing.
    pub(crate) body: String,
    /// For what changes state, where skep listens beyond its machine; see [`token_or_environment`].
    pub(crate) token: Option<String>,
}

impl<'a> Sent<'a> {
    /// A question to a skep, with this token or that of the environment.
    pub(crate) fn get(path: &'a str, token: Option<String>) -> Self {
        Self { method: Method::GET, path, body: String::new(), token: token_or_environment(token) }
    }
}

/// Sends a request to the skep at `url`.
///
/// # Errors
/// As [`get`].
pub(crate) fn send(url: &str, sent: &Sent<'_>) -> anyhow::Result<Answer> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(fetch(url, sent))
}

/// Opens a stream at `path`, for as long as both sides want.
///
/// # Errors
/// As [`get`], and when the answer is a refusal.
pub(crate) async fn open(url: &str, path: &str, token: Option<&str>) -> anyhow::Result<Incoming> {
    let sent = Sent::get(path, token.map(str::to_owned));
    let response = tokio::time::timeout(PATIENCE, ask(url, &sent)).await;
    let response = response.with_context(|| format!("{url} did not answer within {} s", PATIENCE.as_secs()))??;
    if !response.status().is_success() {
        bail!("{url} answered {}", response.status());
    }
    Ok(response.into_body())
}

/// The next piece of a stream, or nothing at its end.
///
/// # Errors
/// When the connection broke.
pub(crate) async fn next(body: &mut Incoming) -> anyhow::Result<Option<Bytes>> {
    while let Some(frame) = body.frame().await {
        if let Ok(piece) = frame?.into_data() {
            return Ok(Some(piece));
        }
    }
    Ok(None)
}

/// The same, for who waits for other things too.
///
/// # Errors
/// As [`get`].
pub(crate) async fn fetch(url: &str, sent: &Sent<'_>) -> anyhow::Result<Answer> {
    let answer = async {
        let response = ask(url, sent).await?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        Ok(Answer { status, body })
    };
    let answer = tokio::time::timeout(PATIENCE, answer).await;
    answer.with_context(|| format!("{url} did not answer within {} s", PATIENCE.as_secs()))?
}

async fn ask(url: &str, sent: &Sent<'_>) -> anyhow::Result<Response<Incoming>> {
    let base: Uri = url.parse().with_context(|| format!("`{url}` is not a URL; write http://HOST:PORT"))?;
    if base.scheme_str() != Some("http") {
        bail!("`{url}` is not an http URL; write http://HOST:PORT");
    }
    let authority = base.authority().with_context(|| format!("`{url}` names no host; write http://HOST:PORT"))?;
    let (login, host) = authority.as_str().rsplit_once('@').map_or((None, authority.as_str()), |(login, host)| (Some(login), host));
    let address = (authority.host().trim_matches(['[', ']']), authority.port_u16().unwrap_or(80));
    let stream = TcpStream::connect(address).await;
    let stream = stream.with_context(|| format!("nothing answers on {url}; is skep running there, and is that its address?"))?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let mut request = Request::builder().method(sent.method.clone()).uri(sent.path).header(hyper::header::HOST, host);
    if let Some(credentials) = credentials(sent.token.clone(), login) {
        request = request.header(hyper::header::AUTHORIZATION, credentials);
    }
    let request = request.body(Full::new(Bytes::from(sent.body.clone())))?;
    Ok(sender.send_request(request).await?)
}

/// The token that was told, else `SKEP_TOKEN`; for a skep alone.
pub(crate) fn token_or_environment(token: Option<String>) -> Option<String> {
    token.or_else(|| std::env::var("SKEP_TOKEN").ok().filter(|token| !token.is_empty()))
}

/// Who asks: a user and a password that stand in the URL, else a token.
fn credentials(token: Option<String>, login: Option<&str>) -> Option<String> {
    match login {
        Some(login) => Some(format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(decode(login)))),
        None => token.map(|token| format!("Bearer {token}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_stands_in_the_url_or_in_a_token() {
        let token = || Some("t".to_owned());
        assert_eq!(credentials(token(), None).as_deref(), Some("Bearer t"));
        assert_eq!(credentials(token(), Some("ops:p%40ss%")).as_deref(), Some("Basic b3BzOnBAc3Ml"));
        assert_eq!(credentials(None, None), None);
    }
}
