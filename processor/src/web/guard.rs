//! Who may change state: the token, and the page's own origin.

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
}

/// What a request that changes state must bring.
#[derive(Clone, Debug)]
pub struct Guard {
    token: Option<String>,
}

impl Guard {
    /// `None`: the listener is on loopback, or the operator chose `--insecure`, and no token is asked for.
    pub fn new(token: Option<String>) -> Self {
        Self { token }
    }

    /// Checks the headers of a request that changes state.
    ///
    /// # Errors
    /// [`Refused`] with what is missing.
    pub(super) fn check(&self, headers: &HeaderMap) -> Result<(), Refused> {
        if !same_origin(headers) {
            return Err(Refused::Origin);
        }
        let Some(token) = &self.token else { return Ok(()) };
        let given = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(|value| value.strip_prefix("Bearer "));
        let same = given.is_some_and(|given| bool::from(given.as_bytes().ct_eq(token.as_bytes())));
        if same { Ok(()) } else { Err(Refused::Token) }
    }
}

/// Browsers name the page's origin with every POST; programs name none.
fn same_origin(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(ORIGIN) else { return true };
    let Some(host) = headers.get(HOST).and_then(|host| host.to_str().ok()) else { return false };
    let authority = origin.to_str().ok().and_then(|origin| origin.split_once("://")).map(|(_, authority)| authority);
    authority == Some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(token: Option<&str>, headers: &[(&'static str, &'static str)], result: Result<(), Refused>) {
        let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        assert_eq!(Guard::new(token.map(str::to_owned)).check(&headers), result);
    }

    #[test]
    fn a_token_is_asked_for_only_where_there_is_one() {
        check(None, &[], Ok(()));
        check(Some("s3cret"), &[("authorization", "Bearer s3cret")], Ok(()));
        check(Some("s3cret"), &[("authorization", "Bearer s3cre")], Err(Refused::Token));
        check(Some("s3cret"), &[("authorization", "Basic s3cret")], Err(Refused::Token));
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
