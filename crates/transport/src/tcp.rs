//! Riemann's protocol over TCP, as a server.

mod connection;

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::accept;
use crate::ingest::{Counters, Ingest};
use crate::shutdown::Shutdown;
use crate::tls::Acceptor;

use connection::Connection;

/// How long accepting rests after it failed: the usual reason is that no file descriptor is left, which passes.
const ACCEPT_REST: Duration = Duration::from_millis(100);

/// When the kernel asks a silent peer whether it still lives, so that connections of hosts that were switched off do not stay for ever.
const KEEPALIVE: Duration = Duration::from_secs(60);

/// How long a TLS handshake may take.
const HANDSHAKE_WITHIN: Duration = Duration::from_secs(10);

/// How patient the server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How long a begun message may take to arrive. The greatest one, 16 MiB, does in a minute at 2.3 Mbit/s.
    pub message_timeout: Duration,
    /// How long a client may read nothing of the replies that are due to it.
    pub write_timeout: Duration,
    /// How long what is in flight may take when the server ends.
    pub grace: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self { message_timeout: Duration::from_secs(60), write_timeout: Duration::from_secs(30), grace: Duration::from_secs(10) }
    }
}

/// Serves until `shutdown`; then it accepts no more, answers what it has read, and closes.
///
/// There may be as many connections as [`crate::ingest::Limits`] has memory for; one more is closed at once and counted.
pub async fn serve(listener: TcpListener, ingest: Ingest, settings: Settings, shutdown: Shutdown) {
    accept(listener, None, ingest, settings, shutdown).await;
}

/// As [`serve`], with TLS.
pub async fn serve_tls(listener: TcpListener, tls: Acceptor, ingest: Ingest, settings: Settings, shutdown: Shutdown) {
    accept(listener, Some(tls), ingest, settings, shutdown).await;
}

async fn accept(listener: TcpListener, tls: Option<Acceptor>, ingest: Ingest, settings: Settings, mut shutdown: Shutdown) {
    let mut connections = JoinSet::new();
    // What goes wrong again and again is said once.
    let (mut is_full, mut is_failing) = (false, false);
    loop {
        let accepted = tokio::select! {
            () = shutdown.requested() => break,
            Some(_) = connections.join_next() => continue,
            accepted = accept::accept(&listener) => accepted,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                if !std::mem::replace(&mut is_failing, true) {
                    tracing::warn!(%error, "could not accept a connection; trying on");
                }
                tokio::time::sleep(ACCEPT_REST).await;
                continue;
            }
        };
        is_failing = false;
        let was_full = std::mem::replace(&mut is_full, connections.len() >= ingest.max_connections());
        if is_full {
            ingest.counters().connections_refused.add(1);
            if !was_full {
                tracing::warn!(most = ingest.max_connections(), "too many connections; closing new ones");
            }
            continue;
        }
        if let Err(error) = prepare(&stream) {
            tracing::debug!(%error, "could not set up a connection");
        }
        match tls.clone() {
            None => connections.spawn(run(stream, ingest.clone(), settings, shutdown.clone())),
            Some(tls) => connections.spawn(run_tls(stream, tls, ingest.clone(), settings, shutdown.clone())),
        };
    }
    drop(listener);
    let all = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(settings.grace, all).await.is_err() {
        tracing::warn!("connections were cut off at the end");
    }
}

fn prepare(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    rustix::net::sockopt::set_socket_keepalive(stream, true)?;
    rustix::net::sockopt::set_tcp_keepidle(stream, KEEPALIVE)?;
    Ok(())
}

/// A handshake that fails or lasts is the client's, and costs nobody else anything.
async fn run_tls(stream: TcpStream, tls: Acceptor, ingest: Ingest, settings: Settings, mut shutdown: Shutdown) {
    let shaken = tokio::select! {
        () = shutdown.requested() => return,
        shaken = tokio::time::timeout(HANDSHAKE_WITHIN, tls.0.accept(stream)) => shaken,
    };
    match shaken {
        Ok(Ok(stream)) => run(stream, ingest, settings, shutdown).await,
        Ok(Err(error)) => {
            ingest.counters().tls_refused.add(1);
            tracing::debug!(%error, "a TLS handshake failed");
        }
        Err(_) => ingest.counters().tls_refused.add(1),
    }
}

async fn run<S: AsyncRead + AsyncWrite + Unpin>(stream: S, ingest: Ingest, settings: Settings, shutdown: Shutdown) {
    let open = Open::new(ingest.counters());
    let end = Connection::new(stream, &ingest, settings).run(shutdown).await;
    match end {
        connection::End::Garbage => open.counters.connections_garbage.add(1),
        connection::End::Stalled => open.counters.connections_stalled.add(1),
        connection::End::Unread => {
            open.counters.connections_stalled.add(1);
            tracing::warn!(within = ?settings.write_timeout, "a client did not read its replies and was cut off; its messages were applied");
        }
        connection::End::Closed | connection::End::Shutdown | connection::End::Engine => {}
    }
    tracing::debug!(?end, "connection closed");
}

/// Counts a connection as long as it is open, also when its task is cut off.
struct Open<'a> {
    counters: &'a Counters,
}

impl<'a> Open<'a> {
    fn new(counters: &'a Counters) -> Self {
        counters.connections.add(1);
        Self { counters }
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.counters.connections.sub(1);
    }
}
