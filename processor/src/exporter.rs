//! Our samples in Prometheus' text format, under the names and labels of node_exporter and cAdvisor, so that boards made
//! for these work.

mod family;
mod names;

use std::collections::HashMap;

use catalogue::prometheus::{CONTAINERS, Exported, HOST, Value};
use event::{Metric, Name, View};

use family::Family;
use names::{Containers, labels};

/// The format's media type.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Whose names are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// The hosts', by node_exporter's names.
    Host,
    /// The containers', by cAdvisor's.
    Containers,
}

impl Of {
    /// Reads `host` or `containers`.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "host" => Some(Self::Host),
            "containers" => Some(Self::Containers),
            _ => None,
        }
    }

    fn rows(self) -> &'static [Exported] {
        match self {
            Self::Host => HOST,
            Self::Containers => CONTAINERS,
        }
    }

    /// A query for the events that [`encode`] needs.
    pub fn query(self) -> String {
        let mut measurements: Vec<&str> = self.rows().iter().map(|row| row.measurement).collect();
        measurements.sort_unstable();
        measurements.dedup();
        let terms: Vec<String> = measurements.iter().map(|measurement| format!("service =~ \"{measurement}/%\"")).collect();
        terms.join(" or ")
    }
}

/// Whose samples are told, and whether they say whose they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hosts<'a> {
    /// One host's, as that host's own exporter would tell them.
    Of(&'a str),
    /// All, each with the label `instance`.
    All,
}

/// The samples among the events that node_exporter or cAdvisor would have too. Of two of one name and labels the later counts.
pub fn encode<'a>(of: Of, hosts: Hosts<'_>, events: impl Iterator<Item = View<'a>> + Clone) -> String {
    let rows = of.rows();
    let events = events.filter(|event| match hosts {
        Hosts::Of(name) => event.host == Some(name.as_bytes()),
        Hosts::All => event.host.is_some(),
    });
    let containers = Containers::among(events.clone());
    let mut families = Family::all(rows);
    let mut by_name: HashMap<(&str, &str), Vec<(&Exported, usize)>> = HashMap::new();
    for row in rows {
        if let Some(index) = families.iter().position(|family| family.name == row.name) {
            by_name.entry((row.measurement, row.field)).or_default().push((row, index));
        }
    }
    for event in events {
        let (Some(name), Some(metric)) = (name_of(&event), event.metric) else { continue };
        for (row, index) in by_name.get(&(name.measurement, name.field)).into_iter().flatten() {
            let Some(labels) = labels(row, &name, &event, hosts, &containers) else { continue };
            if let Some(family) = families.get_mut(*index) {
                family.put(labels, value(row.value, metric, &event), row.value == Value::Part);
            }
        }
    }
    let mut out = String::new();
    families.iter().for_each(|family| family.write(&mut out));
    out
}

/// What a collector measures about itself.
pub fn encode_own<'a>(events: impl Iterator<Item = View<'a>>) -> String {
    let mut families = Family::own();
    for event in events {
        let (Some(name), Some(metric)) = (name_of(&event), event.metric) else { continue };
        if let Some(family) = families.iter_mut().find(|family| family.is_own(&name)) {
            family.put(String::new(), metric, false);
        }
    }
    let mut out = String::new();
    families.iter().for_each(|family| family.write(&mut out));
    out
}

fn name_of<'a>(event: &View<'a>) -> Option<Name<'a>> {
    Name::split(str::from_utf8(event.service?).ok()?)
}

fn value(value: Value, metric: Metric, event: &View<'_>) -> Metric {
    match value {
        Value::Same | Value::Part => metric,
        Value::Per(units) => Metric::Float(metric.as_f64() / units),
        Value::Times(units) => Metric::Float(metric.as_f64() * units),
        Value::Node => Metric::Int(1),
        Value::Time => Metric::Float(event.time.unwrap_or_default().micros() as f64 / 1e6),
    }
}

#[cfg(test)]
mod tests;
