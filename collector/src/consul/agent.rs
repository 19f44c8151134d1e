//! The HTTP API of a Consul agent, as far as a registrar needs it.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::header::USER_AGENT;
use hyper::{Method, Request, StatusCode};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use serde_json::{Value, json};
use transport::percent::encode;

use super::cluster::{Checked, Itself, Member};
use super::{Change, Entry, Registered};

/// How long one answer may take, as [`Failure::Late`] says. The first registration after a fresh election takes seconds.
const PATIENCE: Duration = Duration::from_secs(10);

/// The longest answer: some ten thousand services.
const MAX_BODY: usize = 16 << 20;

/// Idle connections are closed after that.
const IDLE: Duration = Duration::from_secs(60);

const AGENT: &str = concat!("skep/", env!("CARGO_PKG_VERSION"));

/// Why the agent did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// No answer.
    #[error("Consul at {0} does not answer: {1}")]
    Away(String, String),
    /// Too late.
    #[error("Consul at {0} has not answered within 10 s")]
    Late(String),
    /// Another status than 200.
    #[error("Consul at {0} answered {1} to {2}: {3}")]
    Refused(String, StatusCode, String, String),
    /// What came is none of its answers.
    #[error("Consul at {0} answered {1} with what is none of its answers")]
    Unread(String, String),
}

/// One agent.
pub struct Agent {
    url: String,
    token: Option<String>,
    pool: Pool<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

impl fmt::Debug for Agent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Agent").field("url", &self.url).finish_non_exhaustive()
    }
}

impl Agent {
    /// The agent at `url` (`http://HOST:8500`), to be asked with this token.
    pub fn new(url: &str, token: Option<String>) -> Self {
        let mut connector = HttpConnector::new();
        connector.enforce_http(false);
        connector.set_nodelay(true);
        let connector = HttpsConnectorBuilder::new().with_webpki_roots().https_or_http().enable_http1().wrap_connector(connector);
        let pool = Pool::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).pool_idle_timeout(IDLE).build(connector);
        Self { url: url.trim_end_matches('/').to_owned(), token, pool }
    }

    /// All services of the agent.
    ///
    /// # Errors
    /// No answer, or another one.
    pub async fn services(&self) -> Result<Vec<Registered>, Failure> {
        Ok(Registered::read(&self.json("/v1/agent/services").await?))
    }

    /// The address of the agent's node; `None` where it tells none.
    ///
    /// # Errors
    /// No answer, or another one.
    pub async fn address(&self) -> Result<Option<IpAddr>, Failure> {
        let told = self.json("/v1/agent/self").await?;
        Ok(told.pointer("/Member/Addr").and_then(Value::as_str).and_then(|address| address.parse().ok()))
    }

    /// What it says of itself.
    ///
    /// # Errors
    /// No answer, or another one.
    pub async fn itself(&self) -> Result<Itself, Failure> {
        Ok(Itself::read(&self.json("/v1/agent/self").await?))
    }

    /// Whether it knows of a leader of the servers.
    ///
    /// # Errors
    /// No answer at all: an agent without a leader may also refuse to say.
    pub async fn has_leader(&self) -> Result<bool, Failure> {
        match self.json("/v1/status/leader").await {
            Ok(leader) => Ok(leader.as_str().is_some_and(|leader| !leader.is_empty())),
            Err(Failure::Refused(_, StatusCode::INTERNAL_SERVER_ERROR, ..)) => Ok(false),
            Err(failure) => Err(failure),
        }
    }

    /// How many servers vote.
    ///
    /// # Errors
    /// No answer, or another one.
    pub async fn peers(&self) -> Result<u64, Failure> {
        Ok(self.json("/v1/status/peers").await?.as_array().map_or(0, |peers| peers.len() as u64))
    }

    /// All agents of the data centre, as this one sees them.
    ///
    /// # Errors
    /// No answer, or another one.
    pub async fn members(&self) -> Result<Vec<Member>, Failure> {
        Ok(Member::read(&self.json("/v1/agent/members").await?))
    }

    /// All checks of the data centre.
    ///
    /// # Errors
    /// No answer, or another one: without a leader there is none.
    pub async fn checks(&self) -> Result<Vec<Checked>, Failure> {
        Ok(Checked::read(&self.json("/v1/health/state/any").await?))
    }

    /// Carries a change out. To take away what is gone already is no failure.
    ///
    /// # Errors
    /// No answer, or a refusal.
    pub async fn carry_out(&self, change: &Change) -> Result<(), Failure> {
        match change {
            Change::Register(entry) => {
                let path = "/v1/agent/service/register?replace-existing-checks=true";
                self.ask(Method::PUT, path, entry.json().to_string()).await.map(drop)
            }
            Change::Deregister(id) => {
                let path = format!("/v1/agent/service/deregister/{}", encode(id));
                match self.ask(Method::PUT, &path, String::new()).await {
                    Err(Failure::Refused(_, StatusCode::NOT_FOUND, ..)) => Ok(()),
                    answer => answer.map(drop),
                }
            }
        }
    }

    /// Tells how a service with a TTL check does.
    ///
    /// # Errors
    /// No answer, or a refusal: the agent does not know the check.
    pub async fn tell(&self, entry: &Entry) -> Result<(), Failure> {
        let path = format!("/v1/agent/check/update/service:{}", encode(&entry.id));
        let body = json!({"Status": entry.state.as_str(), "Output": entry.output});
        self.ask(Method::PUT, &path, body.to_string()).await.map(drop)
    }

    async fn json(&self, path: &str) -> Result<Value, Failure> {
        let body = self.ask(Method::GET, path, String::new()).await?;
        serde_json::from_slice(&body).map_err(|_| Failure::Unread(self.url.clone(), path.to_owned()))
    }

    async fn ask(&self, method: Method, path: &str, body: String) -> Result<Bytes, Failure> {
        let answer = tokio::time::timeout(PATIENCE, self.whole(method, path, body)).await;
        answer.unwrap_or_else(|_| Err(Failure::Late(self.url.clone())))
    }

    async fn whole(&self, method: Method, path: &str, body: String) -> Result<Bytes, Failure> {
        let away = |text: String| Failure::Away(self.url.clone(), text);
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.url)).header(USER_AGENT, AGENT);
        if let Some(token) = &self.token {
            request = request.header("X-Consul-Token", token);
        }
        let request = request.body(Full::new(Bytes::from(body))).map_err(|error| away(error.to_string()))?;
        let response = self.pool.request(request).await.map_err(|error| away(transport::innermost(&error)))?;
        let status = response.status();
        let body = match Limited::new(response.into_body(), MAX_BODY).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) if error.is::<LengthLimitError>() => return Err(Failure::Unread(self.url.clone(), path.to_owned())),
            Err(error) => return Err(away(format!("the answer broke off: {error}"))),
        };
        if status == StatusCode::OK {
            return Ok(body);
        }
        let said: String = String::from_utf8_lossy(&body).trim().chars().take(300).collect();
        Err(Failure::Refused(self.url.clone(), status, path.to_owned(), said))
    }
}
