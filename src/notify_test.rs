//! `skep notify-test`: a message through a notifier, to see whether it arrives.

use std::io::{self, Write as _};
use std::process::ExitCode;

use engine::rules::Said;
use engine::{Change, State};
use event::Timestamp;
use processor::config::{self, Secrets};
use processor::notify::{Entry, Id, Kind, Letter, Notifier, What};

use crate::cli::NotifyTestOptions;
use crate::configured::{self, Refused};
use crate::{clock, node};

/// Sends, and prints what became of it: 0 when it arrived by every way, else 1.
///
/// # Errors
/// When there is no such notifier, or stdout cannot be written.
pub(crate) fn run(options: &NotifyTestOptions) -> anyhow::Result<ExitCode> {
    configured::conclude(send(options))
}

fn send(options: &NotifyTestOptions) -> Result<ExitCode, Refused> {
    let settings = configured::settings(&options.common, Secrets::Unread)?;
    let folders = if options.rules.is_empty() { &settings.processor.rules } else { &options.rules };
    let (rules, _) = configured::accept(config::load_rules(folders))?;
    let Some(notifier) = rules.notify.notifiers.iter().find(|notifier| notifier.name == options.name) else {
        return Err(no_such(&options.name, &rules.notify.notifiers).into());
    };
    let host = node::name(settings.collector.host);
    let letter = letter(&options.name, &host, clock::now());
    let mut out = io::stdout().lock();
    let mut arrived = true;
    for way in &notifier.ways {
        let (name, way) = (way.name(), processor::send::deliver(way, &letter, &host));
        arrived &= way.is_ok();
        let written = match way {
            Ok(()) => writeln!(out, "{name}: taken by the other side"),
            Err(failure) => writeln!(out, "{name}: failed: {}", failure.reason),
        };
        written.map_err(anyhow::Error::from)?;
    }
    Ok(if arrived { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// An opening that says what it is.
fn letter(notifier: &str, host: &str, now: Timestamp) -> Letter {
    let entry = Entry::from(What {
        rule: "notify-test".to_owned(),
        instance: host.to_owned(),
        fields: vec![("host".to_owned(), Some(host.to_owned()))],
        host: Some(host.to_owned()),
        state: State::Info,
        change: Change::Opened,
        since: now,
        value: None,
        text: format!("a test of notifier {notifier} from {host}; nothing is wrong"),
        said: Said::default(),
    });
    let entries = vec![entry];
    let id = Id::of_message(notifier, Kind::Test, now, &entries);
    Letter { id, notifier: notifier.to_owned(), kind: Kind::Test, at: now, thread: None, entries, n_more: 0 }
}

fn no_such(name: &str, notifiers: &[Notifier]) -> anyhow::Error {
    let names = || notifiers.iter().map(|notifier| notifier.name.as_str());
    match catalogue::nearest(name, names()) {
        Some(nearest) => anyhow::anyhow!("there is no notifier `{name}`; did you mean `{nearest}`?"),
        None if notifiers.is_empty() => anyhow::anyhow!("there is no notifier `{name}`: the rules have none under `notify:`"),
        None => anyhow::anyhow!("there is no notifier `{name}`; there are {}", names().collect::<Vec<_>>().join(", ")),
    }
}
