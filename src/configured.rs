//! Settings file and flags put together, flags winning; a mistake is reported with its place and ends with code 2.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use event::Duration;
use processor::config::{self, Report, Secrets};
use processor::settings::Settings;

use crate::cli::{Collecting, Common, Processing};
use crate::{collectd, host_root, influx_url, logging};

/// The exit code for mistakes in rules and settings.
pub(crate) const MISTAKES: u8 = 2;

/// The processor tells about itself so often.
const OWN_INTERVAL: Duration = Duration::from_secs(5);

/// What stands between a command and its work.
pub(crate) enum Refused {
    /// Mistakes in files; they have been printed.
    Mistakes,
    /// Anything else.
    Other(anyhow::Error),
}

impl From<anyhow::Error> for Refused {
    fn from(error: anyhow::Error) -> Self {
        Self::Other(error)
    }
}

/// Turns mistakes into their exit code.
///
/// # Errors
/// What was refused for another reason.
pub(crate) fn conclude(result: Result<ExitCode, Refused>) -> anyhow::Result<ExitCode> {
    match result {
        Ok(code) => Ok(code),
        Err(Refused::Mistakes) => Ok(ExitCode::from(MISTAKES)),
        Err(Refused::Other(error)) => Err(error),
    }
}

/// The settings file, over the defaults.
pub(crate) fn settings(common: &Common, secrets: Secrets) -> Result<Settings, Refused> {
    let (settings, report) = accept(config::load_settings(common.config.as_deref(), secrets))?;
    warn(&report);
    Ok(settings)
}

/// Prints what is wrong where something is.
pub(crate) fn accept<T>(read: Result<(T, Report), Report>) -> Result<(T, Report), Refused> {
    read.map_err(|report| {
        print(&report);
        Refused::Mistakes
    })
}

/// Prints warnings, where there are some.
pub(crate) fn warn(report: &Report) {
    if report.n_warnings() > 0 {
        print(report);
    }
}

/// Prints a warning of a running skep.
#[expect(clippy::print_stderr, reason = "as below")]
pub(crate) fn print_warning(text: &str) {
    eprintln!("warning: {text}");
}

/// Prints what is wrong to stderr.
#[expect(clippy::print_stderr, reason = "what is wrong in a file is for the person who started the command")]
pub(crate) fn print(report: &Report) {
    eprint!("{}", report.text(logging::wants_colour()));
}

/// What the processor runs with.
pub(crate) fn processor(
    settings: &Settings,
    common: &Common,
    flags: &Processing,
    host: String,
) -> anyhow::Result<processor::run::Settings> {
    let file = &settings.processor;
    let data_dir = flags.data_dir.clone().or_else(|| file.data_dir.clone()).map_or_else(usual_folder, Ok)?;
    let influx = match &flags.influx {
        Some(url) => Some(influx_url::apply(url, file.influx.clone())?),
        None => file.influx.clone(),
    };
    let commit = Some(env!("SKEP_COMMIT")).filter(|commit| !commit.is_empty()).map(str::to_owned);
    Ok(processor::run::Settings {
        about: processor::run::About { commit, settings: common.config.clone() },
        http: flags.http.unwrap_or(file.http).to_string(),
        riemann: Some(flags.riemann.unwrap_or(file.riemann).to_string()),
        inlets: file.inlets.clone(),
        token: file.token.clone().map(|secret| secret.0),
        insecure: flags.insecure || file.insecure,
        web: processor::settings::Web {
            off: flags.web_off || file.web.off,
            read_only: flags.web_read_only || file.web.read_only,
            ..file.web.clone()
        },
        journal: file.journal.map_or(processor::run::Journal::Off, |journal| processor::run::Journal::On { max_bytes: journal.max }),
        start_grace: file.start_grace,
        ingest_memory: file.ingest_memory,
        limits: engine::Limits { max_series: file.max_series, max_instances: file.max_instances },
        store: file.store.as_ref().map(|store| store.in_folder(&data_dir, file.max_series)),
        influx: influx.map(|influx| influx.in_folder(data_dir.join("influx"))).into_iter().collect(),
        forward: file.forward.iter().map(|one| forward(one, &data_dir)).collect(),
        host,
        swarm: settings.swarm.clone(),
        interval: OWN_INTERVAL,
        data_dir,
    })
}

/// Where streams send events on, with its backlog in a folder of its own.
fn forward(forward: &processor::settings::Forward, data_dir: &Path) -> processor::sink::forward::Settings {
    let backlog = in_folder(&forward.backlog, data_dir.join("forward").join(&forward.name));
    let client = transport::client::Settings { backlog: Some(backlog), ..transport::client::Settings::to(forward.to.clone()) };
    processor::sink::forward::Settings { name: forward.name.clone(), client }
}

fn in_folder(backlog: &processor::settings::Backlog, folder: PathBuf) -> transport::client::Backlog {
    transport::client::Backlog {
        max_bytes: backlog.max,
        age: backlog.age.to_std(),
        rate: backlog.rate,
        ..transport::client::Backlog::within(folder)
    }
}

/// Rule folders of the flags, or else those of the file.
pub(crate) fn rule_folders(settings: &Settings, flags: &Processing) -> Vec<PathBuf> {
    if flags.rules.is_empty() { settings.processor.rules.clone() } else { flags.rules.clone() }
}

/// `/var/lib/skep` for root, else `$XDG_STATE_HOME/skep` or `~/.local/state/skep`.
fn usual_folder() -> anyhow::Result<PathBuf> {
    if is_root() {
        return Ok(PathBuf::from("/var/lib/skep"));
    }
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let state = variable("XDG_STATE_HOME").or_else(|| variable("HOME").map(|home| home.join(".local/state")));
    let state = state.ok_or_else(|| anyhow::anyhow!("neither XDG_STATE_HOME nor HOME is set; say where to keep data with --data-dir"))?;
    Ok(state.join("skep"))
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    Path::new("/proc/self").metadata().is_ok_and(|meta| meta.uid() == 0)
}

/// Where a collector keeps what the processor does not take: nowhere when that is off, or when there is no folder for it.
pub(crate) fn backlog(settings: &Settings, data_dir: Option<&Path>) -> Option<transport::client::Backlog> {
    let file = &settings.collector;
    let wanted = file.backlog?;
    let named = data_dir.map(Path::to_owned).or_else(|| file.data_dir.clone());
    match named.map_or_else(usual_folder, Ok) {
        Ok(folder) => Some(in_folder(&wanted, folder.join("backlog"))),
        Err(error) => {
            tracing::warn!("no backlog is kept while the processor is away: {error}");
            None
        }
    }
}

/// What the collector runs with.
///
/// # Errors
/// When the host's files are not where they are said to be: sampling this process's own machine would be a lie.
pub(crate) fn collector(settings: &Settings, flags: &Collecting) -> anyhow::Result<collector::Settings> {
    let file = &settings.collector;
    let host_root = match flags.host_root.clone().or_else(|| file.host_root.clone()) {
        None => host_root::from_environment(|name| std::env::var_os(name).map(PathBuf::from))?,
        named => named,
    };
    if let Some(root) = host_root.as_ref().filter(|root| !root.join("proc/stat").exists()) {
        anyhow::bail!("there is no proc/stat in {} (--host-root); mount the host's / there, as in `-v /:/host:ro`", root.display());
    }
    let samplers = file.samplers;
    Ok(collector::Settings {
        interval: file.interval,
        host: file.host.clone(),
        swarm: settings.swarm.clone(),
        host_root,
        docker: file.docker.clone(),
        spread: file.spread,
        switches: collector::Switches {
            cpu: samplers.cpu,
            per_core: samplers.per_core,
            cpu_time: samplers.cpu_time,
            mem: samplers.mem,
            swap: samplers.swap,
            system: samplers.system,
            processes: samplers.processes,
            kernel: samplers.kernel,
            disk: samplers.disk,
            diskio: samplers.diskio,
            net: samplers.net,
            pressure: samplers.pressure,
            kernel_vmstat: samplers.kernel_vmstat,
            nstat: samplers.nstat,
            netstat: samplers.netstat,
            linux_sysctl_fs: samplers.linux_sysctl_fs,
            conntrack: samplers.conntrack,
            sensors: samplers.sensors,
            irq: samplers.irq,
            softirq: samplers.softirq,
            hugepages: samplers.hugepages,
            md: samplers.md,
            swarm: samplers.swarm,
        },
        processes: file.processes.iter().map(processes).collect::<Result<_, _>>()?,
        budget: file.budget,
        metrics: lists(&file.metrics),
        containers: collector::ContainerChoice { containers: lists(&file.containers), labels: file.labels.clone() },
        container_sizes: file.container_sizes,
        statsd: file.ways.statsd.as_ref().map(statsd),
        collectd: file.ways.collectd.as_ref().map(collectd::settings).transpose()?,
        scrape: collector::scrape::Settings {
            targets: file.ways.scrape.iter().map(target).collect(),
            containers: file.ways.scrape_containers.as_ref().map(terms),
        },
        exec: file.ways.exec.iter().map(program).collect(),
    })
}

fn processes(chosen: &processor::settings::ProcessMatch) -> anyhow::Result<collector::ProcessMatch> {
    Ok(match &chosen.command {
        None => collector::ProcessMatch::named(&chosen.name),
        Some(expression) => collector::ProcessMatch::by_command(expression, &chosen.name)?,
    })
}

fn statsd(statsd: &processor::settings::Statsd) -> collector::statsd::Settings {
    let processor::settings::Statsd { listen, ref percentiles, max_names, forget } = *statsd;
    collector::statsd::Settings { listen, percentiles: percentiles.clone(), max_names, forget }
}

fn target(scrape: &processor::settings::Scrape) -> collector::scrape::Target {
    let processor::settings::Scrape { url, name, instance, attributes, scraping } = scrape.clone();
    collector::scrape::Target { name, url, instance, attributes, terms: terms(&scraping) }
}

fn terms(scraping: &processor::settings::Scraping) -> collector::scrape::Terms {
    let processor::settings::Scraping { every, timeout, ref metrics, max_series } = *scraping;
    collector::scrape::Terms { every, timeout, metrics: lists(metrics), max_series }
}

fn program(program: &processor::settings::Exec) -> collector::exec::Settings {
    let processor::settings::Exec { name, command, environment, every, timeout, format } = program.clone();
    let format = match format {
        processor::settings::ExecFormat::Influx => collector::exec::Format::Influx,
        processor::settings::ExecFormat::Json => collector::exec::Format::Json,
    };
    collector::exec::Settings { name, command, environment, every, timeout, format }
}

fn lists(lists: &processor::settings::Lists) -> collector::Lists {
    collector::Lists { allow: lists.allow.clone(), deny: lists.deny.clone() }
}
