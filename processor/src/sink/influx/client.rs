//! HTTP to the server: one pool of connections, every request with a time limit.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderValue, USER_AGENT};
use hyper::{HeaderMap, Method, Request};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio_rustls::rustls::ClientConfig;

use super::Secret;
use super::piece::Piece;
use super::target::Target;

/// How long a connection may take to come about.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);

/// Idle connections are closed before a usual proxy closes them under a request.
const IDLE: Duration = Duration::from_secs(30);

/// Of a longer answer nothing is taken. A 3 names each line that it refuses, of 5,000, in about 150 bytes.
const MAX_ANSWER: usize = 2 << 20;

const AGENT: &str = concat!("skep/", env!("CARGO_PKG_VERSION"));

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// Speaks to one server.
#[derive(Debug)]
pub(crate) struct Client {
    pool: Pool<HttpsConnector<HttpConnector>, Full<Bytes>>,
    timeout: Duration,
}

impl Client {
    /// A client whose requests take no longer than `timeout`.
    pub(crate) fn new(timeout: Duration, tls: ClientConfig) -> Self {
        let mut connector = HttpConnector::new();
        connector.enforce_http(false);
        connector.set_connect_timeout(Some(CONNECT_WITHIN));
        connector.set_nodelay(true);
        let connector = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().wrap_connector(connector);
        let pool = Pool::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).pool_idle_timeout(IDLE).build(connector);
        Self { pool, timeout }
    }

    /// Sends lines. An error is a sentence about the connection.
    pub(crate) async fn write(&self, target: &Target, piece: &Piece) -> Result<Answer, String> {
        let mut request = self.request(Method::POST, &target.write, target.authorization.as_ref(), piece.body.clone())?;
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        if piece.is_packed() {
            request.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        self.send(request).await
    }

    /// Posts a text.
    pub(crate) async fn post(&self, url: &str, authorization: Option<&Secret>, kind: &'static str, body: String) -> Result<Answer, String> {
        let mut request = self.request(Method::POST, url, authorization, body.into())?;
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        self.send(request).await
    }

    /// Asks for something.
    pub(crate) async fn get(&self, url: &str, authorization: Option<&Secret>) -> Result<Answer, String> {
        self.send(self.request(Method::GET, url, authorization, Bytes::new())?).await
    }

    fn request(&self, method: Method, url: &str, authorization: Option<&Secret>, body: Bytes) -> Result<Request<Full<Bytes>>, String> {
        let mut request = Request::builder().method(method).uri(url).header(USER_AGENT, AGENT);
        if let Some(secret) = authorization {
            let mut value = HeaderValue::try_from(&secret.0).map_err(|_| "the password or token holds a control character".to_owned())?;
            value.set_sensitive(true);
            request = request.header(AUTHORIZATION, value);
        }
        request.body(Full::new(body)).map_err(|error| error.to_string())
    }

    async fn send(&self, request: Request<Full<Bytes>>) -> Result<Answer, String> {
        let answer = async {
            let response = self.pool.request(request).await.map_err(|error| transport::innermost(&error))?;
            let (head, body) = response.into_parts();
            let body = Limited::new(body, MAX_ANSWER).collect().await.map_or_else(|_| Bytes::new(), |body| body.to_bytes());
            Ok(Answer { status: head.status.as_u16(), headers: head.headers, body })
        };
        let late = |_| Err(format!("no answer within {} s", self.timeout.as_secs_f64()));
        tokio::time::timeout(self.timeout, answer).await.unwrap_or_else(late)
    }
}
