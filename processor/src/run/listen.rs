//! Taking addresses, before anything else is begun.

use std::io;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs, UdpSocket};

use transport::lines::Format;
use transport::tls::Acceptor;

use super::{Settings, StartError};

/// A free port for TCP may be taken for UDP; so often another is tried.
const TRIES: usize = 16;

/// What the processor listens on.
#[derive(Debug)]
pub(super) struct Listeners {
    pub(super) http: TcpListener,
    pub(super) http_address: SocketAddr,
    pub(super) riemann: Option<Riemann>,
    pub(super) tls: Option<(TcpListener, Acceptor)>,
    pub(super) sse: Option<TcpListener>,
    /// Both listeners of Graphite's lines, or OpenTSDB's one.
    pub(super) lines: Vec<(TcpListener, Option<UdpSocket>, Format)>,
    /// Those that were asked for, under their names in the settings.
    pub(super) further: Vec<(&'static str, SocketAddr)>,
}

/// Both listeners of Riemann's protocol, on one port.
#[derive(Debug)]
pub(super) struct Riemann {
    pub(super) tcp: TcpListener,
    pub(super) udp: UdpSocket,
    pub(super) address: SocketAddr,
}

/// Takes all addresses.
pub(super) fn bind(settings: &Settings) -> Result<Listeners, StartError> {
    let address = resolve("--http", &settings.http, settings, true)?;
    let riemann = settings.riemann.as_deref().map(|address| resolve("--riemann", address, settings, false)).transpose()?;
    let failed = |flag, address: SocketAddr| move |source| StartError::Listen { flag, address: address.to_string(), source };
    let http = listen(address).map_err(failed("--http", address))?;
    http.set_nonblocking(true)?;
    let riemann = riemann.map(|address| bind_both(address).map_err(failed("--riemann", address))).transpose()?;
    let mut listeners =
        Listeners { http_address: http.local_addr()?, http, riemann, tls: None, sse: None, lines: Vec::new(), further: Vec::new() };
    bind_further(settings, &mut listeners)?;
    Ok(listeners)
}

fn bind_further(settings: &Settings, listeners: &mut Listeners) -> Result<(), StartError> {
    let inlets = &settings.inlets;
    let failed = |flag, address: SocketAddr| move |source| StartError::Listen { flag, address: address.to_string(), source };
    let mut take = |name: &'static str, flag: &'static str, address: SocketAddr| {
        allow(flag, address, settings, name == "riemann_sse")?;
        let listener = listen(address).map_err(failed(flag, address))?;
        listener.set_nonblocking(true)?;
        listeners.further.push((name, listener.local_addr()?));
        Ok::<_, StartError>(listener)
    };
    if let Some(tls) = &inlets.riemann_tls {
        let acceptor = Acceptor::open(&tls.files)?;
        listeners.tls = Some((take("riemann_tls", "processor.riemann_tls", tls.listen)?, acceptor));
    }
    if let Some(address) = inlets.riemann_sse {
        listeners.sse = Some(take("riemann_sse", "processor.riemann_sse", address)?);
    }
    if let Some(address) = inlets.opentsdb {
        listeners.lines.push((take("opentsdb", "processor.opentsdb", address)?, None, Format::OpenTsdb));
    }
    if let Some(graphite) = inlets.graphite {
        let flag = "processor.graphite";
        allow(flag, graphite.listen, settings, false)?;
        let Riemann { tcp, udp, address } = bind_both(graphite.listen).map_err(failed(flag, graphite.listen))?;
        listeners.further.push(("graphite", address));
        listeners.lines.push((tcp, Some(udp), Format::Graphite { tags: graphite.tags }));
    }
    Ok(())
}

fn resolve(flag: &'static str, address: &str, settings: &Settings, is_web: bool) -> Result<SocketAddr, StartError> {
    let failed = |source| StartError::Address { flag, address: address.to_owned(), source };
    let first = address.to_socket_addrs().map_err(failed)?.next();
    let resolved = first.ok_or_else(|| failed(io::Error::from(io::ErrorKind::NotFound)))?;
    allow(flag, resolved, settings, is_web)?;
    Ok(resolved)
}

/// What others can reach wants a token; who is let in by `web.auth` has shown one, or its like.
fn allow(flag: &'static str, address: SocketAddr, settings: &Settings, is_web: bool) -> Result<(), StartError> {
    let is_guarded = settings.token.is_some() || (is_web && settings.web.auth.is_some());
    if !address.ip().is_loopback() && !is_guarded && !settings.insecure {
        return Err(StartError::Open { flag, address: address.to_string() });
    }
    Ok(())
}

/// Connections that the kernel may hold until they are accepted; the standard library asks for 128, which a burst of nodes that come back
/// overflows. The kernel gives `net.core.somaxconn` at the most.
const BACKLOG: i32 = 4096;

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    rustix::net::listen(&listener, BACKLOG)?;
    Ok(listener)
}

/// TCP and UDP on the same port.
fn bind_both(address: SocketAddr) -> io::Result<Riemann> {
    let mut tries = 0;
    loop {
        let tcp = listen(address)?;
        let taken = tcp.local_addr()?;
        match UdpSocket::bind(taken) {
            Ok(udp) => {
                tcp.set_nonblocking(true)?;
                udp.set_nonblocking(true)?;
                return Ok(Riemann { tcp, udp, address: taken });
            }
            Err(error) if address.port() != 0 || tries == TRIES => return Err(error),
            Err(_) => tries += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(http: &str) -> Settings {
        Settings { http: http.to_owned(), riemann: Some("127.0.0.1:0".to_owned()), ..Settings::new("unused") }
    }

    #[track_caller]
    fn check_refused(settings: &Settings, message: &str) {
        assert_eq!(bind(settings).unwrap_err().to_string(), message);
    }

    #[test]
    fn port_0_takes_a_free_one_for_tcp_and_udp_alike() {
        let listeners = bind(&settings("127.0.0.1:0")).unwrap();
        assert_ne!(listeners.http_address.port(), 0);
        let riemann = listeners.riemann.unwrap();
        assert_eq!(riemann.udp.local_addr().unwrap(), riemann.address);
    }

    #[test]
    fn a_taken_port_is_named_with_the_flag_that_changes_it() {
        let holder = TcpListener::bind("127.0.0.1:0").unwrap();
        let taken = holder.local_addr().unwrap().to_string();
        let message = format!("could not listen on {taken}: it is taken; stop whoever uses it, or choose another with --http");
        check_refused(&settings(&taken), &message);
    }

    #[test]
    fn what_others_can_reach_wants_a_token() {
        check_refused(
            &settings("0.0.0.0:0"),
            "0.0.0.0:0 (--http) can be reached by others: give a token with `processor.token_file`, listen on 127.0.0.1, \
             or say --insecure",
        );
        bind(&Settings { token: Some("s3cret".to_owned()), ..settings("0.0.0.0:0") }).unwrap();
        bind(&Settings { insecure: true, ..settings("0.0.0.0:0") }).unwrap();
    }

    #[test]
    fn what_is_no_address_is_said() {
        check_refused(&settings("5556"), "`5556` (--http) is no address; write it like 127.0.0.1:5556");
    }
}
