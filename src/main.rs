//! skep: see your Docker Swarm. One binary, whose subcommands are its roles.

mod catalogue;
mod check;
mod cli;
mod client;
mod clock;
mod collect;
mod collect_http;
mod collectd;
mod completions;
mod configured;
mod explain;
mod export;
mod health;
mod history;
mod host_root;
mod import;
mod influx;
mod influx_url;
mod last_samples;
mod logging;
mod node;
mod notify_test;
mod process;
mod progress;
mod query;
mod quiet;
mod record;
mod registrar;
mod replay;
mod rules;
mod run;
mod sampling;
mod signals;
mod test;
mod top;

use std::process::ExitCode;

use cli::{Cli, Command};

/// Everything that went wrong and is no matter of the command's own exit codes.
const FAILED: u8 = 1;

fn main() -> ExitCode {
    let cli = Cli::read(std::env::args_os()).unwrap_or_else(|error| error.exit());
    logging::start(&cli.log);
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        tracing::warn!("a TLS provider was installed already; going on with that one");
    }
    match carry_out(cli.command.unwrap_or_default()) {
        Ok(code) => code,
        Err(error) => {
            logging::failure(&error);
            ExitCode::from(FAILED)
        }
    }
}

fn carry_out(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Run(options) => run::run(&options),
        Command::Process(options) => process::run(&options),
        Command::Collect(options) => collect::run(&options),
        Command::Registrar(options) => registrar::run(&options),
        Command::Query(options) => query::run(&options),
        Command::Top(options) => top::run(&options),
        Command::Silence(options) => quiet::silence(&options),
        Command::Disable(options) => quiet::disable(&options),
        Command::Enable(options) => quiet::enable(&options),
        Command::Ack(options) => quiet::acknowledge(&options),
        Command::Check(options) => check::run(&options),
        Command::Explain(options) => explain::run(&options),
        Command::Test(options) => test::run(&options),
        Command::NotifyTest(options) => notify_test::run(&options),
        Command::Export(options) => export::run(&options),
        Command::Import(options) => import::run(&options),
        Command::Influx(options) => influx::run(&options),
        Command::Doctor(options) => influx::doctor(&options),
        Command::Catalogue(options) => catalogue::run(&options),
        Command::Record(options) => record::run(&options),
        Command::Replay(options) => replay::run(&options),
        Command::Health(options) => health::run(&options),
        Command::Completions(options) => completions::run(&options),
    }
}
