//! Taking addresses, before anything else is begun.

use std::io;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs, UdpSocket};

use super::{Settings, StartError};

/// A free port for TCP may be taken for UDP; so often another is tried.
const TRIES: usize = 16;

/// What the processor listens on.
#[derive(Debug)]
pub(super) struct Listeners {
    pub(super) http: TcpListener,
    pub(super) http_address: SocketAddr,
    pub(super) riemann: TcpListener,
    pub(super) riemann_udp: UdpSocket,
    pub(super) riemann_address: SocketAddr,
}

/// Takes all addresses.
pub(super) fn bind(settings: &Settings) -> Result<Listeners, StartError> {
    let http_address = resolve("--http", &settings.http, settings)?;
    let riemann_address = resolve("--riemann", &settings.riemann, settings)?;
    let failed = |flag, address: SocketAddr| move |source| StartError::Listen { flag, address: address.to_string(), source };
    let http = TcpListener::bind(http_address).map_err(failed("--http", http_address))?;
    let (riemann, riemann_udp) = bind_both(riemann_address).map_err(failed("--riemann", riemann_address))?;
    for nonblocking in [http.set_nonblocking(true), riemann.set_nonblocking(true), riemann_udp.set_nonblocking(true)] {
        nonblocking?;
    }
    Ok(Listeners { http_address: http.local_addr()?, riemann_address: riemann.local_addr()?, http, riemann, riemann_udp })
}

fn resolve(flag: &'static str, address: &str, settings: &Settings) -> Result<SocketAddr, StartError> {
    let failed = |source| StartError::Address { flag, address: address.to_owned(), source };
    let first = address.to_socket_addrs().map_err(failed)?.next();
    let resolved = first.ok_or_else(|| failed(io::Error::from(io::ErrorKind::NotFound)))?;
    if !resolved.ip().is_loopback() && settings.token.is_none() && !settings.insecure {
        return Err(StartError::Open { flag, address: address.to_owned() });
    }
    Ok(resolved)
}

/// TCP and UDP on the same port.
fn bind_both(address: SocketAddr) -> io::Result<(TcpListener, UdpSocket)> {
    let mut tries = 0;
    loop {
        let tcp = TcpListener::bind(address)?;
        match UdpSocket::bind(tcp.local_addr()?) {
            Ok(udp) => return Ok((tcp, udp)),
            Err(error) if address.port() != 0 || tries == TRIES => return Err(error),
            Err(_) => tries += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(http: &str) -> Settings {
        Settings { http: http.to_owned(), riemann: "127.0.0.1:0".to_owned(), ..Settings::new("unused") }
    }

    #[track_caller]
    fn check_refused(settings: &Settings, message: &str) {
        assert_eq!(bind(settings).unwrap_err().to_string(), message);
    }

    #[test]
    fn port_0_takes_a_free_one_for_tcp_and_udp_alike() {
        let listeners = bind(&settings("127.0.0.1:0")).unwrap();
        assert_ne!(listeners.http_address.port(), 0);
        assert_eq!(listeners.riemann_udp.local_addr().unwrap(), listeners.riemann_address);
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
            "0.0.0.0:0 (--http) can be reached by others: give a token with `processor.http.token_file`, listen on 127.0.0.1, \
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
