//! Which interface a server speaks, by what it says of itself.

use super::Settings;
use super::Version;
use super::client::Answer;
use super::target::Interface;

/// What the settings alone say; `None` when the server has to be asked.
pub(crate) fn by_settings(settings: &Settings) -> Option<Interface> {
    match settings.version {
        Version::One => Some(Interface::One),
        Version::Two => Some(Interface::Two),
        Version::Three => Some(Interface::Three),
        Version::Auto => None,
    }
}

/// The major version in an answer to `/ping` or `/health`: of the header `X-Influxdb-Version`, or of the member `version`.
pub(crate) fn major(answer: &Answer) -> Option<u32> {
    let header = answer.headers.get("x-influxdb-version").and_then(|value| value.to_str().ok());
    let json: Option<serde_json::Value> = serde_json::from_slice(&answer.body).ok();
    let member = json.as_ref().and_then(|json| json.get("version")?.as_str());
    header.or(member)?.trim_start_matches('v').split('.').next()?.parse().ok()
}

/// What to speak with a server of a version, or with one that does not tell.
///
/// A 3 is spoken to as one, for its older interfaces lose a whole batch for one bad line. Otherwise the settings win: a bucket, an
/// organisation or a token belongs to a 2, a user to a 1, and a server that speaks both interfaces usually calls itself a 1.8.
/// Most others speak `/write`.
pub(crate) fn interface(major: Option<u32>, settings: &Settings) -> Interface {
    match major {
        Some(3..) => Interface::Three,
        _ if settings.bucket.is_some() || settings.org.is_some() || settings.token.is_some() => Interface::Two,
        Some(2) if settings.user.is_none() => Interface::Two,
        _ => Interface::One,
    }
}

#[cfg(test)]
mod tests {
    use hyper::HeaderMap;

    use super::super::Secret;
    use super::*;

    fn answer(header: Option<&str>, body: &'static str) -> Answer {
        let headers = header.map(|text| (hyper::header::HeaderName::from_static("x-influxdb-version"), text.parse().unwrap()));
        Answer { status: 200, headers: HeaderMap::from_iter(headers), body: body.into() }
    }

    #[track_caller]
    fn check(header: Option<&str>, body: &'static str, expected: Option<u32>) {
        assert_eq!(major(&answer(header, body)), expected);
    }

    #[test]
    fn a_server_says_its_version_in_a_header_or_in_the_body() {
        check(Some("1.6.7~rc0"), "", Some(1));
        check(Some("v2.7.11"), "", Some(2));
        check(Some("3.10.0"), r#"{"version":"3.10.0","revision":"x"}"#, Some(3));
        check(None, r#"{"name":"influxdb","status":"pass","version":"v2.7.11"}"#, Some(2));
        check(None, "OK", None);
        check(Some("unknown"), "", None);
    }

    #[test]
    fn the_settings_decide_between_1_and_2_and_the_server_alone_whether_it_is_a_3() {
        let bare = Settings::new("http://h", "unused");
        let token = Settings { token: Some(Secret("x".into())), ..bare.clone() };
        let user = Settings { user: Some("u".into()), ..bare.clone() };
        let of = |settings: &Settings| [None, Some(1), Some(2), Some(3)].map(|major| interface(major, settings));
        use Interface::{One, Three, Two};
        assert_eq!(of(&bare), [One, One, Two, Three]);
        assert_eq!(of(&token), [Two, Two, Two, Three]);
        assert_eq!(of(&user), [One, One, One, Three]);
        assert_eq!(by_settings(&bare), None);
        assert_eq!(by_settings(&Settings { version: Version::Three, ..bare }), Some(Three));
    }
}
