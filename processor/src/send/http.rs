//! A POST, or what a webhook has in its place, within a time limit.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue, USER_AGENT};
use hyper::{Method, Request};
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

use super::failure::Failure;
use super::judge::judge;
use super::secret;
use crate::driver::clock::Source;
use crate::sink::influx::Tls;

/// How long one request may take.
const WITHIN: Duration = Duration::from_secs(10);

/// More of an answer is not read.
const MAX_ANSWER: usize = 16 << 10;

const AGENT: &str = concat!("skep/", env!("CARGO_PKG_VERSION"));

/// What is posted where.
#[derive(Debug)]
pub(super) struct Post {
    pub(super) method: Method,
    pub(super) url: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) content_type: String,
    pub(super) body: String,
    /// What must not stand in a log.
    pub(super) secrets: Vec<String>,
}

impl Post {
    pub(super) fn json(url: String, body: &Value, secrets: Vec<String>) -> Self {
        let content_type = "application/json".to_owned();
        Self { method: Method::POST, url, headers: Vec::new(), content_type, body: body.to_string(), secrets }
    }
}

/// Makes connections.
pub(super) struct Client {
    pool: Pool<hyper_rustls::HttpsConnector<HttpConnector>, Full<Bytes>>,
    /// For an answer that names a moment.
    source: Source,
}

impl Client {
    /// The files of `tls` are read here.
    pub(super) fn new(tls: &Tls) -> Result<Self, Failure> {
        let tls = tls.config().map_err(|error| Failure::passing(error.to_string()))?;
        let mut connector = HttpConnector::new();
        connector.enforce_http(false);
        connector.set_connect_timeout(Some(WITHIN));
        let connector = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().wrap_connector(connector);
        Ok(Self { pool: Pool::builder(TokioExecutor::new()).build(connector), source: Source::start() })
    }

    /// Posts, and reads the answer.
    pub(super) async fn post(&self, post: Post) -> Result<(), Failure> {
        let secrets = post.secrets.clone();
        let hide = |text: String| secret::hide(text, &secrets);
        let request = request(post).map_err(|error| Failure::lasting(hide(error)))?;
        let answer = async {
            let response = self.pool.request(request).await.map_err(|error| Failure::passing(hide(transport::innermost(&error))))?;
            let (head, body) = response.into_parts();
            let body = Limited::new(body, MAX_ANSWER).collect().await.map_or_else(|_| Bytes::new(), |body| body.to_bytes());
            judge(&head, &body, self.source.read().wall, &hide)
        };
        let late = |_| Err(Failure::passing(format!("no answer within {} s", WITHIN.as_secs())));
        tokio::time::timeout(WITHIN, answer).await.unwrap_or_else(late)
    }
}

fn request(post: Post) -> Result<Request<Full<Bytes>>, String> {
    let body = Full::new(Bytes::from(post.body));
    let request = Request::builder().method(post.method).uri(post.url).body(body);
    let mut request = request.map_err(|error| format!("the URL is none: {error}"))?;
    let headers = request.headers_mut();
    headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
    let no_type = |_| format!("`{}` is no content type", post.content_type);
    headers.insert(CONTENT_TYPE, HeaderValue::try_from(&post.content_type).map_err(no_type)?);
    for (name, value) in post.headers {
        let no_header = |_| format!("the header `{name}` holds a character that no header may hold");
        let key = HeaderName::try_from(&name).map_err(|_| format!("`{name}` is no name for a header"))?;
        let mut value = HeaderValue::try_from(value).map_err(no_header)?;
        value.set_sensitive(true);
        headers.insert(key, value);
    }
    Ok(request)
}
