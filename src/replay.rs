//! `skep replay`: a recording, or what a store holds, through the very engine, on simulated time; what the rules make of it.

mod against;
mod stored;

use std::fs;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use engine::{Effects, Kind, Limits, Message, Series, SeriesId, Transition};
use event::{Timestamp, View};
use processor::config::Secrets;
use processor::driver::recording;
use processor::replay::Replay;
use serde_json::{Value, json};

use crate::cli::ReplayOptions;
use crate::configured::{self, Refused};
use crate::rules::Start;

/// Replays and prints.
///
/// # Errors
/// When the file is no recording, or stdout cannot be written.
pub(crate) fn run(options: &ReplayOptions) -> anyhow::Result<ExitCode> {
    configured::conclude(replay(options))
}

fn replay(options: &ReplayOptions) -> Result<ExitCode, Refused> {
    let settings = configured::settings(&options.common, Secrets::Unread)?;
    let mut folders = options.rules.clone();
    if options.from.is_some() {
        folders.extend(options.files.iter().cloned());
    }
    let folders = if folders.is_empty() { settings.processor.rules.clone() } else { folders };
    let Start { plan, .. } = Start::read(folders, &settings, Secrets::Unread)?;
    let limits = Limits { max_series: settings.processor.max_series, max_instances: settings.processor.max_instances };
    if !options.against.is_empty() {
        let Start { plan: other, .. } = Start::read(options.against.clone(), &settings, Secrets::Unread)?;
        return Ok(against::compare(options, [plan.rules, other.rules], limits)?);
    }
    let mut replay = Replay::new(Arc::new(plan.rules), limits).with_silences(plan.silences);
    let mut printer = Printer { out: io::BufWriter::new(io::stdout().lock()), json: options.json, events: options.events, failed: None };
    feed(options, &mut replay, &mut printer)?;
    match printer.finish() {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(anyhow::Error::from(error).into()),
        _ => Ok(ExitCode::SUCCESS),
    }
}

fn feed(options: &ReplayOptions, replay: &mut Replay, printer: &mut impl Effects) -> anyhow::Result<()> {
    if options.from.is_some() {
        return stored::feed(options, replay, printer);
    }
    let [file] = options.files.as_slice() else { bail!("one recording at a time; rules are given by --rules") };
    let path = file.display();
    let bytes = fs::read(file).with_context(|| format!("could not read {path}"))?;
    let Some(mut rest) = bytes.strip_prefix(recording::HEAD) else { bail!("{path} is no recording; `skep record --out FILE` makes one") };
    while let Some(frame) = recording::take(&mut rest).with_context(|| format!("{path} cannot be replayed to its end"))? {
        replay.apply(&frame, printer);
    }
    if !rest.is_empty() {
        tracing::warn!("the last frame of {path} is not whole and was left out");
    }
    Ok(())
}

/// Prints what comes out, in its order.
struct Printer<W: Write> {
    out: W,
    json: bool,
    events: bool,
    failed: Option<io::Error>,
}

impl<W: Write> Printer<W> {
    fn line(&mut self, value: &Value, text: &str) {
        let written = if self.json { writeln!(self.out, "{value}") } else { writeln!(self.out, "{text}") };
        self.failed = self.failed.take().or(written.err());
    }

    fn finish(mut self) -> io::Result<()> {
        self.failed.take().map_or_else(|| self.out.flush(), Err)
    }
}

impl<W: Write> Effects for Printer<W> {
    fn event(&mut self, series: Series<'_>, event: &View<'_>, kind: Kind) {
        if !self.events || kind != Kind::Live {
            return;
        }
        let time = event.time.map(|time| time.to_string()).unwrap_or_default();
        let state = event.state.map(|state| String::from_utf8_lossy(state).into_owned());
        let metric = event.metric.map(event::Metric::as_f64);
        let value =
            json!({"kind": "event", "time": time, "host": series.host, "service": series.service, "state": state, "metric": metric});
        let text = format!(
            "{time}  event  {} {} {} {}",
            series.host.unwrap_or("-"),
            series.service.unwrap_or("-"),
            state.as_deref().unwrap_or("-"),
            metric.map_or_else(|| "-".to_owned(), |metric| metric.to_string())
        );
        self.line(&value, &text);
    }

    fn expired(&mut self, series: Series<'_>, now: Timestamp) {
        if self.events {
            let value = json!({"kind": "expired", "time": now.to_string(), "host": series.host, "service": series.service});
            let text = format!("{now}  expired  {} {}", series.host.unwrap_or("-"), series.service.unwrap_or("-"));
            self.line(&value, &text);
        }
    }

    fn forgotten(&mut self, _: SeriesId) {}

    fn transition(&mut self, transition: &Transition<'_>) {
        let Transition { rule, instance, from, to, since, value, message, .. } = *transition;
        let (from, to) = (from.as_str(), to.as_str());
        let told = json!({
            "kind": "transition", "time": since.to_string(), "rule": rule, "instance": instance, "host": transition.host,
            "service": transition.service, "from": from, "to": to, "value": value, "message": message,
        });
        self.line(&told, &format!("{since}  {rule} {instance}: {from} -> {to}  {message}"));
    }

    fn message(&mut self, message: &Message<'_>) {
        let key = &message.key;
        let (since, level) = (key.since.to_string(), key.level.to_string());
        let told = json!({
            "kind": "message", "time": since, "notifier": key.notifier, "rule": key.rule, "instance": key.instance, "level": level,
            "message": message.text,
        });
        self.line(&told, &format!("{since}  message to {}: {} {} {level}  {}", key.notifier, key.rule, key.instance, message.text));
    }
}
