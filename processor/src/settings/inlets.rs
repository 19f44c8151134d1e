//! Settings of the ways in that are closed unless they are asked for.

use std::net::SocketAddr;

use transport::tls::Files;

/// Listeners beside Riemann's and the HTTP one; all off by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inlets {
    /// Riemann's protocol with TLS.
    pub riemann_tls: Option<RiemannTls>,
    /// Riemann's own port for server-sent events, for clients that insist on it.
    pub riemann_sse: Option<SocketAddr>,
    /// Graphite's lines, TCP and UDP.
    pub graphite: Option<Graphite>,
    /// OpenTSDB's lines.
    pub opentsdb: Option<SocketAddr>,
}

/// Riemann's protocol with TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RiemannTls {
    /// Where.
    pub listen: SocketAddr,
    /// What it shows, and whom it lets in.
    pub files: Files,
}

/// Graphite's lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Graphite {
    /// Where, TCP and UDP.
    pub listen: SocketAddr,
    /// Whether `NAME;KEY=VALUE` gives attributes.
    pub tags: bool,
}
