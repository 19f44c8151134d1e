//! The options of `skep registrar`.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use event::Duration;

const LABELS: &str = "\
Labels of a container (or of a swarm service that is published), or variables of its environment, say the rest:
  SERVICE_NAME=shop             the name; without it: that of the swarm service, or of the image
  SERVICE_TAGS=a,b              tags
  SERVICE_IGNORE=true           leave it out
  SERVICE_ID=shop-1             an id of your own
  SERVICE_443_NAME=shop-tls     any of these for one port alone
  SERVICE_CHECK_HTTP=/health    the agent asks; also SERVICE_CHECK_TCP=true, SERVICE_CHECK_TTL=1m,
                                SERVICE_CHECK_INTERVAL=10s, SERVICE_CHECK_TIMEOUT=2s
  SERVICE_REGION=eu             anything else becomes Meta of the service
  CONSUL_SERVICE_PORT=6379      this port alone, published or not

Examples:
  skep registrar                                     this machine's dockerd, the agent at 127.0.0.1:8500
  skep registrar --dry-run                           print what would be registered, change nothing
  skep registrar --once                              put the agent in step once, then end
  skep registrar --network shop_backend              the containers' addresses in that overlay network
  skep registrar --to processor:5555                 tell a processor how Consul does, too
  skep registrar --consul http://10.0.0.5:8500 --token-file /run/secrets/consul

Exit code of --once and --dry-run: 0 when done, 1 when dockerd or Consul did not answer.";

/// Who finds out how a service does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckKind {
    /// skep tells the agent of the container's health
    #[default]
    Ttl,
    /// The agent connects
    Tcp,
}

/// `skep registrar`
#[derive(Args, Clone, Debug)]
#[command(after_help = LABELS)]
pub(crate) struct RegistrarOptions {
    /// The Consul agent of this node
    #[arg(long, env = "SKEP_CONSUL", default_value = "http://127.0.0.1:8500", value_name = "URL")]
    pub(crate) consul: String,

    /// File that holds the token for the agent's API
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,

    /// Docker's socket
    #[arg(long, default_value = "/var/run/docker.sock", value_name = "PATH")]
    pub(crate) docker: PathBuf,

    /// This node's name, unique among the registrars of one agent [default: the host name]
    #[arg(long, env = "SKEP_NODE", value_name = "NAME")]
    pub(crate) node: Option<String>,

    /// The address that published ports are reached at [default: that of the agent's node]
    #[arg(long, value_name = "IP")]
    pub(crate) address: Option<IpAddr>,

    /// Register the containers' own addresses and ports in this network, in place of what is published
    #[arg(long, value_name = "NAME")]
    pub(crate) network: Option<String>,

    /// Only what has a SERVICE_NAME
    #[arg(long)]
    pub(crate) explicit: bool,

    /// Tags of all services, between commas
    #[arg(long, value_delimiter = ',', value_name = "TAGS")]
    pub(crate) tags: Vec<String>,

    /// Who finds out how a service does, where its labels do not say
    #[arg(long, value_enum, default_value_t)]
    pub(crate) check: CheckKind,

    /// A service of which skep says nothing for so long is critical; at least three times --resync
    #[arg(long, default_value = "30s", value_parser = duration, value_name = "TIME")]
    pub(crate) ttl: Duration,

    /// Compare all with the agent so often, besides at every news of dockerd
    #[arg(long, default_value = "10s", value_parser = duration, value_name = "TIME")]
    pub(crate) resync: Duration,

    /// The agent takes away what was critical for so long; Consul takes no less than 1m
    #[arg(long, default_value = "10m", value_parser = duration, value_name = "TIME")]
    pub(crate) forget_after: Duration,

    /// Tell this processor each --resync how Consul does: its leader, members and checks; repeatable
    #[arg(long, env = "SKEP_REGISTRAR_TO", value_delimiter = ',', value_name = "HOST:PORT")]
    pub(crate) to: Vec<String>,

    /// Tell of all members and checks though this agent does not lead: where no registrar runs beside Consul's servers
    #[arg(long, requires = "to")]
    pub(crate) whole: bool,

    /// Put the agent in step once, then end
    #[arg(long)]
    pub(crate) once: bool,

    /// Print what would be done, and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

fn duration(text: &str) -> Result<Duration, String> {
    let time = Duration::parse(text).map_err(|error| error.to_string())?;
    if time < Duration::from_secs(1) { Err("must be at least 1s".to_owned()) } else { Ok(time) }
}
