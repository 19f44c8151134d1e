//! Who is let in, and who may change state: passwords and tokens, the page's own origin, and a host that is this machine.

use std::net::{IpAddr, SocketAddr};

use base64::Engine as _;
use hyper::HeaderMap;
use hyper::header::{AUTHORIZATION, HOST, HeaderValue, ORIGIN};
use subtle::{Choice, ConstantTimeEq};

use crate::settings::{Auth, TrustedHeader};

/// What a refused browser or program is told to send. A browser asks its user for a name and a password, and sends them along from then
/// on, with its live streams too; a token does as the password.
pub(super) const CHALLENGE: HeaderValue = HeaderValue::from_static("Basic realm=\"skep\", charset=\"UTF-8\", Bearer realm=\"skep\"");

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refused {
    /// It does not say who asks.
    #[error("who asks is not known: send a user with a password, or a token, of `processor.web.auth`")]
    Unknown,
    /// It says so, but that is not one of ours.
    #[error("these are not the user and password, or the token, of `processor.web.auth`")]
    Wrong,
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
        matches!(self, Self::Unknown | Self::Wrong | Self::Token)
    }
}

/// What requests must bring.
#[derive(Clone, Debug)]
pub struct Guard {
    token: Option<String>,
    local: bool,
    auth: Option<Auth>,
}

impl Guard {
    /// For a listener on `ip`. With `auth` whoever asks must be known, wherever from, and may then change state too.
    /// Without it everybody may read; on loopback no token is asked for, but a request that changes state must name a loopback host;
    /// elsewhere a `token` of `None` says that the operator chose `--insecure`.
    pub fn new(ip: IpAddr, token: Option<String>, auth: Option<Auth>) -> Self {
        Self { token, local: ip.is_loopback(), auth }
    }

    /// Ways to be let in, as the settings name them; `None`: everybody is.
    pub(super) fn ways(&self) -> Option<Vec<&'static str>> {
        self.auth.as_ref().map(Auth::ways)
    }

    /// Checks who asks for anything at all. Every request goes by here first: [`Guard::check`] relies on it.
    ///
    /// # Errors
    /// [`Refused::Unknown`] or [`Refused::Wrong`].
    pub(super) fn admit(&self, headers: &HeaderMap, peer: IpAddr) -> Result<(), Refused> {
        let Some(auth) = &self.auth else { return Ok(()) };
        if auth.trusted_header.as_ref().is_some_and(|way| vouches(way, headers, peer)) {
            return Ok(());
        }
        let Some(given) = Given::of(headers) else { return Err(Refused::Unknown) };
        let tokens = [auth.bearer.as_ref().map(|secret| secret.0.as_str()), self.token.as_deref()];
        let known = tokens.into_iter().flatten().fold(Choice::from(0), |known, token| known | given.is_token(token));
        let known = auth.basic.as_ref().map_or(known, |basic| known | given.is_user(&basic.user, &basic.password.0));
        if bool::from(known) { Ok(()) } else { Err(Refused::Wrong) }
    }

    /// Checks the headers of a request that changes state.
    ///
    /// # Errors
    /// [`Refused`] with what is missing.
    pub(super) fn check(&self, headers: &HeaderMap) -> Result<(), Refused> {
        if !same_origin(headers) {
            return Err(Refused::Origin);
        }
        if self.auth.is_some() {
            return Ok(());
        }
        if self.local {
            return if names_loopback(headers) { Ok(()) } else { Err(Refused::Host) };
        }
        let Some(token) = &self.token else { return Ok(()) };
        let same = Given::of(headers).is_some_and(|given| bool::from(given.is_token(token)));
        if same { Ok(()) } else { Err(Refused::Token) }
    }
}

/// What `Authorization` holds.
struct Given {
    /// Nothing in a token's own schemes.
    user: Option<Vec<u8>>,
    secret: Vec<u8>,
}

impl Given {
    /// `Bearer TOKEN`, `Token TOKEN` as InfluxDB 2's clients send it, or a user and a password.
    fn of(headers: &HeaderMap) -> Option<Self> {
        let (scheme, rest) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
        if scheme.eq_ignore_ascii_case("basic") {
            let pair = base64::engine::general_purpose::STANDARD.decode(rest.trim()).ok()?;
            let at = pair.iter().position(|byte| *byte == b':')?;
            return Some(Self { user: pair.get(..at).map(<[u8]>::to_vec), secret: pair.get(at + 1..)?.to_vec() });
        }
        let is_of_token = scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("token");
        is_of_token.then(|| Self { user: None, secret: rest.trim().as_bytes().to_vec() })
    }

    /// Takes as long for a wrong text as for the right one.
    fn is_token(&self, token: &str) -> Choice {
        self.secret.ct_eq(token.as_bytes())
    }

    /// Name and password are both looked at, so that the time does not tell which of them was wrong.
    fn is_user(&self, user: &str, password: &str) -> Choice {
        let (is_there, given) = self.user.as_deref().map_or((0, &[][..]), |given| (1, given));
        Choice::from(is_there) & given.ct_eq(user.as_bytes()) & self.is_token(password)
    }
}

/// Whether one of the proxies says who asks. Two such headers are one of the asker's and one of the proxy's: nobody knows which is which.
fn vouches(way: &TrustedHeader, headers: &HeaderMap, peer: IpAddr) -> bool {
    let mut named = headers.get_all(&way.name).iter();
    let (first, second) = (named.next(), named.next());
    let is_named = first.is_some_and(|name| !name.as_bytes().trim_ascii().is_empty()) && second.is_none();
    is_named && way.from.iter().any(|network| network.contains(peer))
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

    use hyper::header::HeaderName;

    use super::*;
    use crate::settings::Basic;
    use crate::sink::influx::Secret;

    const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
    const ANY: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

    #[track_caller]
    fn check_on(ip: IpAddr, token: Option<&str>, headers: &[(&'static str, &'static str)], result: Result<(), Refused>) {
        let map = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        assert_eq!(Guard::new(ip, token.map(str::to_owned), None).check(&map), result, "{headers:?}");
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

    /// `ops` with `pass:word`, the tokens `reader` and `s3cret`, and the header `x-user` from 10.0.0.0/8.
    #[track_caller]
    fn check_admitted(peer: &str, headers: &[(&'static str, &'static str)], result: Result<(), Refused>) {
        let secret = |text: &str| Secret(text.to_owned());
        let auth = Auth {
            basic: Some(Basic { user: "ops".to_owned(), password: secret("pass:word") }),
            bearer: Some(secret("reader")),
            trusted_header: Some(TrustedHeader { name: "x-user".to_owned(), from: vec!["10.0.0.0/8".parse().unwrap()] }),
        };
        let map = headers.iter().map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap())).collect();
        let guard = Guard::new(LOOPBACK, Some("s3cret".to_owned()), Some(auth));
        assert_eq!(guard.admit(&map, peer.parse().unwrap()), result, "{headers:?}");
        if result.is_ok() {
            assert_eq!(guard.check(&map), Ok(()), "who was let in may change state");
        }
    }

    #[test]
    fn who_is_known_is_let_in() {
        let known = ["Basic b3BzOnBhc3M6d29yZA==", "basic b3BzOnBhc3M6d29yZA==", "Bearer reader", "Token s3cret", "Basic YW55OnJlYWRlcg=="];
        for given in known {
            check_admitted("192.0.2.1", &[("authorization", given)], Ok(()));
        }
        // `ops:pass`, `op:pass:word`, `ops`, a password as a token.
        for given in ["Basic b3BzOnBhc3M=", "Basic b3A6cGFzczp3b3Jk", "Bearer pass:word", "Bearer reade", "Bearer "] {
            check_admitted("192.0.2.1", &[("authorization", given)], Err(Refused::Wrong));
        }
        for given in ["Basic b3Bz", "Basic ?", "Digest x", "Bearer", ""] {
            check_admitted("192.0.2.1", &[("authorization", given)], Err(Refused::Unknown));
        }
        check_admitted("192.0.2.1", &[], Err(Refused::Unknown));
    }

    #[test]
    fn a_header_is_believed_from_the_proxies_alone() {
        check_admitted("10.1.2.3", &[("x-user", "ann")], Ok(()));
        check_admitted("::ffff:10.1.2.3", &[("x-user", "ann")], Ok(()));
        check_admitted("192.0.2.1", &[("x-user", "ann")], Err(Refused::Unknown));
        check_admitted("10.1.2.3", &[("x-user", " ")], Err(Refused::Unknown));
        check_admitted("10.1.2.3", &[("x-user", "root"), ("x-user", "ann")], Err(Refused::Unknown));
        check_admitted("10.1.2.3", &[("x-other", "ann")], Err(Refused::Unknown));
    }

    #[test]
    fn a_page_of_another_origin_may_change_nothing_whoever_is_in_front_of_it() {
        let guard = Guard::new(ANY, None, Some(Auth::default()));
        let headers = HeaderMap::from_iter([
            (HOST, HeaderValue::from_static("skep.example")),
            (ORIGIN, HeaderValue::from_static("https://evil.example")),
        ]);
        assert_eq!(guard.check(&headers), Err(Refused::Origin));
        assert_eq!(guard.admit(&headers, LOOPBACK), Err(Refused::Unknown), "without a way nobody comes in");
    }
}
