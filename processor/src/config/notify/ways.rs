//! The ways of a notifier: where its messages go.

use event::Duration;

use super::webhook::webhook;
use crate::config::report::Report;
use crate::config::schema::{self, names};
use crate::config::section::{Section, one_or_more};
use crate::config::values;
use crate::config::yaml::Node;
use crate::notify::{Alertmanager, Exec, Mail, Pagerduty, Telegram, Tls, Way};

/// The keys that name a way.
pub(super) const NAMES: [&str; 6] = ["mail", "webhook", "pagerduty", "alertmanager", "telegram", "exec"];

const TLS: [(&str, Tls); 3] = [("off", Tls::Off), ("starttls", Tls::Starttls), ("on", Tls::On)];

/// Enough for a program to start.
const LEAST_TIMEOUT: Duration = Duration::from_micros(10_000);

/// All ways that a notifier has.
pub(super) fn read(section: &mut Section<'_, '_>) -> Vec<Way> {
    let ways = [
        section.read("mail", mail).map(Way::Mail),
        section.read("webhook", webhook).map(Way::Webhook),
        section.read("pagerduty", pagerduty).map(Way::Pagerduty),
        section.read("alertmanager", alertmanager).map(Way::Alertmanager),
        section.read("telegram", telegram).map(Way::Telegram),
        section.read("exec", exec).map(Way::Exec),
    ];
    ways.into_iter().flatten().collect()
}

fn mail(key: &str, node: &Node, report: &mut Report) -> Option<Mail> {
    let mut section = open(key, node, &names(&schema::MAIL), &[("to", "mail: {to: ops@example.org}")], report)?;
    let smtp = section.read("smtp", values::filled).unwrap_or_else(|| "127.0.0.1:25".to_owned());
    let mut tls = match smtp.rsplit_once(':') {
        Some((_, "465")) => Tls::On,
        Some((_, "587")) => Tls::Starttls,
        _ => Tls::Off,
    };
    section.set(&mut tls, "tls", |key, node, report| match node.scalar() {
        Some("true") => Some(Tls::On),
        Some("false") => Some(Tls::Off),
        _ => values::choice(key, &TLS, node, report),
    });
    let (from, user) = (section.read("from", address), section.read("user", values::filled));
    let (password_file, ca_file) = (section.read("password_file", secret_file), section.read("ca_file", secret_file));
    if user.is_some() != password_file.is_some() {
        section.report.error(&node.place, "`user` and `password_file` of `mail` belong together: one of them is not there");
    }
    let (to, place) = (section.read("to", one_or_more)?, section.node("to")?);
    for to in &to {
        check_address("to", to, place, section.report)?;
    }
    Some(Mail { to, from, smtp, tls, user, password_file, ca_file })
}

fn pagerduty(key: &str, node: &Node, report: &mut Report) -> Option<Pagerduty> {
    let needed = [("routing_key_file", "pagerduty: {routing_key_file: /run/secrets/pagerduty}")];
    let mut section = open(key, node, &names(&schema::PAGERDUTY), &needed, report)?;
    let url = section.read("url", url).unwrap_or_else(|| "https://events.pagerduty.com/v2/enqueue".to_owned());
    Some(Pagerduty { routing_key_file: section.read("routing_key_file", secret_file)?, url })
}

fn alertmanager(key: &str, node: &Node, report: &mut Report) -> Option<Alertmanager> {
    let needed = [("url", "alertmanager: {url: http://alertmanager:9093}")];
    let mut section = open(key, node, &names(&schema::ALERTMANAGER), &needed, report)?;
    Some(Alertmanager { url: section.read("url", url)? })
}

fn telegram(key: &str, node: &Node, report: &mut Report) -> Option<Telegram> {
    let example = "telegram: {token_file: /run/secrets/bot, chat: \"-100123\"}";
    let mut section = open(key, node, &names(&schema::TELEGRAM), &[("token_file", example), ("chat", example)], report)?;
    let url = section.read("url", url).unwrap_or_else(|| "https://api.telegram.org".to_owned());
    let (token_file, chat) = (section.read("token_file", secret_file), section.read("chat", values::filled));
    Some(Telegram { token_file: token_file?, chat: chat?, url })
}

fn exec(key: &str, node: &Node, report: &mut Report) -> Option<Exec> {
    let needed = [("command", "exec: {command: [/usr/local/bin/tell, --loud]}")];
    let mut section = open(key, node, &names(&schema::EXEC), &needed, report)?;
    let mut timeout = Duration::from_secs(10);
    section.set(&mut timeout, "timeout", |key, node, report| values::duration_of(key, LEAST_TIMEOUT, node, report));
    let command = section.read("command", values::texts)?;
    if command.first().is_none_or(String::is_empty) {
        let place = section.node("command").map_or(&node.place, |command| &command.place);
        section.report.error(place, "`command` names no program").help("write `exec: {command: [/usr/local/bin/tell]}`");
        return None;
    }
    Some(Exec { command, timeout })
}

/// Opens the map of a way, and tells of keys that it needs and lacks, each with an example.
pub(super) fn open<'n, 'r>(
    key: &str,
    node: &'n Node,
    known: &[&str],
    needed: &[(&str, &str)],
    report: &'r mut Report,
) -> Option<Section<'n, 'r>> {
    let section = Section::open(node, &format!("`{key}`"), known, &[], report)?;
    for (name, example) in needed {
        if section.lacks(name) {
            section.report.error(&node.place, format!("`{key}` has no `{name}`")).help(format!("write `{example}`"));
        }
    }
    Some(section)
}

/// The path of a file that holds a secret; it is remembered, to be looked at where rules are about to run.
pub(super) fn secret_file(key: &str, node: &Node, report: &mut Report) -> Option<String> {
    let path = values::filled(key, node, report)?;
    report.secret_files.push((path.clone(), node.place.clone()));
    Some(path)
}

pub(super) fn url(key: &str, node: &Node, report: &mut Report) -> Option<String> {
    let url = values::filled(key, node, report)?;
    if ["http://", "https://"].iter().any(|scheme| url.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty())) {
        return Some(url);
    }
    report.error(&node.place, format!("`{url}` is no URL")).help("a URL begins with http:// or https://");
    None
}

fn address(key: &str, node: &Node, report: &mut Report) -> Option<String> {
    let address = values::filled(key, node, report)?;
    check_address(key, &address, node, report).map(|()| address)
}

fn check_address(key: &str, address: &str, node: &Node, report: &mut Report) -> Option<()> {
    if address.parse::<lettre::message::Mailbox>().is_ok() {
        return Some(());
    }
    report.error(&node.place, format!("`{key}`: `{address}` is no mail address")).help("write it like ops@example.org");
    None
}
