//! `skep export`: what the store of a running skep keeps, as line protocol or CSV.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::anyhow;
use event::{Duration, Timestamp};
use serde_json::Value;

use crate::cli::{ExportOptions, Shape};
use crate::clock;
use crate::history::{Source, Wanted};
use crate::progress::Progress;

/// Seconds that are asked for at once, unless the answer would be too long.
const STEP: i64 = 300;

/// Writes all there is.
///
/// # Errors
/// Nobody answers, a time that is none, or stdout cannot be written.
pub(crate) fn run(options: &ExportOptions) -> anyhow::Result<ExitCode> {
    match all(options) {
        // `skep export | head` closes the pipe early: that is no failure.
        Err(error) if error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe) => {}
        done => done?,
    }
    Ok(ExitCode::SUCCESS)
}

fn all(options: &ExportOptions) -> anyhow::Result<()> {
    let to = options.to.as_deref().map_or_else(|| Ok(clock::now()), time)?;
    let from = match &options.from {
        Some(text) => time(text)?,
        None => to - Duration::parse(&options.last).map_err(|_| anyhow!("`{}` is no duration; write 30m or 2h", options.last))?,
    };
    let source = Source::of_skep(&options.target.url);
    let names = if options.measurement.is_empty() { source.measurements()? } else { options.measurement.clone() };
    let (from, to) = (from.secs(), to.secs());
    let steps = (to - from).max(0).unsigned_abs().div_ceil(STEP.unsigned_abs());
    let mut progress = Progress::new("export", steps * names.len() as u64);
    let mut out = io::BufWriter::new(io::stdout().lock());
    if options.format == Shape::Csv {
        writeln!(out, "time,measurement,tags,field,value")?;
    }
    let mut done = 0;
    for at in (from..to).step_by(STEP as usize) {
        for name in &names {
            let wanted = Wanted { measurement: name, host: None, from: at, to: (at + STEP).min(to) };
            source.stretch(&wanted, &mut |series| write(series, options.format, &mut out))?;
            done += 1;
            progress.at(done);
        }
    }
    out.flush()?;
    progress.end();
    Ok(())
}

fn time(text: &str) -> anyhow::Result<Timestamp> {
    Timestamp::parse(text).map_err(|_| anyhow!("`{text}` is no time; write it like 2026-12-01T08:00:00Z"))
}

fn write(series: &Value, shape: Shape, out: &mut impl Write) -> anyhow::Result<()> {
    let name = series.get("name").and_then(Value::as_str).unwrap_or_default();
    let tags: Vec<(&str, &str)> = match series.get("tags").and_then(Value::as_object) {
        Some(tags) => tags.iter().filter_map(|(key, value)| Some((key.as_str(), value.as_str()?))).collect(),
        None => Vec::new(),
    };
    let columns: Vec<&str> = series.get("columns").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let mut head = Vec::new();
    event::line::head(&mut head, name, &tags);
    for row in series.get("values").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_array) {
        let Some((time, cells)) = row.split_first() else { continue };
        let fields = columns.iter().skip(1).zip(cells).filter(|(_, cell)| cell.is_number());
        match shape {
            Shape::Lines => line(&head, fields, time, out)?,
            Shape::Csv => {
                let tags: Vec<String> =
                    tags.iter().filter(|(_, value)| !value.is_empty()).map(|(key, value)| format!("{key}={value}")).collect();
                for (field, cell) in fields {
                    writeln!(out, "{time},{},{},{},{cell}", cell_of(name), cell_of(&tags.join(";")), cell_of(field))?;
                }
            }
        }
    }
    Ok(())
}

fn line<'a>(head: &[u8], fields: impl Iterator<Item = (&'a &'a str, &'a Value)>, time: &Value, out: &mut impl Write) -> io::Result<()> {
    let mut line = head.to_vec();
    let mut before = b' ';
    for (field, cell) in fields {
        line.push(before);
        event::line::key(&mut line, field);
        let whole = if cell.is_i64() { "i" } else { "" };
        line.extend_from_slice(format!("={cell}{whole}").as_bytes());
        before = b',';
    }
    if before == b' ' {
        return Ok(());
    }
    out.write_all(&line)?;
    writeln!(out, " {time}")
}

/// Quoted where it holds what stands between cells.
fn cell_of(text: &str) -> String {
    if text.contains([',', '"', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(shape: Shape, expected: &str) {
        let series = json!({
            "name": "my cpu", "tags": { "host": "a,b", "rack": "" }, "columns": ["time", "idle", "n", "none"],
            "values": [[7, 1.5, 3, null], [8, null, null, null]],
        });
        let mut out = Vec::new();
        write(&series, shape, &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn rows_become_lines_or_cells() {
        check(Shape::Lines, "my\\ cpu,host=a\\,b idle=1.5,n=3i 7\n");
        check(Shape::Csv, "7,my cpu,\"host=a,b\",idle,1.5\n7,my cpu,\"host=a,b\",n,3\n");
    }
}
