//! `skep collect`: samples this node and sends to a processor.

use std::fmt::Display;
use std::process::ExitCode;

use anyhow::Context as _;
use processor::config::Secrets;
use transport::Publish;
use transport::client::{Client, Settings};

use crate::cli::CollectOptions;
use crate::collect_http;
use crate::configured::{self, Refused};
use crate::last_samples::LastSamples;
use crate::process::say_ready;
use crate::sampling::Sampling;
use crate::signals::Signals;

/// Where a processor on this machine listens.
const USUAL_PROCESSOR: &str = "127.0.0.1:5555";

/// Runs until it is asked to end.
///
/// # Errors
/// When it cannot start.
pub(crate) fn run(options: &CollectOptions) -> anyhow::Result<ExitCode> {
    configured::conclude(start(options))
}

fn start(options: &CollectOptions) -> Result<ExitCode, Refused> {
    let settings = configured::settings(&options.common, Secrets::Unread)?;
    let to = targets(&options.to, &settings.collector.to);
    let backlog = configured::backlog(&settings, options.data_dir.as_deref());
    let client = Client::start(Settings { backlog, ..Settings::to(to.clone()) }).context("could not start the sending thread")?;
    let sampled = configured::collector(&settings, &options.collecting)?;
    let host = sampled.host_name();
    let mut publish: Box<dyn Publish> = Box::new(client);
    let http = match options.http.or(settings.collector.http) {
        Some(address) => {
            let last = LastSamples::default();
            publish = last.beside(publish, host.clone());
            Some(collect_http::serve(address, host.clone(), last)?)
        }
        None => None,
    };
    let sampling = Sampling::start(sampled, publish)?;
    let signals = Signals::install()?;
    say_ready(&[("http", http.as_ref().map(|address| address as &dyn Display)), ("to", Some(&to.join(",")))])?;
    tracing::info!("watching {host} each {}, sending to {}", settings.collector.interval, to.join(", "));
    let code = signals.wait(None)?;
    sampling.stop();
    Ok(code)
}

fn targets(flags: &[String], file: &[String]) -> Vec<String> {
    let named = if flags.is_empty() { file } else { flags };
    if named.is_empty() { vec![USUAL_PROCESSOR.to_owned()] } else { named.to_vec() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_win_over_the_file_and_without_both_it_is_the_processor_on_this_machine() {
        let (flag, file) = (vec!["a:1".to_owned()], vec!["b:2".to_owned()]);
        assert_eq!(targets(&flag, &file), flag);
        assert_eq!(targets(&[], &file), file);
        assert_eq!(targets(&[], &[]), [USUAL_PROCESSOR]);
    }
}
