//! `skep catalogue`: every metric, for people and for scripts.

use std::io::{self, Write};
use std::process::ExitCode;

use catalogue::Metric;
use serde_json::json;

use crate::cli::CatalogueOptions;

/// Prints the metrics whose service begins with the prefix.
///
/// # Errors
/// When stdout cannot be written, or nothing begins so.
pub(crate) fn run(options: &CatalogueOptions) -> anyhow::Result<ExitCode> {
    let prefix = options.prefix.as_deref().unwrap_or_default();
    let metrics: Vec<&Metric> = catalogue::metrics().filter(|metric| service(metric).starts_with(prefix)).collect();
    if metrics.is_empty() {
        anyhow::bail!("no metric begins with `{prefix}`; `skep catalogue` lists them all");
    }
    match print(&metrics, options.json) {
        // `skep catalogue | head` closes the pipe early: that is no failure.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        printed => Ok(printed.map(|()| ExitCode::SUCCESS)?),
    }
}

fn service(metric: &Metric) -> String {
    event::Name::plain(metric.measurement, metric.field).to_string()
}

fn print(metrics: &[&Metric], as_json: bool) -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    if as_json {
        let all: Vec<_> = metrics.iter().map(|metric| value(metric)).collect();
        writeln!(out, "{}", serde_json::Value::from(all))?;
    } else {
        let width = metrics.iter().map(|metric| service(metric).len()).max().unwrap_or_default();
        for metric in metrics {
            writeln!(out, "{:width$}  {:8}  {}", service(metric), metric.unit.name(), metric.about)?;
        }
    }
    out.flush()
}

fn value(metric: &Metric) -> serde_json::Value {
    json!({
        "measurement": metric.measurement,
        "field": metric.field,
        "unit": metric.unit.name(),
        "kind": metric.kind.name(),
        "attributes": metric.attributes,
        "about": metric.about,
    })
}
