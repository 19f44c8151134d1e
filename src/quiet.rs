//! `skep silence`, `skep disable`, `skep enable` and `skep ack`: who wants to be left in peace.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use event::printable;
use hyper::Method;
use processor::quiet::{Acknowledge, Disable, Enable, Wish};
use serde_json::Value;
use transport::percent::encode;

use crate::cli::{AckOptions, Changing, DisableOptions, EnableOptions, SilenceAction, SilenceOptions};
use crate::client::{self, Sent};
use crate::configured;

/// It was refused, or nobody answered.
const REFUSED: u8 = 2;

const SILENCES: &str = "/api/v1/silences";

/// Makes, lists or ends silences.
///
/// # Errors
/// When stdout cannot be written.
pub(crate) fn silence(options: &SilenceOptions) -> anyhow::Result<ExitCode> {
    let text = match &options.action {
        SilenceAction::Add { where_, for_, until, every, why, author, changing } => {
            let wish = Wish {
                where_: where_.clone(),
                until: until.clone(),
                for_: for_.clone(),
                every: every.clone(),
                why: why.clone(),
                author: author.clone(),
            };
            add(&wish, changing)
        }
        SilenceAction::List { target, json } => list(&target.url, *json),
        SilenceAction::End { id, changing } => end(id, changing),
    };
    conclude(text)
}

/// Acknowledges open alerts.
///
/// # Errors
/// When stdout cannot be written.
pub(crate) fn acknowledge(options: &AckOptions) -> anyhow::Result<ExitCode> {
    conclude(acknowledged(options))
}

/// Has a rule tell nobody.
///
/// # Errors
/// When stdout cannot be written.
pub(crate) fn disable(options: &DisableOptions) -> anyhow::Result<ExitCode> {
    let DisableOptions { alert, why, author, changing } = options.clone();
    let wish = Disable { alert: alert.clone(), why, author };
    let done = serde_json::to_string(&wish).map_err(anyhow::Error::from);
    let done = done.and_then(|body| change(&changing, Method::POST, "/api/v1/rules/disable", body));
    conclude(done.map(|told| format!("{alert} is disabled, as silence {}; `skep enable {alert}` ends that\n", text(&told, "id"))))
}

/// Has it tell again.
///
/// # Errors
/// When stdout cannot be written.
pub(crate) fn enable(options: &EnableOptions) -> anyhow::Result<ExitCode> {
    let EnableOptions { alert, changing } = options;
    let done = serde_json::to_string(&Enable { alert: alert.clone() }).map_err(anyhow::Error::from);
    let done = done.and_then(|body| change(changing, Method::POST, "/api/v1/rules/enable", body));
    conclude(done.map(|_| format!("{alert} is enabled\n")))
}

fn conclude(text: anyhow::Result<String>) -> anyhow::Result<ExitCode> {
    let text = match text {
        Ok(text) => text,
        Err(error) => {
            crate::logging::failure(&error);
            return Ok(ExitCode::from(REFUSED));
        }
    };
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // `skep silence list | head` closes the pipe early: that is no failure.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        printed => printed.context("could not write to stdout")?,
    }
    Ok(ExitCode::SUCCESS)
}

fn add(wish: &Wish, changing: &Changing) -> anyhow::Result<String> {
    if let Err(mistakes) = processor::quiet::strict(&wish.where_) {
        bail!("the query is wrong\n{}", processor::config::report_query(&wish.where_, &mistakes).trim_end());
    }
    let doubts = processor::config::doubt_query(&wish.where_);
    configured::warn(&doubts);
    let told = change(changing, Method::POST, SILENCES, serde_json::to_string(wish)?)?;
    let known = doubts.sentences();
    let warnings = told.get("warnings").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    for warning in warnings.filter(|warning| !known.iter().any(|known| known == warning)) {
        configured::print_warning(&printable(warning));
    }
    let until = part(&told, "until", " until ");
    Ok(format!("silence {}{until}\n", text(&told, "id")))
}

fn list(url: &str, json: bool) -> anyhow::Result<String> {
    let Value::Array(silences) = answered(url, client::get(url, SILENCES)?)? else { bail!("{url} did not answer with a list") };
    if json {
        return Ok(silences.iter().map(|silence| format!("{silence}\n")).collect());
    }
    let line = |silence: &Value| {
        let state = if silence.get("active") == Some(&Value::Bool(true)) { "on" } else { "waits" };
        let (ends, every) = (part(silence, "until", "  until "), part(silence, "every", "  "));
        let ends = part(silence, "disables", "  until skep enable ") + &ends;
        let (why, author) = (text(silence, "why"), text(silence, "author"));
        let line = format!("{}  {state}  {}{ends}{every}  {why}  {author}", text(silence, "id"), text(silence, "where"));
        printable(line.trim_end()).into_owned() + "\n"
    };
    Ok(silences.iter().map(line).collect())
}

fn end(id: &str, changing: &Changing) -> anyhow::Result<String> {
    change(changing, Method::DELETE, &format!("{SILENCES}/{}", encode(id)), String::new())?;
    Ok(format!("silence {id} has ended\n"))
}

fn acknowledged(options: &AckOptions) -> anyhow::Result<String> {
    let field = |text: &String| {
        let pair = text.split_once('=').map(|(field, value)| (field.to_owned(), value.to_owned()));
        pair.with_context(|| format!("`{text}` is no field with its value; write FIELD=VALUE, as host=n1"))
    };
    let wish = Acknowledge {
        alert: options.alert.clone(),
        fields: options.fields.iter().map(field).collect::<anyhow::Result<_>>()?,
        note: options.note.clone(),
        author: options.author.clone(),
    };
    let told = change(&options.changing, Method::POST, "/api/v1/alerts/ack", serde_json::to_string(&wish)?)?;
    Ok(format!("{} of {} acknowledged\n", told.get("acknowledged").unwrap_or(&Value::Null), options.alert))
}

fn change(changing: &Changing, method: Method, path: &str, body: String) -> anyhow::Result<Value> {
    let url = &changing.target.url;
    let answer = client::send(url, &Sent { method, path, body, token: token(changing)? })?;
    answered(url, answer)
}

/// What proves that one may change something, of the file or of the environment.
pub(crate) fn token(changing: &Changing) -> anyhow::Result<Option<String>> {
    let Some(file) = &changing.token_file else { return Ok(client::token_or_environment(None)) };
    let text = std::fs::read_to_string(file).with_context(|| format!("could not read the token of {}", file.display()))?;
    Ok(Some(text.trim().to_owned()))
}

/// The JSON of a good answer, the sentence of a refusal.
fn answered(url: &str, answer: client::Answer) -> anyhow::Result<Value> {
    let body = serde_json::from_slice::<Value>(&answer.body);
    if !answer.status.is_success() {
        let told = body.ok().map(|body| text(&body, "error").to_owned());
        bail!("{url} answered {}: {}", answer.status, told.unwrap_or_default());
    }
    body.with_context(|| format!("{url} did not answer with JSON"))
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// A text with what stands before it, or nothing.
fn part(value: &Value, key: &str, before: &str) -> String {
    value.get(key).and_then(Value::as_str).map_or_else(String::new, |text| format!("{before}{text}"))
}
