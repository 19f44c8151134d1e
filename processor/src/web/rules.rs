//! `GET /api/v1/rules`: every alert that is on, in words, with what it matches, what of it is open, and where it stands; and the streams.

use std::sync::Arc;

use engine::rules::{Alert, Measure};
use event::Timestamp;
use hyper::{Response, StatusCode};
use serde_json::{Map, Value, json};
use tokio::sync::oneshot;

use super::body::Body;
use super::explain::{gone, known};
use super::params::Params;
use super::site::Site;
use super::{answer, disabled};
use crate::config::{Part, Stream, Written};
use crate::driver::request::{Explained, Request};
use crate::explain;
use crate::reload::Running;

/// Alerts and streams in their order, and how the last reading went; of one alone its text and its tests too.
pub(super) async fn answer(site: &Site, params: &Params) -> Response<Body> {
    let told = match (params.get("alert"), params.get("stream")) {
        (Some(_), Some(_)) => Err(answer::refusal(StatusCode::BAD_REQUEST, "`alert` and `stream` each ask for one: give one of them")),
        (Some(name), None) => one(site, name).await,
        (None, Some(name)) => stream(site, name).map_err(|message| answer::refusal(StatusCode::NOT_FOUND, &message)),
        (None, None) => all(site).await,
    };
    told.map_or_else(|refusal| refusal, |told| answer::json(told.to_string().into_bytes()))
}

async fn all(site: &Site) -> Result<Value, Response<Body>> {
    let (answer, answered) = oneshot::channel();
    let names = site.ask(Request::Names { answer }, answered).await?;
    let running = site.reloader.running();
    let mut rules = Vec::with_capacity(names.len());
    // One question for each: between two of them the engine does its work.
    for name in names {
        rules.extend(told(site, &running.written, &name).await?);
    }
    let streams: Vec<Map<String, Value>> = running.written.streams().iter().map(|stream| of_stream(&running.written, stream)).collect();
    Ok(json!({ "last_reload": last_reload(site, &running), "rules": rules, "streams": streams }))
}

async fn one(site: &Site, name: &str) -> Result<Value, Response<Body>> {
    known(site, name).await?;
    let running = site.reloader.running();
    let mut rule = told(site, &running.written, name).await?.ok_or_else(gone)?;
    let (written, alert) = (Arc::clone(&running.written), name.to_owned());
    // The first time all tests are read, and the web thread has other clients.
    let tests = tokio::task::spawn_blocking(move || written.tests(&alert)).await;
    let tests = tests.map_err(|_| answer::refusal(StatusCode::INTERNAL_SERVER_ERROR, "the tests could not be read; see the log"))?;
    let tests: Vec<Value> = tests.iter().map(|test| json!({ "name": test.name, "file": test.file, "line": test.line })).collect();
    let parts: Vec<Value> = running.written.alert(name).iter().map(part).collect();
    rule.extend([("written".to_owned(), parts.into()), ("tests".to_owned(), tests.into())]);
    Ok(json!({ "last_reload": last_reload(site, &running), "rules": [rule], "streams": [] }))
}

fn stream(site: &Site, name: &str) -> Result<Value, String> {
    let running = site.reloader.running();
    let Some(stream) = running.written.streams().iter().find(|stream| stream.name == name) else {
        let names: Vec<&str> = running.written.streams().iter().map(|stream| stream.name.as_str()).collect();
        let help = if names.is_empty() { "the rules hold none".to_owned() } else { format!("there are {}", names.join(", ")) };
        return Err(format!("there is no stream `{name}`; {help}"));
    };
    let mut told = of_stream(&running.written, stream);
    told.insert("written".to_owned(), json!([part(&running.written.stream(stream))]));
    Ok(json!({ "last_reload": last_reload(site, &running), "rules": [], "streams": [told] }))
}

/// Whether the rule files have mistakes, when they were last read, and since when what runs does.
fn last_reload(site: &Site, running: &Running) -> Value {
    let mistake = site.own.rules_mistake();
    let time = |at: Option<Timestamp>| at.or(site.started()).map(|at| at.to_string());
    json!({ "ok": mistake.is_none(), "error": mistake, "at": time(running.tried), "since": time(running.since) })
}

/// An alert that is on.
async fn told(site: &Site, written: &Written, name: &str) -> Result<Option<Map<String, Value>>, Response<Body>> {
    let (answer, answered) = oneshot::channel();
    let asked = Request::Explain { alert: name.to_owned(), fields: Vec::new(), answer };
    let Some(explained) = site.ask(asked, answered).await? else { return Ok(None) };
    let Some(alert) = explained.plan.alerts().find(|alert| alert.name == name) else { return Ok(None) };
    let mut told = rule(alert, &explained);
    // The file that lies over the others.
    let place = written.alert(name).pop();
    told.extend([
        ("file".to_owned(), json!(place.as_ref().map(|part| &part.file))),
        ("line".to_owned(), json!(place.map(|part| part.line))),
    ]);
    Ok(Some(told))
}

fn of_stream(written: &Written, stream: &Stream) -> Map<String, Value> {
    let Part { file, line, .. } = written.stream(stream);
    let pairs = [("name", json!(stream.name)), ("enabled", json!(stream.is_on)), ("file", json!(file)), ("line", json!(line))];
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

fn part(part: &Part) -> Value {
    json!({ "file": part.file, "line": part.line, "text": part.text })
}

/// A rule over the samples themselves as a rule file would say it, for whoever draws its levels; `None` of others.
fn source(alert: &Alert) -> Option<String> {
    let Measure::Event = alert.measure else { return None };
    let mut lines = vec![format!("{}:", alert.name), format!("  where: {}", alert.where_), format!("  by: [{}]", alert.by.join(", "))];
    let levels = [("info", &alert.info), ("warn", &alert.warn), ("crit", &alert.crit)];
    lines.extend(levels.into_iter().filter_map(|(key, level)| Some(format!("  {key}: {}", level.as_ref()?.when))));
    lines.extend(alert.clear.as_ref().map(|clear| format!("  clear: {clear}")));
    Some(lines.join("\n"))
}

fn rule(alert: &Alert, explained: &Explained) -> Map<String, Value> {
    let instances = &explained.instances;
    let words: Vec<Value> = explain::words(alert, explained.to.as_deref()).into_iter().map(|(about, text)| json!([about, text])).collect();
    let mut open = Map::new();
    for facts in instances.iter().filter(|facts| facts.state.is_open()) {
        let before = open.get(facts.state.as_str()).and_then(Value::as_u64).unwrap_or_default();
        open.insert(facts.state.as_str().to_owned(), Value::from(before + 1));
    }
    let is_pending = |facts: &&engine::Facts| !facts.state.is_open() && facts.levels.iter().any(|level| level.holds);
    let pairs = [
        ("name", json!(alert.name)),
        ("kind", json!("alert")),
        ("words", json!(words)),
        ("source", json!(source(alert))),
        ("enabled", json!(alert.enabled)),
        ("disabled", disabled::told(explained.disabled.as_ref())),
        ("instances", json!(instances.len())),
        ("matches_nothing", json!(instances.is_empty())),
        ("open", Value::Object(open)),
        ("pending", json!(instances.iter().filter(is_pending).count())),
    ];
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}
