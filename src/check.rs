//! `skep check`: every mistake in rules and settings, and what a running skep's index has for them.

mod live;

use std::io::{self, IsTerminal as _, Write};
use std::process::ExitCode;

use anyhow::Context as _;
use processor::config::{self, Asked, Found, Report};

use crate::cli::{CheckOptions, Format};
use crate::configured::MISTAKES;

/// There are warnings, and `--strict` was said.
const WARNINGS: u8 = 1;

/// Prints what is wrong.
///
/// # Errors
/// When stdout cannot be written.
pub(crate) fn run(options: &CheckOptions) -> anyhow::Result<ExitCode> {
    if options.schema {
        return print(&format!("{}\n", config::schema()));
    }
    let (mut report, asked) = config::check_and_ask(&options.paths);
    let (mut found, mut unanswered) = (Vec::new(), None);
    if let Some(url) = &options.live {
        match live::ask(url, asked) {
            Ok((answers, held)) => {
                report.check_held(&answers, &held);
                found = answers;
            }
            Err(error) => unanswered = Some(error),
        }
    }
    let mut out = io::stdout().lock();
    match options.format {
        Format::Json => writeln!(out, "{}", report.json())?,
        Format::Text => {
            let colour = io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
            write!(out, "{}", report.text(colour))?;
            table(&mut out, &found)?;
            // Nobody can say that all is well who was not answered.
            if unanswered.is_none() || report.n_errors() + report.n_warnings() > 0 {
                writeln!(out, "{}", summary(&report))?;
            }
        }
    }
    // What the files alone tell was told all the same.
    if let Some(error) = unanswered {
        crate::logging::failure(&error);
        return Ok(ExitCode::from(MISTAKES));
    }
    Ok(exit_code(&report, options.strict))
}

fn print(text: &str) -> anyhow::Result<ExitCode> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        // `skep check --schema | head` closes the pipe early: that is no failure.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        printed => printed.context("could not print")?,
    }
    Ok(ExitCode::SUCCESS)
}

/// How many events and instances each rule has now.
fn table(out: &mut impl Write, found: &[(Asked, Found)]) -> io::Result<()> {
    let Some(width) = found.iter().map(|(asked, _)| asked.what.chars().count()).max() else { return Ok(()) };
    writeln!(out, "{:width$}  EVENTS  INSTANCES", "NOW")?;
    for (asked, found) in found {
        let instances =
            if asked.by.is_empty() && asked.what.starts_with("stream") { "-".to_owned() } else { found.n_instances.to_string() };
        writeln!(out, "{:width$}  {:>6}  {instances:>9}", asked.what, found.n_events)?;
    }
    writeln!(out)
}

fn exit_code(report: &Report, strict: bool) -> ExitCode {
    if report.n_errors() > 0 {
        ExitCode::from(MISTAKES)
    } else if strict && report.n_warnings() > 0 {
        ExitCode::from(WARNINGS)
    } else {
        ExitCode::SUCCESS
    }
}

fn summary(report: &Report) -> String {
    let count = |n: usize, one: &str| if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") };
    match (report.n_errors(), report.n_warnings()) {
        (0, 0) => "all is well".to_owned(),
        (errors, warnings) => format!("{}, {}", count(errors, "error"), count(warnings, "warning")),
    }
}
