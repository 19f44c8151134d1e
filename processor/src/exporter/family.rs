//! The samples of one name: they stand together, after one line that says what they are and one of their type.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write;

use catalogue::Kind;
use catalogue::prometheus::{Exported, Value};
use event::{Metric, Name};

const OWN: &str = "skep_collector";

/// A name and its samples.
pub(super) struct Family {
    pub(super) name: Cow<'static, str>,
    about: &'static str,
    kind: &'static str,
    /// By their labels as they are written; sorted, so that an answer does not change its order.
    samples: BTreeMap<String, Metric>,
}

impl Family {
    /// A family for each name, in the order of the rows; rows of one name stand together.
    pub(super) fn all(rows: &'static [Exported]) -> Vec<Self> {
        let mut families: Vec<Self> = Vec::new();
        for row in rows {
            if families.last().is_none_or(|last| last.name != row.name) {
                families.push(Self::of(row));
            }
        }
        families
    }

    fn of(row: &'static Exported) -> Self {
        let metric = catalogue::find(row.measurement, row.field);
        let kind = match metric.map(|metric| metric.kind) {
            Some(Kind::Counter) if !matches!(row.value, Value::Time | Value::Node) => "counter",
            _ => "gauge",
        };
        let about = row.about.or(metric.map(|metric| metric.about)).unwrap_or_default();
        Self { name: row.name.into(), about, kind, samples: BTreeMap::new() }
    }

    /// The collector's own metrics, a family each.
    pub(super) fn own() -> Vec<Self> {
        let family = |metric: &catalogue::Metric| {
            let (suffix, kind) = if metric.kind == Kind::Counter { ("_total", "counter") } else { ("", "gauge") };
            Self { name: format!("{OWN}_{}{suffix}", metric.field).into(), about: metric.about, kind, samples: BTreeMap::new() }
        };
        catalogue::fields(OWN).map(family).collect()
    }

    /// Whether it is that of an own metric.
    pub(super) fn is_own(&self, name: &Name<'_>) -> bool {
        let field = self.name.strip_prefix(OWN).and_then(|rest| rest.strip_prefix('_'));
        name.measurement == OWN && field.is_some_and(|field| field == name.field || field.strip_suffix("_total") == Some(name.field))
    }

    /// Takes a sample; a part is added to what is there of the same labels, anything else takes its place.
    pub(super) fn put(&mut self, labels: String, metric: Metric, is_part: bool) {
        let before = self.samples.get(&labels).copied().filter(|_| is_part);
        let sum = match (before, metric) {
            (Some(Metric::Int(one)), Metric::Int(other)) => Metric::Int(one.saturating_add(other)),
            (Some(one), other) => Metric::Float(one.as_f64() + other.as_f64()),
            (None, other) => other,
        };
        self.samples.insert(labels, sum);
    }

    /// Appends it; nothing when there are no samples.
    pub(super) fn write(&self, out: &mut String) {
        if self.samples.is_empty() {
            return;
        }
        let Self { name, about, kind, .. } = self;
        // Writing to a String cannot fail.
        let _ = write!(out, "# HELP {name} {about}\n# TYPE {name} {kind}\n");
        for (labels, metric) in &self.samples {
            let _ = match metric {
                Metric::Int(number) => writeln!(out, "{name}{labels} {number}"),
                Metric::Float(number) => writeln!(out, "{name}{labels} {number}"),
            };
        }
    }
}
