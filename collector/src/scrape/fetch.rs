//! The body behind an address, within a time and a size.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty, LengthLimitError, Limited};
use hyper::header::{ACCEPT, USER_AGENT};
use hyper::{Request, StatusCode};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};

/// The longest body.
const MAX_BODY: usize = 16 << 20;

/// Idle connections are closed after that; a target that is scraped more often keeps its own.
const IDLE: Duration = Duration::from_secs(90);

/// What we read, the older format first: it is what nearly all speak, and says the same.
const FORMATS: &str = "text/plain;version=0.0.4;q=1,application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=0.1";

const AGENT: &str = concat!("skep/", env!("CARGO_PKG_VERSION"));

/// Why a target told nothing; a sentence without its address.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("{0}")]
    Connection(String),
    #[error("no whole answer within {}", .0)]
    Late(event::Duration),
    #[error("it answered {0}; only 200 is taken, and no other address is followed")]
    Status(StatusCode),
    #[error("its answer is longer than 16 MiB")]
    TooLong,
    #[error("its answer is not UTF-8 from byte {0} on")]
    Bytes(usize),
    #[error("its answer is not Prometheus' text format: {0}")]
    Text(#[from] super::text::Mistake),
}

/// Asks all targets.
#[derive(Debug)]
pub(super) struct Client(Pool<HttpsConnector<HttpConnector>, Empty<Bytes>>);

impl Client {
    pub(super) fn new() -> Self {
        let mut connector = HttpConnector::new();
        connector.enforce_http(false);
        connector.set_nodelay(true);
        let connector = HttpsConnectorBuilder::new().with_webpki_roots().https_or_http().enable_http1().wrap_connector(connector);
        let pool = Pool::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).pool_idle_timeout(IDLE).build(connector);
        Self(pool)
    }

    /// The body.
    pub(super) async fn get(&self, url: &str, within: event::Duration) -> Result<Bytes, Failure> {
        let answer = self.whole(url, within);
        tokio::time::timeout(within.to_std(), answer).await.unwrap_or(Err(Failure::Late(within)))
    }

    async fn whole(&self, url: &str, within: event::Duration) -> Result<Bytes, Failure> {
        let broken = |text: String| Failure::Connection(text);
        let request = Request::get(url)
            .header(USER_AGENT, AGENT)
            .header(ACCEPT, FORMATS)
            .header("X-Prometheus-Scrape-Timeout-Seconds", within.as_secs_f64().to_string())
            .body(Empty::new())
            .map_err(|error| broken(error.to_string()))?;
        let response = self.0.request(request).await.map_err(|error| broken(transport::innermost(&error)))?;
        if response.status() != StatusCode::OK {
            return Err(Failure::Status(response.status()));
        }
        match Limited::new(response.into_body(), MAX_BODY).collect().await {
            Ok(body) => Ok(body.to_bytes()),
            Err(error) if error.is::<LengthLimitError>() => Err(Failure::TooLong),
            Err(error) => Err(broken(format!("the answer broke off: {error}"))),
        }
    }
}
