//! Who may change state: the token, the page's own origin, and a host that is this machine.

use std::net::{IpAddr, SocketAddr};

use base64::Engine as _;
use hyper::HeaderMap;
use hyper::header::{AUTHORIZATION, HOST, ORIGIN};
use subtle::ConstantTimeEq;

/// Why a request that changes state is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refused {
    /// No token, or not ours.
    #[error("this changes state: send `Authorization: Bearer TOKEN` with the token of `processor.token_file`")]
    Token,
    /// A page of another origin sent it.
    #[error("this request comes from a page of another origin")]
    Origin,
    /// A name that leads here, but is not this machine's own: a page may have had it pointed at us.
    #[error("this changes state and is answered on this machine alone: ask it as 127.0.0.1, [::1] or localhost")]
    Host,
}

impl Refused {
    /// Whether a token would help.
    pub(super) fn is_of_token(self) -> bool {
        self == Self::Token
    }
}

/// What a request that changes state must bring.
#[derive(Clone, Debug)]
pub struct Guard {
    token: Option<String>,
    local: bool,
}

impl Guard {
    /// For a listener on `ip`. On loopback no token is asked for, but the request must name a loopback host;
    /// elsewhere `None` says that the operator chose `--insecure`.
    pub fn new(ip: IpAddr, token: Option<String>) -> Self {
        let local = ip.is_loopback();
        Self { token: token.filter(|_| !local), local }
    }

    /// Checks the headers of a request that changes state.
    ///
    /// # Errors
    /// [`Refused`] with what is missing.
    pub(super) fn check(&self, headers: &HeaderMap) -> Result<(), Refused> {
        if !same_origin(headers) {
            return Err(Refused::Origin);
        }
        if self.local && !names_loopback(headers) {
            return Err(Refused::Host);
        }
        let Some(token) = &self.token else { return Ok(()) };
        let given = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(given_token);
        let same = given.is_some_and(|given| bool::from(given.ct_eq(token.as_bytes())));
        if same { Ok(()) } else { Err(Refused::Token) }
    }
}

/// The token of `Bearer TOKEN`, of `Token TOKEN` as InfluxDB 2's clients send it, or the password of those of InfluxDB 1.
fn given_token(header: &str) -> Option<Vec<u8>> {
    let (scheme, rest) = header.split_once(' ')?;
    match scheme {
        "Bearer" | "Token" => Some(rest.as_bytes().to_vec()),
        "Basic" => {
            let pair = base64::engine::general_purpose::STANDARD.decode(rest).ok()?;
            let at = pair.iter().position(|byte| *byte == b':')?;
            pair.get(at + 1..).map(<[u8]>::to_vec)
        }
        _ => None,
    }
}

/// Browsers name the page's origin with every POST; programs name none.
fn same_origin(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(ORIGIN) else { return true };
    let Some(host) = headers.get(HOST).and_then(|host| host.to_str().ok()) else { return false };
    let authority = origin.to_str().ok().and_then(|origin| origin.split_once("://")).map(|(_, authority)| authority);
    authority == Some(host)
}

/// A page whose name was rebound to loopback has an origin equal to its host; only the name itself gives it away.
fn names_loopback(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(HOST).and_then(|host| host.to_str().ok()) else { return false };
    if let Ok(address) = host.parse::<SocketAddr>() {
        return address.ip().is_loopback();
    }
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit())).map_or(host, |(name, _)| name);
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(name);
    bare.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
    const ANY: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

    #[track_caller]
    fn check_on(ip: IpAddr, token: Option<&str>, headers: &[(&'static str, &'static str)], result: Result<(), Refused>) {
        let map = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        assert_eq!(Guard::new(ip, token.map(str::to_owned)).check(&map), result, "{headers:?}");
    }

    #[track_caller]
    fn check(token: Option<&str>, headers: &[(&'static str, &'static str)], result: Result<(), Refused>) {
        check_on(ANY, token, headers, result);
    }

    #[test]
    fn on_loopback_the_host_is_loopback_and_the_token_is_not_asked_for() {
        for host in ["127.0.0.1:5556", "127.0.0.1", "127.1.2.3:80", "[::1]:5556", "[::1]", "localhost:5556", "LocalHost"] {
            check_on(LOOPBACK, Some("s3cret"), &[("host", host)], Ok(()));
        }
        for host in [
            "evil.example:5556",
            "127.0.0.1.evil.example",
            "localhost.evil.example:5556",
            "10.0.0.1:5556",
            "[fe80::1]:1",
            "",
            ":5556",
            "localhost:x",
        ] {
            check_on(LOOPBACK, None, &[("host", host)], Err(Refused::Host));
        }
        check_on(LOOPBACK, None, &[("host", "evil.example:5556"), ("origin", "http://evil.example:5556")], Err(Refused::Host));
        check_on(LOOPBACK, None, &[], Err(Refused::Host));
    }

    #[test]
    fn a_token_is_asked_for_only_where_there_is_one() {
        check(None, &[], Ok(()));
        check(Some("s3cret"), &[("authorization", "Bearer s3cret")], Ok(()));
        check(Some("s3cret"), &[("authorization", "Bearer s3cre")], Err(Refused::Token));
        check(Some("s3cret"), &[("authorization", "Basic s3cret")], Err(Refused::Token));
        check(Some("s3cret"), &[("authorization", "Token s3cret")], Ok(()));
        check(Some("s3cret"), &[("authorization", "Basic YW55OnMzY3JldA==")], Ok(()));
        check(Some("s3cret"), &[("authorization", "Basic czNjcmV0OmFueQ==")], Err(Refused::Token));
        check(Some("s3cret"), &[], Err(Refused::Token));
    }

    #[test]
    fn a_page_of_another_origin_is_refused_even_without_a_token() {
        check(None, &[("host", "127.0.0.1:5556"), ("origin", "http://127.0.0.1:5556")], Ok(()));
        check(None, &[("host", "127.0.0.1:5556"), ("origin", "http://evil.example")], Err(Refused::Origin));
        check(None, &[("host", "127.0.0.1:5556"), ("origin", "null")], Err(Refused::Origin));
        check(None, &[("origin", "http://127.0.0.1:5556")], Err(Refused::Origin));
    }
}
