//! The section `influx:` of the processor.

use std::path::PathBuf;

use super::secret::{self, SecretFiles};
use crate::config::report::Report;
use crate::config::section::{Section, path};
use crate::config::values;
use crate::config::yaml::Node;
use crate::settings::Influx;
use crate::sink::influx::Version;

const KNOWN: [&str; 16] = [
    "url",
    "version",
    "database",
    "retention_policy",
    "username",
    "password_file",
    "org",
    "bucket",
    "token_file",
    "ca_file",
    "cert_file",
    "key_file",
    "create_database",
    "tag_fields",
    "timeout",
    "spool",
];

const VERSIONS: [(&str, Version); 4] = [("1", Version::One), ("2", Version::Two), ("3", Version::Three), ("auto", Version::Auto)];

/// The spool is kept in segments; fewer bytes than that make no sense.
const LEAST_SPOOL: u64 = 16 << 20;

/// A point that may wait less would be dropped by a restart of the server.
const LEAST_AGE: event::Duration = event::Duration::from_secs(60);

pub(super) fn read(node: &Node, secrets: &SecretFiles<'_>, report: &mut Report) -> Option<Influx> {
    let mut influx = Influx::new("");
    let mut section = Section::open(node, "`influx`", &KNOWN, &["password", "token"], report)?;
    let url = section.read("url", url);
    if section.node("url").is_none() {
        section.report.error(&node.place, "`influx` has no `url`").help("write `url: http://influxdb:8086`");
    }
    section.set(&mut influx.version, "version", |key, node, report| values::choice(key, &VERSIONS, node, report));
    section.set_some(&mut influx.database, "database", values::filled);
    section.set_some(&mut influx.retention_policy, "retention_policy", values::filled);
    section.set_some(&mut influx.username, "username", values::filled);
    section.set_some(&mut influx.password, "password_file", |key, node, report| secrets.read(key, node, report));
    section.read("password", |key, node, report| secrets.refuse_inline(key, secret::INFLUX_PASSWORD, node, report));
    section.set_some(&mut influx.org, "org", values::filled);
    section.set_some(&mut influx.bucket, "bucket", values::filled);
    section.set_some(&mut influx.token, "token_file", |key, node, report| secrets.read(key, node, report));
    section.read("token", |key, node, report| secrets.refuse_inline(key, secret::INFLUX_TOKEN, node, report));
    influx.tls.ca = section.read("ca_file", path);
    influx.tls.identity = identity(&mut section, node);
    section.set(&mut influx.create_database, "create_database", values::flag);
    section.set(&mut influx.tag_fields, "tag_fields", values::texts);
    section.set(&mut influx.timeout, "timeout", |key, node, report| values::duration_of(key, event::Duration::from_secs(1), node, report));
    section.read("spool", |_, node, report| spool(&mut influx, node, report));
    influx.url = url?;
    Some(influx)
}

/// A certificate and its key; one without the other is a mistake.
fn identity(section: &mut Section<'_, '_>, node: &Node) -> Option<(PathBuf, PathBuf)> {
    let (cert, key) = (section.read("cert_file", path), section.read("key_file", path));
    for (is_missing, given, missing) in [(key.is_none(), "cert_file", "key_file"), (cert.is_none(), "key_file", "cert_file")] {
        if is_missing && section.node(given).is_some() && section.node(missing).is_none() {
            let problem = section.report.error(&node.place, format!("`influx` has a `{given}` and no `{missing}`"));
            problem.help(format!("write `{missing}: /run/secrets/skep.pem`"));
        }
    }
    Some((cert?, key?))
}

fn url(key: &str, node: &Node, report: &mut Report) -> Option<String> {
    let text = values::filled(key, node, report)?;
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    if rest.is_none_or(|rest| rest.is_empty() || rest.starts_with(['/', ':'])) {
        report.error(&node.place, format!("`{text}` is not the address of an InfluxDB")).help("write `url: http://influxdb:8086`");
        return None;
    }
    if rest.is_some_and(|rest| rest.split('/').next().is_some_and(|host| host.contains('@'))) {
        let problem = report.error(&node.place, "a password does not stand in the settings");
        problem.help("write `username:` and `password_file:`");
        return None;
    }
    Some(text)
}

fn spool(influx: &mut Influx, node: &Node, report: &mut Report) -> Option<()> {
    let mut section = Section::open(node, "`spool`", &["max", "age"], &[], report)?;
    section.set(&mut influx.spool_max, "max", |key, node, report| values::size(key, LEAST_SPOOL, node, report));
    section.set(&mut influx.spool_age, "age", |key, node, report| values::duration_of(key, LEAST_AGE, node, report));
    Some(())
}
