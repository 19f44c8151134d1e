//! The peers, each with the settings that make it do what skep does, once a second.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;

use anyhow::Context as _;

use crate::peer::{Count, Peer};

/// What is measured, in this order.
pub(crate) const NAMES: [&str; 7] = [
    "skep",
    "skep, host only",
    "skep, cpu mem net load",
    "collectd, 18 plugins and cgroups",
    "collectd, cpu memory interface load",
    "node_exporter",
    "cAdvisor",
];

/// Those whose names begin with one of `beginnings`; all when there are none.
///
/// # Errors
/// When no name begins so.
pub(crate) fn named(beginnings: &[String]) -> anyhow::Result<Vec<&'static str>> {
    for beginning in beginnings {
        let is_known = NAMES.iter().any(|name| name.starts_with(beginning.as_str()));
        anyhow::ensure!(is_known, "no peer's name begins with `{beginning}`; there are: {}", NAMES.join("; "));
    }
    let is_meant = |name: &&str| beginnings.is_empty() || beginnings.iter().any(|beginning| name.starts_with(beginning.as_str()));
    Ok(NAMES.into_iter().filter(is_meant).collect())
}

/// All host plugins that have a counterpart in skep.
const PLUGINS: [&str; 18] = [
    "contextswitch",
    "cpu",
    "conntrack",
    "df",
    "disk",
    "entropy",
    "fhcount",
    "interface",
    "irq",
    "load",
    "memory",
    "processes",
    "protocols",
    "swap",
    "tcpconns",
    "uptime",
    "users",
    "vmem",
];

/// What of skep has no counterpart among cpu, memory, interface and load.
const NOT_OF_THE_SEED: [&str; 10] =
    ["swap", "processes", "kernel", "disk", "diskio", "pressure", "kernel_vmstat", "nstat", "netstat", "linux_sysctl_fs"];

/// Where a peer finds what it needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    /// For its files; its own.
    pub(crate) folder: &'a Path,
    /// dockerd's.
    pub(crate) socket: &'a Path,
    pub(crate) skep: &'a Path,
    pub(crate) cadvisor: Option<&'a Path>,
}

/// Starts a peer; `None` for one that is not here.
pub(crate) fn start(name: &str, place: &Place<'_>) -> anyhow::Result<Option<Peer>> {
    let docker = format!("docker: {}", place.socket.display());
    match name {
        "skep" => skep(place, &docker).map(Some),
        "skep, host only" => skep(place, "docker: off").map(Some),
        "skep, cpu mem net load" => {
            let off: Vec<String> = NOT_OF_THE_SEED.iter().chain(&["conntrack", "sensors"]).map(|name| format!("{name}: false")).collect();
            skep(place, &format!("docker: off\n  samplers: {{{}}}", off.join(", "))).map(Some)
        }
        "collectd, 18 plugins and cgroups" => collectd(place, &[&PLUGINS[..], &["cgroups"]].concat(), ""),
        "collectd, cpu memory interface load" => collectd(place, &["cpu", "memory", "interface", "load", "aggregation"], AGGREGATION),
        "node_exporter" => node_exporter(),
        _ => cadvisor(place),
    }
}

fn free() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, testbed::free_port()))
}

fn skep(place: &Place<'_>, collector: &str) -> anyhow::Result<Peer> {
    let (http, riemann) = (free(), free());
    let mut processor = Command::new(place.skep);
    processor.args(["process", "--http", &http.to_string(), "--riemann", &riemann.to_string(), "--data-dir"]);
    let processor = Peer::start(processor.arg(place.folder.join("processor")))?;
    let settings = place.folder.join("skep.yaml");
    fs::write(&settings, format!("collector:\n  interval: 1s\n  {collector}\n"))?;
    let mut command = Command::new(place.skep);
    command.args(["collect", "--to", &riemann.to_string(), "--config"]).arg(&settings);
    let mut peer = Peer::start(command.arg("--data-dir").arg(place.folder.join("collector")))?;
    peer.beside = Some(Box::new(processor));
    peer.count = Some(Count::Skep(http));
    Ok(peer)
}

const AGGREGATION: &str = "<Plugin aggregation>
  <Aggregation>
    Plugin \"cpu\"
    Type \"cpu\"
    GroupBy \"Host\"
    GroupBy \"TypeInstance\"
    CalculateSum true
  </Aggregation>
</Plugin>
";

fn collectd(place: &Place<'_>, plugins: &[&str], more: &str) -> anyhow::Result<Option<Peer>> {
    let Some(program) = testbed::require("collectd", "collectd-core") else { return Ok(None) };
    let folder = place.folder.display();
    let load: String = plugins.iter().chain(&["unixsock"]).map(|plugin| format!("LoadPlugin {plugin}\n")).collect();
    let socket = place.folder.join("collectd.sock");
    let text = format!(
        "Interval 1\nBaseDir \"{folder}\"\nPIDFile \"{folder}/pid\"\nTypesDB \"/usr/share/collectd/types.db\"\n{load}\
         <Plugin unixsock>\n  SocketFile \"{}\"\n</Plugin>\n{more}",
        socket.display()
    );
    let file = place.folder.join("collectd.conf");
    fs::write(&file, text).context("collectd.conf")?;
    let mut peer = Peer::start(Command::new(program).arg("-f").arg("-C").arg(&file))?;
    peer.count = Some(Count::Collectd(socket));
    Ok(Some(peer))
}

fn node_exporter() -> anyhow::Result<Option<Peer>> {
    let Some(program) = testbed::require("prometheus-node-exporter", "prometheus-node-exporter") else { return Ok(None) };
    let at = free();
    let mut peer = Peer::start(Command::new(program).arg(format!("--web.listen-address={at}")))?;
    peer.count = Some(Count::Scraped(at));
    Ok(Some(peer))
}

fn cadvisor(place: &Place<'_>) -> anyhow::Result<Option<Peer>> {
    let Some(program) = place.cadvisor else { return Ok(None) };
    let at = free();
    let mut command = Command::new(program);
    command.args(["--housekeeping_interval=1s", "--allow_dynamic_housekeeping=false", "--docker_only", "--listen_ip=127.0.0.1"]);
    command.arg(format!("--port={}", at.port())).arg(format!("--docker=unix://{}", place.socket.display()));
    let mut peer = Peer::start(&mut command)?;
    peer.count = Some(Count::Scraped(at));
    Ok(Some(peer))
}
