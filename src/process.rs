//! `skep process`: takes events; rules, store, InfluxDB and page.

use std::fmt::Display;
use std::io::Write as _;
use std::process::ExitCode;

use anyhow::Context as _;
use processor::config::Secrets;

use crate::cli::ProcessOptions;
use crate::configured::{self, Refused};
use crate::node;
use crate::rules::{Rules, Start};
use crate::signals::Signals;

/// Runs until it is asked to end.
///
/// # Errors
/// When it cannot start.
pub(crate) fn run(options: &ProcessOptions) -> anyhow::Result<ExitCode> {
    configured::conclude(start(options))
}

fn start(options: &ProcessOptions) -> Result<ExitCode, Refused> {
    let settings = configured::settings(&options.common, Secrets::Needed)?;
    let Start { plan, read, watch } = Start::read(configured::rule_folders(&settings, &options.processing), &settings, Secrets::Needed)?;
    let n_rules = plan.rules.alerts().count();
    let host = node::name(settings.collector.host.clone());
    let ready = configured::processor(&settings, &options.common, &options.processing, host)?;
    let data_dir = ready.data_dir.clone();
    let handle = processor::run::start(ready, plan, read).map_err(anyhow::Error::from)?;
    let signals = Signals::install()?;
    say_ready(&addresses(&handle))?;
    tracing::info!("{n_rules} alert rules; data in {}; page on http://{}/", data_dir.display(), handle.http);
    let code = signals.wait(Some(Rules::follow(watch, handle.reloader())))?;
    handle.stop();
    Ok(code)
}

/// All addresses of a processor.
pub(crate) fn addresses(handle: &processor::run::Handle) -> Vec<(&str, Option<&dyn Display>)> {
    let mut all: Vec<(&str, Option<&dyn Display>)> = vec![("http", Some(&handle.http))];
    all.push(("riemann", handle.riemann.as_ref().map(|address| address as &dyn Display)));
    all.extend(handle.further.iter().map(|(name, address)| (*name, Some(address as &dyn Display))));
    all
}

/// The one line on stdout that scripts wait for; names without an address are left out.
///
/// # Errors
/// When stdout cannot be written.
pub(crate) fn say_ready(addresses: &[(&str, Option<&dyn Display>)]) -> anyhow::Result<()> {
    let word = |(key, address): &(&str, Option<&dyn Display>)| address.map(|address| format!("{key}={address}"));
    let words: Vec<String> = addresses.iter().filter_map(word).collect();
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", words.join(" ")).and_then(|()| out.flush()).context("could not write to stdout")
}
