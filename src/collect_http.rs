//! `skep collect --http`: `/healthz` for whoever supervises the collector, `/metrics` for Prometheus.

use std::convert::Infallible;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use event::msg;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use processor::exporter::{self, Hosts, Of};

use crate::clock;
use crate::last_samples::LastSamples;

/// How long accepting rests after it failed.
const REST: std::time::Duration = std::time::Duration::from_millis(100);

/// Connections at once; a supervisor needs one, and so does Prometheus.
const MAX_CONNECTIONS: usize = 16;

/// How long a client may take to ask.
const HEAD_WITHIN: std::time::Duration = std::time::Duration::from_secs(5);

/// Serves until the process ends; gives the address. Nothing here changes state, so no token is asked for.
///
/// # Errors
/// When the address cannot be listened on.
pub(crate) fn serve(address: SocketAddr, host: String, last: LastSamples) -> anyhow::Result<SocketAddr> {
    let listener = match TcpListener::bind(address) {
        Ok(listener) => listener,
        Err(error) => bail!("could not listen on {address}: {error}; stop whoever uses it, or choose another with --http"),
    };
    listener.set_nonblocking(true).context("could not set up the listener")?;
    let bound = listener.local_addr().context("could not set up the listener")?;
    let builder = std::thread::Builder::new().name("health".to_owned());
    builder.spawn(move || accept_all(listener, Site { host, last })).context("could not start the health thread")?;
    Ok(bound)
}

struct Site {
    host: String,
    last: LastSamples,
}

fn accept_all(listener: TcpListener, site: Site) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let served = runtime.and_then(|runtime| runtime.block_on(accept(listener, site.into())));
    if let Err(error) = served {
        tracing::error!("/healthz is no longer answered: {error}");
    }
}

async fn accept(listener: TcpListener, site: Arc<Site>) -> std::io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let slots = Arc::new(tokio::sync::Semaphore::new(MAX_CONNECTIONS));
    loop {
        let Ok(slot) = slots.clone().acquire_owned().await else { return Ok(()) };
        let stream = match transport::accept::accept(&listener).await {
            Ok((stream, _)) => stream,
            // No descriptor was left, or the client has gone: both pass.
            Err(error) => {
                tracing::debug!("a connection could not be accepted: {error}");
                tokio::time::sleep(REST).await;
                continue;
            }
        };
        let site = site.clone();
        tokio::spawn(async move {
            let answer = service_fn(move |request| {
                let site = site.clone();
                async move { Ok::<_, Infallible>(answer(&site, &request)) }
            });
            let mut http = hyper::server::conn::http1::Builder::new();
            http.timer(TokioTimer::new()).header_read_timeout(HEAD_WITHIN).keep_alive(false);
            // A client that breaks off is its own affair.
            let _ = http.serve_connection(TokioIo::new(stream), answer).await;
            drop(slot);
        });
    }
}

fn answer(site: &Site, request: &Request<Incoming>) -> Response<Full<Bytes>> {
    let text = |status: StatusCode, text: String| {
        let mut response = Response::new(Full::new(Bytes::from(text)));
        *response.status_mut() = status;
        response
    };
    match (request.uri().path(), request.uri().query().unwrap_or_default()) {
        ("/healthz", _) => text(StatusCode::OK, "ok\n".to_owned()),
        ("/metrics", query) => match told(site, query) {
            Some(metrics) => {
                let mut response = text(StatusCode::OK, metrics);
                response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(exporter::CONTENT_TYPE));
                response
            }
            None => text(StatusCode::BAD_REQUEST, "/metrics takes ?of=host, ?of=containers, or nothing\n".to_owned()),
        },
        _ => text(StatusCode::NOT_FOUND, "a collector answers /healthz and /metrics\n".to_owned()),
    }
}

/// Of the host, of its containers, or of the collector itself; `None` when anything else is asked for.
fn told(site: &Site, query: &str) -> Option<String> {
    let (message, left_out) = site.last.message(clock::now());
    if query.is_empty() {
        let own = exporter::encode_own(msg::events(&message));
        let about = "Samples of series that found no room in /metrics.";
        let name = "skep_collector_metrics_left_out_total";
        return Some(format!("{own}# HELP {name} {about}\n# TYPE {name} counter\n{name} {left_out}\n"));
    }
    let of = Of::parse(query.strip_prefix("of=")?)?;
    Some(exporter::encode(of, Hosts::Of(&site.host), msg::events(&message)))
}
