//! Where the requests go: addresses and credentials of one server, worked out once.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::open::OpenError;
use super::{Secret, Settings, Version};

/// Database and bucket when none is given.
const DEFAULT_NAME: &str = "skep";

/// A server's address, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Base {
    /// Scheme, host and port, and the path before ours, without a slash at its end; never with credentials.
    pub(crate) url: String,
}

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
}

/// What [`Version`] becomes once it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Interface {
    /// `/write`; with the request that creates the database, where that is allowed.
    One { create: Option<Create> },
    /// `/api/v2/write`.
    Two,
}

/// A `POST` that creates the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Create {
    pub(crate) url: String,
    pub(crate) form: String,
}

/// Reads the settings' address, and what it holds besides: a user, a database or bucket. What stands in the settings wins.
pub(crate) fn read(settings: &mut Settings) -> Result<Base, OpenError> {
    let wrong = |reason: &str| OpenError::Address { url: without_credentials(&settings.url), reason: reason.to_owned() };
    let (scheme, rest) = settings.url.split_once("://").ok_or_else(|| wrong("it has no http:// or https://"))?;
    if scheme != "http" && scheme != "https" {
        return Err(wrong("only http and https are spoken"));
    }
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let (credentials, host) = authority.rsplit_once('@').map_or((None, authority), |(credentials, host)| (Some(credentials), host));
    let url = format!("{scheme}://{host}{}", path.trim_end_matches('/'));
    match url.parse::<hyper::Uri>() {
        Ok(uri) if uri.host().is_some_and(|host| !host.is_empty()) => {
            let after_host = host.rsplit_once(']').map_or(host, |(_, after)| after);
            if after_host.contains(':') && uri.port_u16().is_none() {
                return Err(wrong("its port is no number up to 65535"));
            }
        }
        Ok(_) => return Err(wrong("it names no host")),
        Err(error) => return Err(wrong(&error.to_string())),
    }
    let credentials = credentials.map(|text| text.split_once(':').unwrap_or((text, ""))).map(|(user, word)| (decode(user), decode(word)));
    let pairs: Vec<(String, String)> =
        query.split('&').filter_map(|pair| pair.split_once('=')).map(|(key, value)| (key.to_owned(), decode(value))).collect();
    if let Some((user, password)) = credentials {
        settings.user.get_or_insert(user);
        settings.password.get_or_insert(Secret(password));
    }
    for (key, value) in pairs {
        match key.as_str() {
            "db" => _ = settings.database.get_or_insert(value),
            "rp" => _ = settings.retention_policy.get_or_insert(value),
            "org" => _ = settings.org.get_or_insert(value),
            "bucket" => _ = settings.bucket.get_or_insert(value),
            _ => return Err(wrong(&format!("`{key}=` means nothing here; db, rp, org and bucket do"))),
        }
    }
    Ok(Base { url })
}

/// What the settings alone say; `None` when the server has to be asked.
pub(crate) fn version_of(settings: &Settings) -> Option<Version> {
    match settings.version {
        Version::One | Version::Two => Some(settings.version),
        Version::Auto if settings.bucket.is_some() || settings.org.is_some() || settings.token.is_some() => Some(Version::Two),
        Version::Auto if settings.database.is_some() || settings.user.is_some() => Some(Version::One),
        Version::Auto => None,
    }
}

/// What a server's `X-Influxdb-Version` says; without one it is taken for a 1.x, whose `/write` most others speak too.
pub(crate) fn version_by_header(header: Option<&str>) -> Version {
    let number = header.map(|text| text.trim_start_matches('v'));
    let major = number.and_then(|text| text.split('.').next()?.parse::<u32>().ok());
    if major.is_some_and(|major| major >= 2) { Version::Two } else { Version::One }
}

impl Target {
    /// The requests of a 1.x.
    pub(crate) fn one(settings: &Settings, base: Base) -> Self {
        let database = settings.database.as_deref().unwrap_or(DEFAULT_NAME);
        let mut write = format!("{}/write?db={}&precision=u", base.url, encode(database));
        if let Some(policy) = &settings.retention_policy {
            write.push_str(&format!("&rp={}", encode(policy)));
        }
        let create = settings.create_database.then(|| {
            let quoted = database.replace('\\', "\\\\").replace('"', "\\\"");
            Create { url: format!("{}/query", base.url), form: format!("q={}", encode(&format!("CREATE DATABASE \"{quoted}\""))) }
        });
        let authorization = settings.user.as_ref().map(|user| {
            let password = settings.password.as_ref().map_or("", |password| &password.0);
            Secret(format!("Basic {}", BASE64.encode(format!("{user}:{password}"))))
        });
        Self { base, write, authorization, place: format!("database `{database}`"), interface: Interface::One { create } }
    }

    /// The requests of a 2.x.
    pub(crate) fn two(settings: &Settings, base: Base) -> Self {
        let bucket = settings.bucket.as_deref().unwrap_or(DEFAULT_NAME);
        let org = settings.org.as_deref().unwrap_or_default();
        let write = format!("{}/api/v2/write?org={}&bucket={}&precision=us", base.url, encode(org), encode(bucket));
        let authorization = settings.token.as_ref().map(|token| Secret(format!("Token {}", token.0)));
        Self { base, write, authorization, place: format!("bucket `{bucket}`"), interface: Interface::Two }
    }
}

fn without_credentials(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let host = rest
        .split_at(rest.find('/').unwrap_or(rest.len()))
        .0
        .rsplit_once('@')
        .map_or(rest, |(_, _)| rest.split_once('@').map_or(rest, |(_, host)| host));
    format!("{scheme}://{host}")
}

fn encode(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let escaped = tail.first_chunk::<2>().filter(|_| *first == b'%');
        let value = escaped.and_then(|digits| u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok());
        bytes.push(value.unwrap_or(*first));
        rest = if value.is_some() { tail.get(2..).unwrap_or_default() } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(url: &str) -> Settings {
        Settings::new(url, "unused")
    }

    #[track_caller]
    fn check_one(url: &str, write: &str, authorization: Option<&str>) {
        let mut settings = settings(url);
        let base = read(&mut settings).unwrap();
        let target = Target::one(&settings, base);
        assert_eq!(target.write, write);
        assert_eq!(target.authorization.map(|secret| secret.0).as_deref(), authorization);
    }

    #[track_caller]
    fn check_wrong(url: &str, expected: &str) {
        assert_eq!(read(&mut settings(url)).unwrap_err().to_string(), expected);
    }

    #[test]
    fn the_path_of_the_address_is_kept_and_credentials_are_not() {
        check_one("http://influx:8086", "http://influx:8086/write?db=skep&precision=u", None);
        check_one("https://h/influx/", "https://h/influx/write?db=skep&precision=u", None);
        check_one("http://u:p%40ss@h:1?db=a%20b&rp=w", "http://h:1/write?db=a%20b&precision=u&rp=w", Some("Basic dTpwQHNz"));
    }

    #[test]
    fn a_2_has_org_bucket_and_token() {
        let mut settings =
            Settings { token: Some(Secret("t0k".into())), org: Some("me & co".into()), ..settings("http://h:8086/x?bucket=b") };
        let base = read(&mut settings).unwrap();
        let target = Target::two(&settings, base);
        assert_eq!(target.write, "http://h:8086/x/api/v2/write?org=me%20%26%20co&bucket=b&precision=us");
        assert_eq!(target.authorization, Some(Secret("Token t0k".into())));
        assert!(!format!("{target:?} {settings:?}").contains("t0k"));
    }

    #[test]
    fn a_name_with_quotes_is_created_as_it_is() {
        let settings = Settings { database: Some(r#"a"; DROP DATABASE b"#.into()), ..settings("http://h") };
        let Interface::One { create: Some(create) } = Target::one(&settings, Base { url: "http://h".into() }).interface else { panic!() };
        assert_eq!(decode(&create.form), r#"q=CREATE DATABASE "a\"; DROP DATABASE b""#);
    }

    #[test]
    fn what_is_no_address_is_refused_with_a_plain_sentence() {
        let help = "; write it like http://influxdb:8086";
        check_wrong("influx:8086", &format!("`influx:8086` is no InfluxDB address: it has no http:// or https://{help}"));
        check_wrong("ftp://u:secret@h", &format!("`ftp://h` is no InfluxDB address: only http and https are spoken{help}"));
        check_wrong(
            "http://h?dbx=1",
            &format!("`http://h?dbx=1` is no InfluxDB address: `dbx=` means nothing here; db, rp, org and bucket do{help}"),
        );
        assert!(read(&mut settings("http:///x")).is_err());
        assert!(read(&mut settings("http://h:port")).is_err());
    }

    #[test]
    fn the_settings_decide_the_version_before_the_server_does() {
        let auto = settings("http://h");
        assert_eq!(version_of(&auto), None);
        assert_eq!(version_of(&Settings { database: Some("x".into()), ..auto.clone() }), Some(Version::One));
        assert_eq!(version_of(&Settings { token: Some(Secret("x".into())), ..auto.clone() }), Some(Version::Two));
        assert_eq!(version_of(&Settings { version: Version::One, token: Some(Secret("x".into())), ..auto }), Some(Version::One));
        assert_eq!(version_by_header(Some("1.6.7~rc0")), Version::One);
        assert_eq!(version_by_header(Some("v2.7.11")), Version::Two);
        assert_eq!(version_by_header(Some("3.10.0")), Version::Two);
        assert_eq!(version_by_header(None), Version::One);
    }
}
