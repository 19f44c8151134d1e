//! `skep completions SHELL`

use std::process::ExitCode;

use clap::CommandFactory as _;

use crate::cli::{Cli, CompletionsOptions};

/// Prints the completions.
///
/// # Errors
/// Never.
pub(crate) fn run(options: &CompletionsOptions) -> anyhow::Result<ExitCode> {
    clap_complete::generate(options.shell, &mut Cli::command(), "skep", &mut std::io::stdout());
    Ok(ExitCode::SUCCESS)
}
