//! The section `web:` of the processor.

use super::secret::SecretFiles;
use crate::config::report::Report;
use crate::config::section::Section;
use crate::config::values;
use crate::config::yaml::Node;
use crate::settings::{Auth, Basic, Network, TrustedHeader, Web};

const WAYS: [&str; 3] = ["basic", "bearer", "trusted_header"];

/// `off`, or a map.
pub(super) fn read(_: &str, node: &Node, secrets: &SecretFiles<'_>, report: &mut Report) -> Option<Web> {
    let mut web = Web::default();
    if matches!(node.scalar(), Some("off" | "false")) {
        return Some(Web { off: true, ..web });
    }
    if matches!(node.scalar(), Some("on" | "true")) {
        return Some(web);
    }
    let mut section = Section::open(node, "`web`", &["off", "read_only", "grafana", "auth"], &[], report)?;
    section.set(&mut web.off, "off", values::flag);
    section.set(&mut web.read_only, "read_only", values::flag);
    section.set_some(&mut web.grafana, "grafana", grafana);
    section.set_some(&mut web.auth, "auth", |_, node, report| auth(node, secrets, report));
    Some(web)
}

fn grafana(key: &str, node: &Node, report: &mut Report) -> Option<String> {
    let text = values::filled(key, node, report)?;
    let base = text.trim_end_matches('/');
    let host = base.strip_prefix("https://").or_else(|| base.strip_prefix("http://"));
    if host.is_none_or(|host| host.is_empty() || host.starts_with(['/', ':']) || host.contains(['?', '#', ' '])) {
        report.error(&node.place, format!("`{text}` is not the address of a Grafana")).help("write `grafana: https://grafana.example`");
        return None;
    }
    Some(base.to_owned())
}

fn auth(node: &Node, secrets: &SecretFiles<'_>, report: &mut Report) -> Option<Auth> {
    let mut auth = Auth::default();
    let mut section = Section::open(node, "`auth`", &WAYS, &[], report)?;
    if WAYS.iter().all(|way| section.lacks(way)) {
        let problem = section.report.error(&node.place, "`auth` lets nobody in");
        problem.help("write `basic: {user: ops, password_file: /run/secrets/web_password}`, `bearer:` or `trusted_header:`");
    }
    section.set_some(&mut auth.basic, "basic", |_, node, report| basic(node, secrets, report));
    section.set_some(&mut auth.bearer, "bearer", |_, node, report| {
        let mut section = Section::open(node, "`bearer`", &["token_file"], &["token"], report)?;
        refuse_inline(&mut section, "token");
        needed(&mut section, node, "bearer", "token_file", "token_file: /run/secrets/web_token");
        section.read("token_file", |key, node, report| secrets.read(key, node, report))
    });
    section.set_some(&mut auth.trusted_header, "trusted_header", |_, node, report| trusted_header(node, report));
    Some(auth)
}

fn basic(node: &Node, secrets: &SecretFiles<'_>, report: &mut Report) -> Option<Basic> {
    let mut section = Section::open(node, "`basic`", &["user", "password_file"], &["password"], report)?;
    refuse_inline(&mut section, "password");
    needed(&mut section, node, "basic", "user", "user: ops");
    needed(&mut section, node, "basic", "password_file", "password_file: /run/secrets/web_password");
    let user = section.read("user", user);
    let password = section.read("password_file", |key, node, report| secrets.read(key, node, report));
    Some(Basic { user: user?, password: password? })
}

/// Before the `:` of what a browser sends.
fn user(key: &str, node: &Node, report: &mut Report) -> Option<String> {
    let user = values::filled(key, node, report)?;
    if user.contains(':') {
        report.error(&node.place, format!("`{user}` holds a `:`, which ends a name when it is sent"));
        return None;
    }
    Some(user)
}

fn trusted_header(node: &Node, report: &mut Report) -> Option<TrustedHeader> {
    let mut section = Section::open(node, "`trusted_header`", &["name", "from"], &[], report)?;
    needed(&mut section, node, "trusted_header", "name", "name: X-Forwarded-User");
    needed(&mut section, node, "trusted_header", "from", "from: [10.1.0.0/16]");
    let name = section.read("name", header);
    let from = section.read("from", networks);
    Some(TrustedHeader { name: name?, from: from? })
}

fn header(key: &str, node: &Node, report: &mut Report) -> Option<String> {
    let text = values::filled(key, node, report)?;
    match hyper::header::HeaderName::try_from(text.as_str()) {
        Ok(name) => Some(name.as_str().to_owned()),
        Err(_) => {
            report.error(&node.place, format!("`{text}` is no name of a header")).help("write `name: X-Forwarded-User`");
            None
        }
    }
}

fn networks(key: &str, node: &Node, report: &mut Report) -> Option<Vec<Network>> {
    let mut networks = Vec::new();
    for (text, place) in values::named(key, node, report)? {
        match text.parse() {
            Ok(network) => networks.push(network),
            Err(wrong) => _ = report.error(&place, wrong),
        }
    }
    (!networks.is_empty()).then_some(networks)
}

fn needed(section: &mut Section<'_, '_>, node: &Node, of: &str, key: &str, example: &str) {
    if section.lacks(key) {
        section.report.error(&node.place, format!("`{of}` has no `{key}`")).help(format!("write `{example}`"));
    }
}

fn refuse_inline(section: &mut Section<'_, '_>, key: &str) {
    if let Some(node) = section.node(key) {
        let problem = section.report.error(&node.place, format!("a {key} does not stand in the settings"));
        problem.help(format!("write `{key}_file: PATH`"));
    }
}
