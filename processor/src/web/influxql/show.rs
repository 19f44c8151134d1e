//! `SHOW …`.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::influxql::{Show, Source, Subject, fits};
use crate::store::{Handle, Measurement, StoreError, TagSets};

/// The series of an answer.
pub(super) async fn series(store: &Handle, show: &Show) -> Result<Vec<Value>, String> {
    let text = |error: StoreError| error.to_string();
    match show.subject {
        Subject::Databases => Ok(vec![json!({ "name": "databases", "columns": ["name"], "values": [["skep"]] })]),
        Subject::Policies => {
            let columns = ["name", "duration", "shardGroupDuration", "replicaN", "default"];
            Ok(vec![json!({ "columns": columns, "values": [["autogen", "0s", "168h0m0s", 1, true]] })])
        }
        Subject::FieldKeys => {
            let names = store.names().await.map_err(text)?;
            let of = |found: &Measurement| found.fields.iter().map(|field| json!([field, "float"])).collect();
            let wanted = names.iter().filter(|found| is_of(show, &found.name));
            Ok(wanted.filter_map(|found| named(show, &found.name, &["fieldKey", "fieldType"], of(found))).collect())
        }
        _ => {
            let sets = store.tag_sets(only(show)).await.map_err(text)?;
            Ok(of_sets(show, &meant(show, sets)))
        }
    }
}

/// The one measurement that is asked for.
fn only(show: &Show) -> Option<String> {
    match show.from.as_slice() {
        [Source::Named(name)] => Some(name.clone()),
        _ => None,
    }
}

fn is_of(show: &Show, name: &str) -> bool {
    let is = |source: &Source| match source {
        Source::Named(wanted) => wanted == name,
        Source::Matching(regex) => regex.is_match(name),
        Source::Query(_) => false,
    };
    show.from.is_empty() || show.from.iter().any(is)
}

/// The series that are meant, and measurements that have any.
fn meant(show: &Show, mut sets: Vec<TagSets>) -> Vec<TagSets> {
    sets.retain(|measurement| is_of(show, &measurement.name));
    if show.subject == Subject::Measurements
        && let Some(names) = &show.with
    {
        sets.retain(|measurement| names.want(&measurement.name));
    }
    sets.iter_mut().for_each(|measurement| measurement.sets.retain(|tags| fits(show.condition.as_ref(), tags)));
    sets.retain(|measurement| !measurement.sets.is_empty());
    sets
}

fn of_sets(show: &Show, sets: &[TagSets]) -> Vec<Value> {
    let n_series: usize = sets.iter().map(|measurement| measurement.sets.len()).sum();
    match show.subject {
        Subject::Measurements => {
            let values = sets.iter().map(|measurement| json!([measurement.name])).collect();
            named(show, "measurements", &["name"], values).into_iter().collect()
        }
        Subject::SeriesCardinality { is_exact } if is_exact || is_narrowed(show) => {
            sets.iter().map(|of| json!({ "columns": ["count"], "name": of.name, "values": [[of.sets.len()]] })).collect()
        }
        Subject::SeriesCardinality { .. } => vec![json!({ "columns": [ESTIMATION], "values": [[n_series]] })],
        Subject::MeasurementCardinality { is_exact } => {
            let column = if is_exact || is_narrowed(show) { "count" } else { ESTIMATION };
            vec![json!({ "columns": [column], "values": [[sets.len()]] })]
        }
        Subject::Series => {
            let mut keys: Vec<String> = sets.iter().flat_map(|of| of.sets.iter().map(|tags| series_key(&of.name, tags))).collect();
            keys.sort_unstable();
            let values: Vec<_> = bounded(show, keys.into_iter().map(|key| json!([key])).collect());
            if values.is_empty() { Vec::new() } else { vec![json!({ "columns": ["key"], "values": values })] }
        }
        Subject::TagKeys => sets.iter().filter_map(|of| named(show, &of.name, &["tagKey"], tag_keys(of))).collect(),
        Subject::TagValues => sets.iter().filter_map(|of| named(show, &of.name, &["key", "value"], tag_values(show, of))).collect(),
        Subject::Databases | Subject::Policies | Subject::FieldKeys => Vec::new(),
    }
}

/// What InfluxDB calls a number of series that nobody narrows down; ours is exact.
const ESTIMATION: &str = "cardinality estimation";

fn is_narrowed(show: &Show) -> bool {
    !show.from.is_empty() || show.condition.is_some()
}

/// A series as line protocol has it.
fn series_key(name: &str, tags: &[(String, String)]) -> String {
    let tags: Vec<(&str, &str)> = tags.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    let mut key = Vec::new();
    event::line::head(&mut key, name, &tags);
    String::from_utf8_lossy(&key).into_owned()
}

fn tag_keys(of: &TagSets) -> Vec<Value> {
    let keys: BTreeSet<&String> = of.sets.iter().flatten().filter(|(_, value)| !value.is_empty()).map(|(key, _)| key).collect();
    keys.into_iter().map(|key| json!([key])).collect()
}

fn tag_values(show: &Show, of: &TagSets) -> Vec<Value> {
    let wants = |key: &str| show.with.as_ref().is_none_or(|names| names.want(key));
    let pairs: BTreeSet<&(String, String)> = of.sets.iter().flatten().filter(|(key, value)| wants(key) && !value.is_empty()).collect();
    pairs.into_iter().map(|(key, value)| json!([key, value])).collect()
}

fn bounded(show: &Show, values: Vec<Value>) -> Vec<Value> {
    values.into_iter().skip(show.offset).take(show.limit.unwrap_or(usize::MAX)).collect()
}

/// `None` where nothing is left.
fn named(show: &Show, name: &str, columns: &[&str], values: Vec<Value>) -> Option<Value> {
    let values = bounded(show, values);
    (!values.is_empty()).then(|| json!({ "name": name, "columns": columns, "values": values }))
}
