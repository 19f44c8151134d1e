//! `skep health`: is it ready?

use std::process::ExitCode;

use crate::cli::HealthOptions;
use crate::client;

/// Asks `/healthz`.
///
/// # Errors
/// When nobody answers.
pub(crate) fn run(options: &HealthOptions) -> anyhow::Result<ExitCode> {
    let answer = client::get(&options.target.url, "/healthz")?;
    if answer.status.is_success() {
        return Ok(ExitCode::SUCCESS);
    }
    anyhow::bail!("{} is not ready: it answered {}", options.target.url, answer.status)
}
