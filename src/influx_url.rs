//! `--influx URL`: where points go, in one word.

use anyhow::{Context as _, bail};
use hyper::Uri;
use processor::config;
use processor::settings::Influx;
use processor::sink::influx::Secret;
use transport::percent::decode_text;

/// Reads `http://[USER[:PASSWORD]@]HOST:PORT[/PREFIX][?db=…&rp=…&org=…&bucket=…]` over what the settings file says. Names and passwords
/// may be percent-encoded.
///
/// # Errors
/// When it is no such URL.
pub(crate) fn apply(text: &str, from_file: Option<Influx>) -> anyhow::Result<Influx> {
    let uri: Uri = text.parse().with_context(|| format!("`{text}` is not a URL; write --influx http://HOST:8086"))?;
    let (Some(scheme @ ("http" | "https")), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        bail!("`{text}` is not an http or https URL; write --influx http://HOST:8086");
    };
    let (user, host) = authority.as_str().rsplit_once('@').map_or((None, authority.as_str()), |(user, host)| (Some(user), host));
    let url = format!("{scheme}://{host}{}", uri.path().trim_end_matches('/'));
    let usual = Influx::new(url.clone());
    let mut influx = Influx { url, ..from_file.unwrap_or(usual) };
    config::influx_secrets(&mut influx, &|name| std::env::var(name).ok());
    if let Some(user) = user {
        let (name, password) = user.split_once(':').map_or((user, None), |(name, password)| (name, Some(password)));
        influx.username = Some(decoded(name));
        if let Some(password) = password {
            tracing::warn!(
                "a password in --influx shows in the process list; `password_file` in the settings and SKEP_INFLUX_PASSWORD do not"
            );
            influx.password = Some(Secret(decoded(password)));
        }
    }
    for pair in uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let slot = match key {
            "db" | "database" => &mut influx.database,
            "rp" => &mut influx.retention_policy,
            "org" => &mut influx.org,
            "bucket" => &mut influx.bucket,
            _ => bail!("`{key}` in --influx is not known; known are db, rp, org, bucket"),
        };
        *slot = Some(decoded(value));
    }
    Ok(influx)
}

/// `%20` as the byte that it stands for; what is none stays as it is.
fn decoded(text: &str) -> String {
    decode_text(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_server_user_and_database() {
        let influx = apply("http://ann:secret@db:8086/influx/?db=swarm&rp=week", None).unwrap();
        assert_eq!(influx.url, "http://db:8086/influx");
        assert_eq!(
            (influx.username.as_deref(), influx.database.as_deref(), influx.retention_policy.as_deref()),
            (Some("ann"), Some("swarm"), Some("week"))
        );
        assert_eq!(influx.password, Some(Secret("secret".to_owned())));
    }

    #[test]
    fn names_may_be_percent_encoded() {
        let influx = apply("http://ann:p%40ss@db:8086?db=my%20db&rp=100%&org=%C3%A9", None).unwrap();
        assert_eq!((influx.database.as_deref(), influx.org.as_deref()), (Some("my db"), Some("é")));
        assert_eq!((influx.retention_policy.as_deref(), influx.password), (Some("100%"), Some(Secret("p@ss".to_owned()))));
    }

    #[test]
    fn what_the_file_says_stays() {
        let file = Influx { bucket: Some("b".to_owned()), ..Influx::new("http://old:1") };
        let influx = apply("https://new:8086", Some(file)).unwrap();
        assert_eq!((influx.url.as_str(), influx.bucket.as_deref()), ("https://new:8086", Some("b")));
    }

    #[test]
    fn anything_else_is_refused_with_the_form() {
        for text in ["db:8086", "ftp://db", "http://db?wrong=1"] {
            let error = apply(text, None).unwrap_err().to_string();
            assert!(error.contains("--influx"), "{error}");
        }
    }
}
