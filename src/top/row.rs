//! Rows of the index as the live stream tells them: named queries, kept current by snapshots and changes.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

/// A row; a text that an event has not is empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Row {
    pub(super) host: String,
    pub(super) service: String,
    /// Measurement, instance and field are those of a sample's service.
    pub(super) measurement: String,
    pub(super) instance: String,
    pub(super) field: String,
    pub(super) state: String,
    pub(super) metric: Option<f64>,
    /// Seconds since 1970.
    pub(super) time: f64,
    pub(super) attributes: BTreeMap<String, String>,
    /// What a counter gained a second between its last two values; a fall is a restart from 0.
    pub(super) rate: Option<f64>,
}

impl Row {
    /// An attribute, empty where there is none.
    pub(super) fn attribute(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", String::as_str)
    }

    fn set(&mut self, column: &str, value: &Value) {
        let text = || value.as_str().unwrap_or_default().to_owned();
        match column {
            "host" => self.host = text(),
            "service" => self.service = text(),
            "measurement" => self.measurement = text(),
            "instance" => self.instance = text(),
            "field" => self.field = text(),
            "state" => self.state = text(),
            "metric" => self.metric = value.as_f64(),
            "time" => self.time = value.as_f64().unwrap_or_default(),
            "attributes" => {
                let all = value.as_object().into_iter().flatten();
                self.attributes = all.map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned())).collect();
            }
            // A later server may tell more.
            _ => {}
        }
    }

    fn gain(&self, before: &Self) -> Option<f64> {
        let (new, old) = (self.metric?, before.metric?);
        if self.time <= before.time {
            return before.rate;
        }
        Some(if new >= old { new - old } else { new } / (self.time - before.time))
    }
}

/// What a message of the stream says of one query.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Frame {
    /// All rows; what was before is void.
    Snapshot(Value),
    /// The latest values of rows that changed.
    Delta(Value),
    /// Rows that are no longer there.
    Gone(Value),
}

/// The rows of all queries, by their names.
#[derive(Debug, Default)]
pub(super) struct Rows {
    columns: Vec<String>,
    queries: HashMap<String, HashMap<u64, Row>>,
}

impl Rows {
    /// What the server says.
    pub(super) fn take(&mut self, frame: &Frame) {
        match frame {
            Frame::Snapshot(told) => {
                self.columns = list(told, "columns").iter().filter_map(Value::as_str).map(str::to_owned).collect();
                self.queries.insert(name(told), HashMap::new());
                self.merge(told);
            }
            Frame::Delta(told) => self.merge(told),
            Frame::Gone(told) => {
                let Some(rows) = self.queries.get_mut(&name(told)) else { return };
                for id in list(told, "ids").iter().filter_map(Value::as_u64) {
                    rows.remove(&id);
                }
            }
        }
    }

    /// The rows of a query, in no order.
    pub(super) fn of(&self, query: &str) -> impl Iterator<Item = &Row> {
        self.queries.get(query).into_iter().flat_map(HashMap::values)
    }

    /// How many queries have had their first picture.
    pub(super) fn n_known(&self) -> usize {
        self.queries.len()
    }

    /// A row may be cut short: what is left out is as it was.
    fn merge(&mut self, told: &Value) {
        let Some(rows) = self.queries.get_mut(&name(told)) else { return };
        for values in list(told, "rows").iter().filter_map(Value::as_array) {
            let Some(id) = values.first().and_then(Value::as_u64) else { continue };
            let before = rows.remove(&id).unwrap_or_default();
            let mut row = before.clone();
            for (column, value) in self.columns.iter().zip(values) {
                row.set(column, value);
            }
            row.rate = if before.service == row.service { row.gain(&before) } else { None };
            rows.insert(id, row);
        }
    }
}

fn name(told: &Value) -> String {
    text(told, "s").to_owned()
}

/// A text of an object, empty where there is none.
pub(super) fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// A list of an object, empty where there is none.
pub(super) fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rows() -> Rows {
        let mut rows = Rows::default();
        let columns = json!(["id", "state", "metric", "time", "host", "service", "measurement", "instance", "field", "ttl", "attributes"]);
        let first = json!([7, null, 100, 10.0, "n1", "net/eth0/rx_bytes", "net", "eth0", "rx_bytes", 5, {"interface": "eth0"}]);
        rows.take(&Frame::Snapshot(json!({"s": "a", "columns": columns, "rows": [first]})));
        rows
    }

    fn only(rows: &Rows) -> Row {
        rows.of("a").next().cloned().unwrap()
    }

    #[test]
    fn what_a_change_leaves_out_is_as_it_was() {
        let mut rows = rows();
        let row = only(&rows);
        assert_eq!((row.host.as_str(), row.field.as_str(), row.attribute("interface"), row.rate), ("n1", "rx_bytes", "eth0", None));
        rows.take(&Frame::Delta(json!({"s": "a", "rows": [[7, "ok", 300, 12.0]]})));
        assert_eq!(only(&rows), Row { state: "ok".to_owned(), metric: Some(300.0), time: 12.0, rate: Some(100.0), ..row });
    }

    #[test]
    fn a_counter_that_fell_began_anew_and_one_that_is_told_twice_keeps_its_rate() {
        let mut rows = rows();
        rows.take(&Frame::Delta(json!({"s": "a", "rows": [[7, null, 40, 12.0]]})));
        assert_eq!(only(&rows).rate, Some(20.0));
        rows.take(&Frame::Delta(json!({"s": "a", "rows": [[7, null, 40, 12.0]]})));
        assert_eq!(only(&rows).rate, Some(20.0));
    }

    #[test]
    fn rows_go_and_a_new_picture_voids_the_old() {
        let mut rows = rows();
        rows.take(&Frame::Gone(json!({"s": "a", "ids": [7, 8]})));
        assert_eq!((rows.of("a").count(), rows.n_known()), (0, 1));
        rows.take(&Frame::Delta(json!({"s": "other", "rows": [[7, null, 1, 1.0]]})));
        assert_eq!(rows.of("other").count(), 0);
    }
}
