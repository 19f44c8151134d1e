//! The command line: every subcommand, every flag, the words of `--help`.

mod carry;
mod influx;
mod quiet;
mod registrar;
mod rules;
mod top;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub(crate) use carry::{ExportOptions, ImportOptions, Shape};
pub(crate) use influx::{DoctorOptions, InfluxAction, InfluxOptions, Server, SetupOptions};
pub(crate) use quiet::{AckOptions, Changing, DisableOptions, EnableOptions, SilenceAction, SilenceOptions};
pub(crate) use registrar::{CheckKind, RegistrarOptions};
pub(crate) use rules::{CheckOptions, ExplainOptions, Format, RecordOptions, ReplayOptions, TestOptions};
pub(crate) use top::TopOptions;

/// See your Docker Swarm: nodes, containers, alerts and history in one small binary.
///
/// Without a subcommand, `skep run` watches this machine: it samples the host and its containers each second,
/// runs the alert rules, keeps history in a folder, and serves a page on http://127.0.0.1:5556/.
/// Its flags may then be given directly: `skep --data-dir DIR`.
#[derive(Debug, Parser)]
#[command(name = "skep", version = env!("SKEP_VERSION"), after_help = EXAMPLES, max_term_width = 100)]
pub(crate) struct Cli {
    /// What to do; `run` when nothing is said.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,

    /// How much to log: error, warn, info, debug, trace, or a filter like `processor=debug`.
    #[arg(long, global = true, env = "SKEP_LOG", default_value = "info", value_name = "LEVEL")]
    pub(crate) log: String,
}

impl Cli {
    /// Reads a command line, the program's name first; flags without a subcommand are those of `run`.
    ///
    /// # Errors
    /// What is wrong with it, or the text of `--help` and `--version`.
    pub(crate) fn read(line: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        Self::try_parse_from(with_default(line.into_iter().collect()))
    }
}

/// Puts `run` before the first flag that no subcommand stands before. (clap could hold the flags of `run` at the top
/// as well, but would then refuse `skep --log debug query …`.)
fn with_default(mut line: Vec<OsString>) -> Vec<OsString> {
    let mut at = 1;
    while let Some(word) = line.get(at).and_then(|word| word.to_str()) {
        match word {
            "--log" => at += 2,
            _ if word.starts_with("--log=") => at += 1,
            "-h" | "--help" | "-V" | "--version" => break,
            _ if word.starts_with('-') => {
                line.insert(at, "run".into());
                break;
            }
            _ => break,
        }
    }
    line
}

const EXAMPLES: &str = "\
Examples:
  skep                                            watch this machine, page on http://127.0.0.1:5556/
  skep top                                        the same in a terminal
  skep query 'service =~ \"cpu/%\"'                 what the index holds about the processor
  skep query 'service =~ \"alert/%\"' --json        alert instances, one JSON event a line
  skep check my-rules/                            find every mistake in rules and settings
  skep test my-rules/                             run the tests that stand beside the rules
  skep process --influx http://db:8086?db=swarm   rules, store and page, points to InfluxDB
  skep collect --to processor:5555                sample this node and send to a processor";

/// The roles and tools.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Watch this machine: collector, rules, store and page in one process (the default)
    Run(RunOptions),
    /// Take events from collectors and Riemann clients: rules, store, InfluxDB, page
    Process(ProcessOptions),
    /// Sample this node and its containers, and send to a processor
    Collect(CollectOptions),
    /// Keep a Consul agent in step with the containers of this node and the services of the swarm
    Registrar(RegistrarOptions),
    /// Ask a running skep what its index holds
    Query(QueryOptions),
    /// See nodes, services, containers and alerts in a terminal
    Top(TopOptions),
    /// Hold back the messages of some alerts for a while, or in the same hours each week
    Silence(SilenceOptions),
    /// Hold back all messages of an alert until it is enabled again
    Disable(DisableOptions),
    /// Let a disabled alert tell again
    Enable(EnableOptions),
    /// Say that somebody looks after an open alert: no more reminders until it ends or rises
    Ack(AckOptions),
    /// Find every mistake in rules and settings, without starting anything
    Check(CheckOptions),
    /// Say in plain words what an alert does, and why its instances are open or not
    Explain(ExplainOptions),
    /// Run the tests of rule files, on simulated time
    Test(TestOptions),
    /// Send a message through a notifier, to see whether it arrives
    NotifyTest(NotifyTestOptions),
    /// Write what a running skep is given into a file, for `skep replay`
    Record(RecordOptions),
    /// Run a recording, or what the store or an InfluxDB 1 holds, through rules, on simulated time, and print what comes of it
    Replay(ReplayOptions),
    /// Write what the store of a running skep keeps as line protocol or CSV
    Export(ExportOptions),
    /// Bring a file of line protocol into a running skep, past its rules
    Import(ImportOptions),
    /// Make an InfluxDB ready for skep
    Influx(InfluxOptions),
    /// Look whether the InfluxDB takes points, and what it says of itself
    Doctor(DoctorOptions),
    /// List every metric with its unit, kind and meaning
    Catalogue(CatalogueOptions),
    /// Ask a running skep whether it is ready; for container health checks
    Health(HealthOptions),
    /// Print completions for a shell
    Completions(CompletionsOptions),
}

impl Default for Command {
    fn default() -> Self {
        Self::Run(RunOptions::default())
    }
}

/// Where the settings come from; flags win over the file.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Common {
    /// Settings file (skep.yaml); every setting has a default, so none is needed
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

/// What a processor listens on, writes to and judges by.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Processing {
    /// Folder of rule files, over the stock rules; may be given several times
    #[arg(long, value_name = "DIR")]
    pub(crate) rules: Vec<PathBuf>,

    /// Folder for journal, store and spool [default: $XDG_STATE_HOME/skep, /var/lib/skep for root]
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,

    /// Address of the page and the HTTP API; port 0 takes a free one [default: 127.0.0.1:5556]
    #[arg(long, value_name = "ADDR")]
    pub(crate) http: Option<SocketAddr>,

    /// Address for Riemann's protocol, TCP and UDP; port 0 takes a free one [default: 127.0.0.1:5555]
    #[arg(long, value_name = "ADDR")]
    pub(crate) riemann: Option<SocketAddr>,

    /// InfluxDB to write to: http://USER@HOST:8086?db=NAME (1.x), http://HOST:8086?org=ORG&bucket=BUCKET (2.x)
    #[arg(long, value_name = "URL")]
    pub(crate) influx: Option<String>,

    /// Listen beyond loopback without a token
    #[arg(long)]
    pub(crate) insecure: bool,

    /// No pages and no API: only /metrics, health, and the paths of Riemann and InfluxDB
    #[arg(long = "web.off")]
    pub(crate) web_off: bool,

    /// Nothing is silenced, disabled, acknowledged or reloaded by pages and API
    #[arg(long = "web.read-only")]
    pub(crate) web_read_only: bool,
}

/// What a collector samples.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Collecting {
    /// Where the host's file system is mounted when skep runs in a container, as in `-v /:/host:ro`
    #[arg(long, value_name = "DIR", env = "SKEP_HOST_ROOT")]
    pub(crate) host_root: Option<PathBuf>,
}

/// `skep run`
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct RunOptions {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(flatten)]
    pub(crate) processing: Processing,
    #[command(flatten)]
    pub(crate) collecting: Collecting,
}

/// `skep process`
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct ProcessOptions {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(flatten)]
    pub(crate) processing: Processing,
}

/// `skep collect`
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct CollectOptions {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(flatten)]
    pub(crate) collecting: Collecting,

    /// Processor to send to, HOST:PORT of its Riemann listener; several are tried in turn [default: 127.0.0.1:5555]
    #[arg(long, value_name = "ADDR", value_parser = target)]
    pub(crate) to: Vec<String>,

    /// Folder for the backlog, which keeps samples while the processor is away
    /// [default: $XDG_STATE_HOME/skep, /var/lib/skep for root]
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,

    /// Address for `/healthz`; not opened unless asked for
    #[arg(long, value_name = "ADDR")]
    pub(crate) http: Option<SocketAddr>,
}

/// `skep notify-test`
#[derive(Args, Clone, Debug)]
pub(crate) struct NotifyTestOptions {
    #[command(flatten)]
    pub(crate) common: Common,

    /// The notifier's name in the rules
    pub(crate) name: String,

    /// Folder of rule files; may be given several times [default: processor.rules of the settings]
    #[arg(long, value_name = "DIR")]
    pub(crate) rules: Vec<PathBuf>,
}

/// Where a running skep answers.
#[derive(Args, Clone, Debug)]
pub(crate) struct Target {
    /// The running skep; http://USER:PASSWORD@HOST:PORT where it asks who you are, or a token in the environment's SKEP_TOKEN
    #[arg(long, env = "SKEP_URL", default_value = "http://127.0.0.1:5556", value_name = "URL")]
    pub(crate) url: String,
}

/// `skep query`
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
The language is Riemann's: fields host service state description metric time ttl, any attribute, and
  = != < > <= >=   =~ \"like %\"   ~= \"regex\"   tagged \"x\"   and or not ( )

Exit code: 0 when there was an answer, an empty one too, 2 for a bad query or no answer.")]
pub(crate) struct QueryOptions {
    /// Which events, in Riemann's query language: 'service =~ "cpu/%" and metric > 90'
    pub(crate) query: String,

    #[command(flatten)]
    pub(crate) target: Target,

    /// One JSON event a line
    #[arg(long)]
    pub(crate) json: bool,
}

/// `skep catalogue`
#[derive(Args, Clone, Debug)]
pub(crate) struct CatalogueOptions {
    /// Only metrics whose service begins so: `mem`, `docker_container_mem/usage`
    pub(crate) prefix: Option<String>,

    /// One JSON array
    #[arg(long)]
    pub(crate) json: bool,
}

/// `skep health`
#[derive(Args, Clone, Debug)]
#[command(after_help = "Exit code: 0 when ready, 1 otherwise.")]
pub(crate) struct HealthOptions {
    #[command(flatten)]
    pub(crate) target: Target,
}

/// `skep completions`
#[derive(Args, Clone, Debug)]
pub(crate) struct CompletionsOptions {
    /// For which shell
    pub(crate) shell: clap_complete::Shell,
}

/// HOST:PORT, as the settings have it.
fn target(text: &str) -> Result<String, String> {
    if processor::config::is_target(text) { Ok(text.to_owned()) } else { Err("write HOST:PORT, as in processor:5555".to_owned()) }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_holds_no_contradiction() {
        Cli::command().debug_assert();
    }
    #[track_caller]
    fn check_read(line: &[&str], expected: &[&str]) {
        let line = line.iter().map(OsString::from).collect();
        assert_eq!(with_default(line), expected.iter().map(OsString::from).collect::<Vec<_>>());
    }

    #[test]
    fn flags_without_a_subcommand_are_those_of_run() {
        check_read(&["skep"], &["skep"]);
        check_read(&["skep", "--data-dir", "d"], &["skep", "run", "--data-dir", "d"]);
        check_read(&["skep", "--log", "debug", "--log=info", "--insecure"], &["skep", "--log", "debug", "--log=info", "run", "--insecure"]);
        for kept in [
            &["skep", "--help"][..],
            &["skep", "-V"],
            &["skep", "--log", "debug"],
            &["skep", "--log", "debug", "query", "--json"],
            &["skep", "query", "--json"],
        ] {
            check_read(kept, kept);
        }
        let read = Cli::read(["skep", "--http", "127.0.0.1:0"].map(OsString::from)).unwrap();
        assert!(matches!(read.command, Some(Command::Run(options)) if options.processing.http.is_some()));
    }
}
