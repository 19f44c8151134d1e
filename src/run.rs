//! x
use std::process::ExitCode;
pub(crate) fn run<T>(_: &T) -> anyhow::Result<ExitCode> {
    Ok(ExitCode::SUCCESS)
}
