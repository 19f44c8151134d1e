//! What the rules ask, asked of a running skep.

use std::collections::HashSet;

use anyhow::{Context as _, bail};
use processor::config::{Asked, Found, Held};
use serde_json::Value;
use transport::percent::encode;

use crate::client;

/// Each question with what came of it, and what the index holds.
///
/// # Errors
/// When nobody answers, or not as skep does.
pub(super) fn ask(url: &str, asked: Vec<Asked>) -> anyhow::Result<(Vec<(Asked, Found)>, Held)> {
    let held = held(&get(url, "/api/v1/services")?).with_context(|| format!("{url} did not say what its index holds"))?;
    let mut answers = Vec::with_capacity(asked.len());
    for one in asked {
        let found = found(&one, &get(url, &format!("/api/v1/index?query={}", encode(&one.where_.to_string())))?);
        answers.push((one, found));
    }
    Ok((answers, held))
}

fn get(url: &str, path: &str) -> anyhow::Result<Value> {
    let answer = client::get(url, path)?;
    if !answer.status.is_success() {
        bail!("{url}{path} answered {}: {}", answer.status, String::from_utf8_lossy(&answer.body).trim());
    }
    serde_json::from_slice(&answer.body).with_context(|| format!("{url}{path} did not answer with JSON"))
}

fn held(value: &Value) -> Option<Held> {
    let mut held = Held::default();
    for one in value.get("services")?.as_array()? {
        held.services.insert(one.get("service")?.as_str()?.to_owned(), usize::try_from(one.get("hosts")?.as_u64()?).ok()?);
    }
    for (name, n) in value.get("attributes")?.as_object()? {
        held.attributes.insert(name.clone(), n.as_u64()?);
    }
    Some(held)
}

fn found(asked: &Asked, events: &Value) -> Found {
    let events = events.as_array().map_or(&[][..], Vec::as_slice);
    let instance =
        |event: &Value| -> Vec<Value> { asked.by.iter().map(|field| event.get(field).cloned().unwrap_or(Value::Null)).collect() };
    let instances: HashSet<String> = events.iter().map(|event| Value::from(instance(event)).to_string()).collect();
    Found { n_events: events.len(), n_instances: instances.len() }
}
