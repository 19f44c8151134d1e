//! `skep registrar`: keeps a Consul agent in step with the containers of this node.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use collector::consul::{Options, Registrar, Settings, Watch, Watching, once};
use transport::client::{self, Client};

use crate::cli::{CheckKind, RegistrarOptions};
use crate::node;
use crate::process::say_ready;
use crate::signals::Signals;

/// The agent must not take a service for dead because one word came late.
const RESYNCS_A_TTL: u64 = 3;

/// Runs until it is asked to end, or once.
///
/// # Errors
/// When it cannot start; with `--once` and `--dry-run` also when dockerd or Consul does not answer.
pub(crate) fn run(options: &RegistrarOptions) -> anyhow::Result<ExitCode> {
    let settings = settings(options)?;
    if options.once || options.dry_run {
        return at_once(settings, options);
    }
    let (consul, node) = (settings.consul.clone(), settings.options.node.clone());
    let signals = Signals::install()?;
    let watch = watch(&settings, options)?;
    let registrar = Registrar::start(settings).context("could not start the registrar's thread")?;
    say_ready(&[("consul", Some(&consul)), ("node", Some(&node))])?;
    let code = signals.wait(None)?;
    drop(registrar);
    drop(watch);
    Ok(code)
}

/// Tells how Consul does, where somebody is to be told.
fn watch(settings: &Settings, options: &RegistrarOptions) -> anyhow::Result<Option<Watch>> {
    // An empty one is a variable of a stack file that nobody has set.
    let to: Vec<String> = options.to.iter().filter(|address| !address.is_empty()).cloned().collect();
    if to.is_empty() {
        return Ok(None);
    }
    let client = Client::start(client::Settings::to(to)).context("could not start the sending thread")?;
    let watching = Watching {
        consul: settings.consul.clone(),
        token: settings.token.clone(),
        node: settings.options.node.clone(),
        every: settings.resync,
        always_whole: options.whole,
    };
    Watch::start(watching, Box::new(client)).map(Some).context("could not start the thread that asks Consul")
}

#[expect(clippy::print_stdout, reason = "what is done, or would be, is what was asked for")]
fn at_once(settings: Settings, options: &RegistrarOptions) -> anyhow::Result<ExitCode> {
    let turn = once(settings, !options.dry_run)?;
    for change in &turn.changes {
        println!("{change}");
    }
    if !turn.refused.is_empty() {
        bail!("{}", turn.refused.join("\n"));
    }
    if turn.changes.is_empty() {
        println!("nothing to do");
    }
    Ok(ExitCode::SUCCESS)
}

fn settings(options: &RegistrarOptions) -> anyhow::Result<Settings> {
    let (ttl, resync) = (options.ttl.to_std().as_secs(), options.resync.to_std());
    if ttl < resync.as_secs().saturating_mul(RESYNCS_A_TTL) {
        bail!("--ttl {} is less than three times --resync {}: services would be critical between two looks", options.ttl, options.resync);
    }
    if !options.consul.starts_with("http://") && !options.consul.starts_with("https://") {
        bail!("--consul `{}` is not a URL; write http://HOST:8500", options.consul);
    }
    Ok(Settings {
        socket: options.docker.clone(),
        consul: options.consul.clone(),
        token: options.token_file.as_deref().map(token).transpose()?,
        resync,
        options: Options {
            node: node::name(options.node.clone()),
            address: options.address,
            agent_address: None,
            network: options.network.clone(),
            explicit: options.explicit,
            tags: options.tags.clone(),
            tcp: options.check == CheckKind::Tcp,
            ttl,
            forget_after: options.forget_after.to_std().as_secs(),
        },
    })
}

fn token(file: &Path) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(file).with_context(|| format!("could not read {} (--token-file)", file.display()))?;
    let token = text.trim();
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        bail!("{} (--token-file) holds no token; one line is read", file.display());
    }
    Ok(token.to_owned())
}
