//! Where the requests go: addresses and credentials of one server, worked out once.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::address::Base;
use super::create::Create;
use super::{Secret, Settings};
use transport::percent::encode;

/// Database and bucket when none is given.
const DEFAULT_NAME: &str = "skep";

/// Everything that a request needs.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// The address without path, for people.
    pub(crate) base: Base,
    /// Where lines go.
    pub(crate) write: String,
    /// The value of `Authorization`.
    pub(crate) authorization: Option<Secret>,
    /// How the place is called that the points go to, for people: ``database `skep` ``.
    pub(crate) place: String,
    /// The interface.
    pub(crate) interface: Interface,
    /// How the place is made when it is missing, where that is allowed.
    pub(crate) create: Option<Create>,
}

/// What [`super::Version`] becomes once it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interface {
    /// `/write`.
    One,
    /// `/api/v2/write`.
    Two,
    /// `/api/v3/write_lp`.
    Three,
}

impl Target {
    /// The requests of an interface.
    pub(crate) fn new(interface: Interface, settings: &Settings, base: Base) -> Self {
        match interface {
            Interface::One => Self::one(settings, base),
            Interface::Two => Self::two(settings, base),
            Interface::Three => Self::three(settings, base),
        }
    }

    fn one(settings: &Settings, base: Base) -> Self {
        let database = settings.database.as_deref().unwrap_or(DEFAULT_NAME);
        // 1.6 takes a precision that it does not know for nanoseconds, and says nothing: `u` is known to all.
        let mut write = format!("{}/write?db={}&precision=u", base.url, encode(database));
        if let Some(policy) = &settings.retention_policy {
            write.push_str(&format!("&rp={}", encode(policy)));
        }
        let create = settings.create_database.then(|| Create::database(&base, database));
        let place = format!("database `{database}`");
        Self { base, write, authorization: authorization(settings, "Bearer"), place, interface: Interface::One, create }
    }

    fn two(settings: &Settings, base: Base) -> Self {
        let bucket = settings.bucket.as_deref().or(settings.database.as_deref()).unwrap_or(DEFAULT_NAME);
        let org = settings.org.as_deref().unwrap_or_default();
        let write = format!("{}/api/v2/write?org={}&bucket={}&precision=us", base.url, encode(org), encode(bucket));
        let create = settings.create_database.then(|| Create::bucket(&base, org, bucket));
        let place = format!("bucket `{bucket}`");
        Self { base, write, authorization: authorization(settings, "Token"), place, interface: Interface::Two, create }
    }

    /// A 3 makes its databases with the first write.
    fn three(settings: &Settings, base: Base) -> Self {
        let database = settings.database.as_deref().or(settings.bucket.as_deref()).unwrap_or(DEFAULT_NAME);
        let write = format!("{}/api/v3/write_lp?db={}&precision=microsecond&accept_partial=true", base.url, encode(database));
        let place = format!("database `{database}`");
        Self { base, write, authorization: authorization(settings, "Bearer"), place, interface: Interface::Three, create: None }
    }
}

/// A token goes by the interface's scheme; user and password where there is no token.
fn authorization(settings: &Settings, scheme: &str) -> Option<Secret> {
    if let Some(token) = &settings.token {
        return Some(Secret(format!("{scheme} {}", token.0)));
    }
    let user = settings.user.as_ref()?;
    let password = settings.password.as_ref().map_or("", |password| &password.0);
    Some(Secret(format!("Basic {}", BASE64.encode(format!("{user}:{password}")))))
}

#[cfg(test)]
mod tests {
    use super::super::address;
    use super::*;

    fn settings(url: &str) -> Settings {
        Settings::new(url, "unused")
    }

    fn target(interface: Interface, mut settings: Settings) -> Target {
        let base = address::read(&mut settings).unwrap();
        Target::new(interface, &settings, base)
    }

    #[track_caller]
    fn check(interface: Interface, settings: Settings, write: &str, authorization: Option<&str>) {
        let target = target(interface, settings);
        assert_eq!(target.write, write);
        assert_eq!(target.authorization.map(|secret| secret.0).as_deref(), authorization);
    }

    #[test]
    fn the_path_of_the_address_is_kept_and_credentials_are_not() {
        check(Interface::One, settings("http://influx:8086"), "http://influx:8086/write?db=skep&precision=u", None);
        check(Interface::One, settings("https://h/influx/"), "https://h/influx/write?db=skep&precision=u", None);
        let all = settings("http://u:p%40ss@h:1?db=a%20b&rp=w");
        check(Interface::One, all, "http://h:1/write?db=a%20b&precision=u&rp=w", Some("Basic dTpwQHNz"));
    }

    #[test]
    fn each_interface_has_its_own_scheme_for_a_token() {
        let given = |url: &str| Settings { token: Some(Secret("t0k".into())), org: Some("me & co".into()), ..settings(url) };
        check(Interface::One, given("http://h?db=d"), "http://h/write?db=d&precision=u", Some("Bearer t0k"));
        let two = "http://h:8086/x/api/v2/write?org=me%20%26%20co&bucket=b&precision=us";
        check(Interface::Two, given("http://h:8086/x?bucket=b"), two, Some("Token t0k"));
        let three = "http://h/x/api/v3/write_lp?db=d%2F1&precision=microsecond&accept_partial=true";
        check(Interface::Three, given("http://h/x?db=d/1"), three, Some("Bearer t0k"));
        let target = target(Interface::Two, given("http://h"));
        assert!(!format!("{target:?}").contains("t0k"));
    }

    #[test]
    fn a_user_and_a_password_do_for_a_3_too() {
        let three = "http://h/api/v3/write_lp?db=b&precision=microsecond&accept_partial=true";
        check(Interface::Three, settings("http://u:p@h?bucket=b"), three, Some("Basic dTpw"));
    }
}
