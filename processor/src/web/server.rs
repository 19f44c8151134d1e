//! The HTTP listener.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use transport::{Shutdown, accept};

use super::route::route;
use super::site::Site;
use super::slots::Slots;

/// Connections at once, half of them from one address; a further one is closed, so that a flood of them costs files, not memory.
const MAX_CONNECTIONS: usize = 512;

/// Bytes of a request's head; the longest are those of a live page with many queries.
const MAX_HEAD_BYTES: usize = 64 << 10;

/// Headers of a request.
const MAX_HEADERS: usize = 64;

/// How long a head may take to arrive: slow ones would hold connections for ever.
const HEAD_WITHIN: Duration = Duration::from_secs(5);

/// How long answers that are under way may take at the end. Live streams never end by themselves.
const END_WITHIN: Duration = Duration::from_millis(500);

/// How long to wait when the process may open no further files.
const NO_FILES: Duration = Duration::from_millis(100);

/// Which port a request came by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Port {
    /// The one of pages and API.
    Main,
    /// Riemann's for server-sent events: `/index` alone.
    Sse,
}

/// Serves until the shutdown is requested.
pub async fn serve(listener: TcpListener, site: Arc<Site>, port: Port, mut shutdown: Shutdown) {
    let slots = Slots::new(MAX_CONNECTIONS);
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = accept::accept(&listener) => accepted,
            Some(_) = connections.join_next() => continue,
            () = shutdown.requested() => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::debug!("an HTTP connection could not be accepted: {error}");
                tokio::time::sleep(NO_FILES).await;
                continue;
            }
        };
        let Some(slot) = slots.take(peer.ip()) else {
            site.own.http.refused.fetch_add(1, Ordering::Relaxed);
            continue;
        };
        let site = site.clone();
        let service = service_fn(move |request| {
            let site = site.clone();
            async move { Ok::<_, Infallible>(route(site, port, peer.ip(), request).await) }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_WITHIN)
            .max_buf_size(MAX_HEAD_BYTES)
            .max_headers(MAX_HEADERS)
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades();
        let mut shutdown = shutdown.clone();
        connections.spawn(async move {
            let mut connection = std::pin::pin!(connection);
            // A client that breaks off is no news.
            tokio::select! {
                _ = connection.as_mut() => {}
                () = shutdown.requested() => {
                    connection.as_mut().graceful_shutdown();
                    let _ = connection.await;
                }
            }
            drop(slot);
        });
    }
    drop(listener);
    // What has not ended then ends with the runtime.
    let _ = tokio::time::timeout(END_WITHIN, async { while connections.join_next().await.is_some() {} }).await;
}
