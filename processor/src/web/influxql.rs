//! `/query` and `/ping`, as InfluxDB 1 has them.

use std::collections::BTreeSet;

use event::{Metric, Timestamp};
use hyper::header::{HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use serde_json::{Value, json};

use super::answer;
use super::body::Body;
use super::params::Params;
use super::site::Site;
use crate::influxql::{MAX_VALUES, Select, Statement, TagValues, fields, filters, parse, run, selects};
use crate::store::{Handle, Measurement, SeriesRequest, StoreError, TagSets};

/// Values that one statement may hold in memory, over all its fields.
const MAX_POINTS: usize = 4_000_000;

/// The version that clients take us for.
const VERSION: (HeaderName, HeaderValue) = (HeaderName::from_static("x-influxdb-version"), HeaderValue::from_static("1.8.10-skep"));

pub(super) fn ping() -> Response<Body> {
    with_version(answer::text(StatusCode::NO_CONTENT, ""))
}

fn with_version(mut response: Response<Body>) -> Response<Body> {
    response.headers_mut().insert(VERSION.0, VERSION.1);
    response
}

pub(super) async fn answer(site: &Site, params: &Params) -> Response<Body> {
    let Some(store) = &site.store else {
        return answer::refusal(StatusCode::NOT_FOUND, "the store is off (`processor.store: off`): there is no history here");
    };
    let Some(text) = params.get("q").filter(|text| !text.is_empty()) else {
        return with_version(answer::refusal(StatusCode::BAD_REQUEST, "missing required parameter \"q\""));
    };
    let now = site.own.now().micros().saturating_mul(1000);
    let statements = match parse(text, now) {
        Ok(statements) => statements,
        Err(text) => return with_version(answer::refusal(StatusCode::BAD_REQUEST, &text)),
    };
    let epoch = params.get("epoch").map(str::to_owned);
    let mut results = Vec::new();
    let mut left = MAX_VALUES;
    for (id, statement) in statements.into_iter().enumerate() {
        results.push(match statement_answer(store, statement, now, epoch.as_deref(), &mut left).await {
            Ok(series) if series.is_empty() => json!({ "statement_id": id }),
            Ok(series) => json!({ "statement_id": id, "series": series }),
            Err(error) => json!({ "statement_id": id, "error": error }),
        });
    }
    with_version(answer::json(format!("{}\n", json!({ "results": results })).into_bytes()))
}

async fn statement_answer(
    store: &Handle,
    statement: Statement,
    now: i64,
    epoch: Option<&str>,
    left: &mut usize,
) -> Result<Vec<Value>, String> {
    let text = |error: StoreError| error.to_string();
    match statement {
        Statement::Select(select) => selected(store, select, now, epoch, left).await,
        Statement::Databases => Ok(vec![json!({ "name": "databases", "columns": ["name"], "values": [["skep"]] })]),
        Statement::Policies => {
            let columns = ["name", "duration", "shardGroupDuration", "replicaN", "default"];
            Ok(vec![json!({ "columns": columns, "values": [["autogen", "0s", "168h0m0s", 1, true]] })])
        }
        Statement::Measurements => {
            let names = store.names().await.map_err(text)?;
            let values: Vec<_> = names.iter().map(|found| [&found.name]).collect();
            Ok(if values.is_empty() { vec![] } else { vec![json!({ "name": "measurements", "columns": ["name"], "values": values })] })
        }
        Statement::TagKeys(of) => {
            let names = store.names().await.map_err(text)?;
            Ok(keys(&names, of.as_deref(), &["tagKey"], |found| found.tags.iter().map(|tag| json!([tag])).collect()))
        }
        Statement::TagValues(wanted) => {
            let found = store.tag_sets(wanted.from.clone()).await.map_err(text)?;
            Ok(found.iter().filter_map(|measurement| tag_values(&wanted, measurement)).collect())
        }
        Statement::FieldKeys(of) => {
            let names = store.names().await.map_err(text)?;
            let values = |found: &Measurement| found.fields.iter().map(|field| json!([field, "float"])).collect();
            Ok(keys(&names, of.as_deref(), &["fieldKey", "fieldType"], values))
        }
    }
}

/// `None` where no series has such a tag.
fn tag_values(wanted: &TagValues, of: &TagSets) -> Option<Value> {
    let sets = of.sets.iter().filter(|tags| selects(wanted.condition.as_ref(), tags));
    let pairs: BTreeSet<&(String, String)> = sets.flatten().filter(|(key, value)| wanted.keys.want(key) && !value.is_empty()).collect();
    let values: Vec<Value> = pairs.iter().take(wanted.limit.unwrap_or(usize::MAX)).map(|(key, value)| json!([key, value])).collect();
    (!values.is_empty()).then(|| json!({ "name": of.name, "columns": ["key", "value"], "values": values }))
}

fn keys(names: &[Measurement], of: Option<&str>, columns: &[&str], values: impl Fn(&Measurement) -> Vec<Value>) -> Vec<Value> {
    let wanted = names.iter().filter(|found| of.is_none_or(|of| found.name == of));
    let series = wanted.map(|found| (found, values(found))).filter(|(_, values)| !values.is_empty());
    series.map(|(found, values)| json!({ "name": found.name, "columns": columns, "values": values })).collect()
}

async fn selected(store: &Handle, select: Select, now: i64, epoch: Option<&str>, values_left: &mut usize) -> Result<Vec<Value>, String> {
    // A derivative looks at the step before the first.
    let before = select.step.filter(|_| select.columns.iter().any(|column| column.derivative.is_some())).unwrap_or(0);
    let from = select.start.map_or(0, |start| start.saturating_sub(before)).div_euclid(1000);
    let to = select.end.unwrap_or(if select.step.is_some() { now } else { i64::MAX });
    let to = to.saturating_add(999).div_euclid(1000);
    let mut data = Vec::new();
    let mut left = MAX_POINTS;
    for field in fields(&select) {
        let request = SeriesRequest {
            measurement: select.from.clone(),
            field: field.to_owned(),
            from: Timestamp::from_micros(from),
            to: Timestamp::from_micros(to),
            step: None,
            filters: filters(select.condition.as_ref()),
        };
        let series = store.series(request).await.map_err(|error| error.to_string())?;
        let n: usize = series.iter().map(|series| series.points.len()).sum();
        // Each column folds a copy of its own.
        let n = n.saturating_mul(select.columns.iter().filter(|column| column.field == field).count());
        let too_many = || format!("the statement reads more than {MAX_POINTS} values; ask for a shorter time or for fewer series");
        left = left.checked_sub(n).ok_or_else(too_many)?;
        data.push((field.to_owned(), series));
    }
    let epoch = epoch.map(str::to_owned);
    let mut left = *values_left;
    let fold = move || (run(&select, &data, now, &mut left).map(|rows| encode(&select, &rows, epoch.as_deref())), left);
    match tokio::task::spawn_blocking(fold).await {
        Ok((answer, left)) => {
            *values_left = left;
            answer
        }
        Err(_) => Err("the statement could not be answered; see the log".to_owned()),
    }
}

fn encode(select: &Select, rows: &[crate::influxql::Row], epoch: Option<&str>) -> Vec<Value> {
    let columns = columns(select);
    let line = |(time, cells): &(i64, Vec<Option<Metric>>)| {
        let cells = cells.iter().map(|cell| match cell {
            Some(Metric::Int(number)) => json!(number),
            Some(Metric::Float(number)) => json!(number),
            None => Value::Null,
        });
        std::iter::once(moment(*time, epoch)).chain(cells).collect::<Value>()
    };
    let series = rows.iter().map(|row| {
        let values: Vec<_> = row.values.iter().map(line).collect();
        let mut series = json!({ "name": select.from, "columns": columns, "values": values });
        if let (false, Some(object)) = (row.tags.is_empty(), series.as_object_mut()) {
            let tags = row.tags.iter().map(|(key, value)| (key.clone(), json!(value))).collect::<Value>();
            object.insert("tags".to_owned(), tags);
        }
        series
    });
    series.collect()
}

/// Columns' names; one that comes again gets a number.
fn columns(select: &Select) -> Vec<String> {
    let mut names = vec!["time".to_owned()];
    for column in &select.columns {
        let mut name = column.name.clone();
        let mut n = 0;
        while names.contains(&name) {
            n += 1;
            name = format!("{}_{n}", column.name);
        }
        names.push(name);
    }
    names
}

fn moment(nanos: i64, epoch: Option<&str>) -> Value {
    let unit = match epoch {
        Some("ns" | "n") => 1,
        Some("u" | "µ") => 1_000,
        Some("ms") => 1_000_000,
        Some("s") => 1_000_000_000,
        Some("m") => 60_000_000_000,
        Some("h") => 3_600_000_000_000,
        _ => return json!(Timestamp::from_micros(nanos.div_euclid(1000)).to_string()),
    };
    json!(nanos / unit)
}
