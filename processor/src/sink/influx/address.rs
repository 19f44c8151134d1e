//! The address of a server as settings give it, taken apart.

use transport::percent::decode_text as decode;

use super::open::OpenError;
use super::{Secret, Settings};

/// A server's address, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Base {
    /// Scheme, host and port, and the path before ours, without a slash at its end; never with credentials.
    pub(crate) url: String,
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

fn without_credentials(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let host = rest
        .split_at(rest.find('/').unwrap_or(rest.len()))
        .0
        .rsplit_once('@')
        .map_or(rest, |(_, _)| rest.split_once('@').map_or(rest, |(_, host)| host));
    format!("{scheme}://{host}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(url: &str) -> Settings {
        Settings::new(url, "unused")
    }

    #[track_caller]
    fn check_wrong(url: &str, expected: &str) {
        assert_eq!(read(&mut settings(url)).unwrap_err().to_string(), expected);
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
    fn what_the_address_holds_besides_stands_behind_the_settings() {
        let mut settings = Settings { database: Some("mine".into()), ..settings("http://u:p%40ss@h:1/x/?db=other&rp=w") };
        assert_eq!(read(&mut settings).unwrap().url, "http://h:1/x");
        assert_eq!((settings.database.as_deref(), settings.retention_policy.as_deref()), (Some("mine"), Some("w")));
        assert_eq!((settings.user.as_deref(), settings.password), (Some("u"), Some(Secret("p@ss".into()))));
    }
}
