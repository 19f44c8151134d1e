//! `skep run`: collector and processor in one process, over the same path as between two machines.

use std::process::ExitCode;
use std::time::Duration;

use processor::config::Secrets;
use transport::publish::InProcess;

use crate::cli::RunOptions;
use crate::configured::{self, Refused};
use crate::node;
use crate::process::{addresses, say_ready};
use crate::rules::{Rules, Start};
use crate::sampling::Sampling;
use crate::signals::Signals;

/// How long a turn's samples may wait for room in the engine's queue; then they are dropped and counted.
const PATIENCE: Duration = Duration::from_millis(500);

/// Runs until it is asked to end.
///
/// # Errors
/// When it cannot start.
pub(crate) fn run(options: &RunOptions) -> anyhow::Result<ExitCode> {
    configured::conclude(start(options))
}

fn start(options: &RunOptions) -> Result<ExitCode, Refused> {
    let settings = configured::settings(&options.common, Secrets::Needed)?;
    let Start { plan, read, watch } = Start::read(configured::rule_folders(&settings, &options.processing), &settings, Secrets::Needed)?;
    let n_rules = plan.rules.alerts().count();
    let host = node::name(settings.collector.host.clone());
    let ready = configured::processor(&settings, &options.common, &options.processing, host.clone())?;
    let data_dir = ready.data_dir.clone();
    // Before anything is started: files that it names may not be readable.
    let sampled = configured::collector(&settings, &options.collecting)?;
    let handle = processor::run::start(ready, plan, read).map_err(anyhow::Error::from)?;
    let publish = Box::new(InProcess::new(handle.ingest.clone(), PATIENCE));
    let sampling = Sampling::start(sampled, publish)?;
    let signals = Signals::install()?;
    say_ready(&addresses(&handle))?;
    tracing::info!("watching {host} each {}, {n_rules} alert rules, data in {}", settings.collector.interval, data_dir.display());
    tracing::info!("open http://{}/ or ask: skep query 'service =~ \"cpu/%\"' --url http://{}", handle.http, handle.http);
    let code = signals.wait(Some(Rules::follow(watch, handle.reloader())))?;
    sampling.stop();
    handle.stop();
    Ok(code)
}
