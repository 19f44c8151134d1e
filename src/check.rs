//! `skep check`: every mistake in rules and settings.

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use processor::config::{self, Report};

use crate::cli::{CheckOptions, Format};
use crate::configured::MISTAKES;

/// There are warnings, and `--strict` was said.
const WARNINGS: u8 = 1;

/// Prints what is wrong.
///
/// # Errors
/// When stdout cannot be written.
pub(crate) fn run(options: &CheckOptions) -> anyhow::Result<ExitCode> {
    let report = config::check(&options.paths);
    let mut out = io::stdout().lock();
    match options.format {
        Format::Json => writeln!(out, "{}", report.json())?,
        Format::Text => {
            let colour = io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
            write!(out, "{}", report.text(colour))?;
            writeln!(out, "{}", summary(&report))?;
        }
    }
    Ok(exit_code(&report, options.strict))
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
