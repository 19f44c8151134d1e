//! `skep query`: what the index of a running skep holds.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use event::printable;
use serde_json::Value;
use transport::percent::encode;

use crate::cli::QueryOptions;
use crate::{client, configured};

/// The query is wrong, or nobody answered.
const NO_ANSWER: u8 = 2;

/// Asks and prints.
///
/// # Errors
/// When stdout cannot be written.
pub(crate) fn run(options: &QueryOptions) -> anyhow::Result<ExitCode> {
    let events = match ask(options) {
        Ok(events) => events,
        Err(error) => {
            crate::logging::failure(&error);
            return Ok(ExitCode::from(NO_ANSWER));
        }
    };
    match print(options, &events) {
        // `skep query … | head` closes the pipe early: that is no failure.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        printed => printed.context("could not print the events")?,
    }
    Ok(ExitCode::SUCCESS)
}

fn ask(options: &QueryOptions) -> anyhow::Result<Vec<Value>> {
    // The place of a mistake is known here already; a server of another version has the last word.
    if let Err(mistakes) = engine::query::Query::parse(&options.query) {
        bail!("the query is wrong\n{}", processor::config::report_query(&options.query, &mistakes).trim_end());
    }
    configured::warn(&processor::config::doubt_query(&options.query));
    let answer = client::get(&options.target.url, &format!("/api/v1/index?query={}", encode(&options.query)))?;
    if !answer.status.is_success() {
        bail!("{} answered {}: {}", options.target.url, answer.status, String::from_utf8_lossy(&answer.body).trim());
    }
    serde_json::from_slice(&answer.body).with_context(|| format!("{} did not answer with JSON", options.target.url))
}

fn print(options: &QueryOptions, events: &[Value]) -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    if options.json {
        for event in events {
            writeln!(out, "{event}")?;
        }
    } else {
        table(&mut out, events)?;
    }
    out.flush()
}

fn table(out: &mut impl Write, events: &[Value]) -> io::Result<()> {
    let mut rows: Vec<[String; 4]> =
        events.iter().map(|event| ["host", "service", "state", "metric"].map(|key| text(event, key))).collect();
    rows.sort();
    let mut widths = [4, 7, 5];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let [host, service, state] = widths;
    if !rows.is_empty() {
        writeln!(out, "{:host$}  {:service$}  {:state$}  METRIC", "HOST", "SERVICE", "STATE")?;
    }
    for [a, b, c, d] in &rows {
        writeln!(out, "{a:host$}  {b:service$}  {c:state$}  {d}")?;
    }
    Ok(())
}

fn text(event: &Value, key: &str) -> String {
    match event.get(key) {
        None | Some(Value::Null) => "-".to_owned(),
        Some(Value::String(text)) => printable(text).into_owned(),
        Some(other) => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn events_stand_in_columns_sorted_by_host_and_service() {
        let events =
            [json!({"host": "b", "service": "load", "metric": 1.5}), json!({"host": "a", "service": "cpu/usage_active", "state": "ok"})];
        let mut out = Vec::new();
        table(&mut out, &events).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, "HOST  SERVICE           STATE  METRIC\na     cpu/usage_active  ok     -\nb     load              -      1.5\n");
    }
}
