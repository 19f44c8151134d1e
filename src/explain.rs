//! `skep explain`: an alert in plain words, and why each of its instances is open or not.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use event::printable;
use processor::config::{self, Rules, Secrets};
use processor::explain;
use serde_json::Value;
use transport::percent::encode;

use crate::cli::ExplainOptions;
use crate::client;
use crate::configured::{self, Refused};

/// Prints what there is to say.
///
/// # Errors
/// When there is no such alert, nobody answers, or stdout cannot be written.
pub(crate) fn run(options: &ExplainOptions) -> anyhow::Result<ExitCode> {
    configured::conclude(match &options.url {
        Some(url) => live(options, url).map_err(Refused::from),
        None => of_files(options),
    })
}

/// From the rule files, with no skep running.
fn of_files(options: &ExplainOptions) -> Result<ExitCode, Refused> {
    let settings = configured::settings(&options.common, Secrets::Unread)?;
    let folders = if options.rules.is_empty() { &settings.processor.rules } else { &options.rules };
    let (rules, _) = configured::accept(config::load_rules(folders))?;
    let Some(alert) = rules.alerts.iter().find(|alert| alert.name == options.alert) else {
        return Err(no_such(&options.alert, &rules).into());
    };
    let about = rules.abouts.iter().find(|(name, _)| *name == alert.name).map(|(_, about)| about.as_str());
    let lines = explain::words(alert, Some(&rules.notify.told_of(&alert.name)));
    print(|out| page(out, &alert.name, about, lines.iter().map(|(about, text)| (*about, text.as_str())))).map_err(Refused::from)
}

fn no_such(name: &str, rules: &Rules) -> anyhow::Error {
    let names = || rules.alerts.iter().map(|alert| alert.name.as_str());
    match catalogue::nearest(name, names()) {
        Some(nearest) => anyhow::anyhow!("there is no alert `{name}`; did you mean `{nearest}`?"),
        None => anyhow::anyhow!(
            "there is no alert `{name}`; there are {}. --rules FOLDER reads rules of your own, --url http://127.0.0.1:5556 asks a skep that runs",
            names().collect::<Vec<_>>().join(", ")
        ),
    }
}

/// From a running skep.
fn live(options: &ExplainOptions, url: &str) -> anyhow::Result<ExitCode> {
    let mut fields = Vec::new();
    for field in &options.fields {
        let (name, value) = field.split_once('=').with_context(|| format!("`{field}` is no FIELD=VALUE, such as host=n1"))?;
        fields.push(format!("{}={}", encode(name), encode(value)));
    }
    let answer = client::get(url, &format!("/api/v1/explain/{}?{}", encode(&options.alert), fields.join("&")))?;
    let body = String::from_utf8_lossy(&answer.body);
    let told: Value = serde_json::from_str(&body).unwrap_or_default();
    if !answer.status.is_success() {
        bail!("{url}: {}", told.get("error").and_then(Value::as_str).unwrap_or(body.trim()));
    }
    if options.json {
        return print(|out| writeln!(out, "{told}"));
    }
    let words = list(&told, "words").iter().filter_map(|line| Some((line.get(0)?.as_str()?, line.get(1)?.as_str()?)));
    let disabled = disabled(&told);
    let words: Vec<_> = disabled.iter().map(|text| ("disabled", text.as_str())).chain(words).collect();
    print(|out| {
        page(out, &options.alert, None, words.iter().copied())?;
        instances(out, &told, &options.fields)
    })
}

/// Since when nobody is told of it, by whom and why.
fn disabled(told: &Value) -> Option<String> {
    let by = told.get("disabled").filter(|by| by.is_object())?;
    let text =
        |key: &str, before: &str| by.get(key).and_then(Value::as_str).filter(|text| !text.is_empty()).map(|text| format!("{before}{text}"));
    Some([text("since", "since "), text("author", " by "), text("why", ": ")].into_iter().flatten().collect())
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn page<'a>(out: &mut impl Write, name: &str, about: Option<&str>, lines: impl Iterator<Item = (&'a str, &'a str)>) -> io::Result<()> {
    writeln!(out, "{name}")?;
    for line in about.into_iter().flat_map(str::lines) {
        writeln!(out, "  {line}")?;
    }
    for (about, text) in lines {
        let mut parts = text.lines();
        writeln!(out, "  {about:<9}  {}", parts.next().unwrap_or_default())?;
        for part in parts {
            writeln!(out, "  {:<9}  {part}", "")?;
        }
    }
    Ok(())
}

fn instances(out: &mut impl Write, told: &Value, asked: &[String]) -> io::Result<()> {
    let all = list(told, "instances");
    if all.is_empty() {
        let of = if asked.is_empty() { String::new() } else { format!(" with {}", asked.join(" ")) };
        writeln!(out, "\nno instance{of}: no event of the index has made one")?;
    }
    for one in all {
        let text = |key: &str| one.get(key).and_then(Value::as_str);
        let fields = one.get("fields").and_then(Value::as_object).into_iter().flatten();
        let fields: Vec<String> = fields.map(|(field, value)| format!("{field}={}", value.as_str().unwrap_or("-"))).collect();
        let value = one.get("value").and_then(Value::as_f64).map_or_else(|| "-".to_owned(), |value| value.to_string());
        let since = text("since").map_or_else(String::new, |since| format!(" since {since}"));
        let who = if fields.is_empty() { "the only one".to_owned() } else { fields.join(" ") };
        writeln!(out, "\n{}: {}{since}, {value}", printable(&who), text("state").unwrap_or_default())?;
        for line in list(one, "why").iter().filter_map(Value::as_str) {
            writeln!(out, "  {}", printable(line))?;
        }
    }
    match told.get("more").and_then(Value::as_u64) {
        Some(more) if more > 0 => writeln!(out, "\nand {more} further instances; name one: host=n1"),
        _ => Ok(()),
    }
}

fn print(write: impl FnOnce(&mut io::BufWriter<io::StdoutLock<'static>>) -> io::Result<()>) -> anyhow::Result<ExitCode> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        // `skep explain … | head` closes the pipe early: that is no failure.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        printed => printed.context("could not print")?,
    }
    Ok(ExitCode::SUCCESS)
}
