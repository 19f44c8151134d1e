//! Answers in InfluxDB 1's JSON.

use jiff::tz::TimeZone;
use serde_json::{Value as Json, json};

use crate::influxql::{Plan, Row, Value};

/// The series of one statement.
pub(super) fn series(plan: &Plan, rows: &[Row], epoch: Option<&str>) -> Vec<Json> {
    let columns = columns(plan);
    let zone = plan.select.zone.as_ref();
    let line = |(time, cells): &(i64, Vec<Option<Value>>)| {
        let cells = cells.iter().map(|cell| match cell {
            Some(Value::Int(number)) => json!(number),
            Some(Value::Float(number)) => json!(number),
            Some(Value::Bool(is)) => json!(is),
            Some(Value::Text(text)) => json!(**text),
            None => Json::Null,
        });
        std::iter::once(moment(*time, epoch, zone)).chain(cells).collect::<Json>()
    };
    let series = rows.iter().map(|row| {
        let values: Vec<_> = row.values.iter().map(line).collect();
        let mut series = json!({ "name": row.name, "columns": columns, "values": values });
        if let (false, Some(object)) = (row.tags.is_empty(), series.as_object_mut()) {
            let tags = row.tags.iter().map(|(key, value)| (key.clone(), json!(value))).collect::<Json>();
            object.insert("tags".to_owned(), tags);
        }
        series
    });
    series.collect()
}

/// Columns' names; one that comes again gets a number.
fn columns(plan: &Plan) -> Vec<String> {
    let mut names = vec!["time".to_owned()];
    for column in &plan.select.columns {
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

fn moment(nanos: i64, epoch: Option<&str>, zone: Option<&TimeZone>) -> Json {
    let unit = match epoch {
        Some("ns" | "n") => 1,
        Some("u" | "µ") => 1_000,
        Some("ms") => 1_000_000,
        Some("s") => 1_000_000_000,
        Some("m") => 60_000_000_000,
        Some("h") => 3_600_000_000_000,
        _ => return json!(text(nanos, zone)),
    };
    json!(nanos / unit)
}

fn text(nanos: i64, zone: Option<&TimeZone>) -> String {
    let time = jiff::Timestamp::from_nanosecond(i128::from(nanos)).unwrap_or_default();
    match zone.map(|zone| zone.to_offset(time)) {
        None | Some(jiff::tz::Offset::UTC) => time.to_string(),
        Some(offset) => time.display_with_offset(offset).to_string(),
    }
}
