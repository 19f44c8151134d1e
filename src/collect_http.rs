//! `skep collect --http`: `/healthz`, for whoever supervises the collector.

use std::convert::Infallible;
use std::net::{SocketAddr, TcpListener};

use anyhow::{Context as _, bail};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};

/// Connections at once; a supervisor needs one.
const MAX_CONNECTIONS: usize = 16;

/// How long a client may take to ask.
const HEAD_WITHIN: std::time::Duration = std::time::Duration::from_secs(5);

/// Serves until the process ends; gives the address. Nothing here changes state, so no token is asked for.
///
/// # Errors
/// When the address cannot be listened on.
pub(crate) fn serve(address: SocketAddr) -> anyhow::Result<SocketAddr> {
    let listener = match TcpListener::bind(address) {
        Ok(listener) => listener,
        Err(error) => bail!("could not listen on {address}: {error}; stop whoever uses it, or choose another with --http"),
    };
    listener.set_nonblocking(true).context("could not set up the listener")?;
    let bound = listener.local_addr().context("could not set up the listener")?;
    let builder = std::thread::Builder::new().name("health".to_owned());
    builder.spawn(move || accept_all(listener)).context("could not start the health thread")?;
    Ok(bound)
}

fn accept_all(listener: TcpListener) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let served = runtime.and_then(|runtime| runtime.block_on(accept(listener)));
    if let Err(error) = served {
        tracing::error!("/healthz is no longer answered: {error}");
    }
}

async fn accept(listener: TcpListener) -> std::io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let slots = std::sync::Arc::new(tokio::sync::Semaphore::new(MAX_CONNECTIONS));
    loop {
        let Ok(slot) = slots.clone().acquire_owned().await else { return Ok(()) };
        let (stream, _) = listener.accept().await?;
        tokio::spawn(async move {
            let mut http = hyper::server::conn::http1::Builder::new();
            http.timer(TokioTimer::new()).header_read_timeout(HEAD_WITHIN).keep_alive(false);
            // A client that breaks off is its own affair.
            let _ = http.serve_connection(TokioIo::new(stream), service_fn(answer)).await;
            drop(slot);
        });
    }
}

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (status, text) = match request.uri().path() {
        "/healthz" => (StatusCode::OK, "ok\n"),
        _ => (StatusCode::NOT_FOUND, "a collector answers /healthz; its metrics are events `skep_collector/…` at the processor\n"),
    };
    let mut response = Response::new(Full::new(Bytes::from_static(text.as_bytes())));
    *response.status_mut() = status;
    Ok(response)
}
