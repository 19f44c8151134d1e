//! SIGTERM and Ctrl-C: the first asks for an orderly end, the second ends at once.

use std::process::ExitCode;

use tokio::signal::unix::{SignalKind, signal};

/// What a shell reports for a program that Ctrl-C ended.
const INTERRUPTED: i32 = 130;

/// Waits until the process is asked to end.
///
/// # Errors
/// When the handlers cannot be installed.
pub(crate) fn wait() -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let name = runtime.block_on(next())?;
    tracing::info!("{name}: writing what is still held, then ending; once more ends at once");
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        if runtime.block_on(next()).is_ok() {
            std::process::exit(INTERRUPTED);
        }
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Returns when the process is asked to end, or cannot hear of it.
pub(crate) async fn requested() {
    if let Err(error) = next().await {
        tracing::warn!(%error, "signals are not heard");
    }
}

async fn next() -> std::io::Result<&'static str> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => Ok("SIGTERM"),
        _ = interrupt.recv() => Ok("Ctrl-C"),
    }
}
