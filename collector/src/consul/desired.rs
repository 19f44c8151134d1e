//! Which services a node's Consul agent is to have.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::entry::short;
use super::seen::{Container, Health, Port, Protocol, Service};
use super::{Check, Entry, Metadata, State};

/// Wishes that are no further words for `Meta`.
const KNOWN: [&str; 5] = ["name", "tags", "ignore", "id", "ip"];

/// Consul takes so many pairs of `Meta`, of which three are ours.
const MAX_META: usize = 61;

/// How often the agent looks for itself, where nothing is said.
const USUAL_INTERVAL: &str = "10s";

/// The network of the swarm's routing mesh.
const MESH: &str = "ingress";

/// What holds for all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// This node's name: the beginning of each id.
    pub node: String,
    /// The address that published ports are reached at; `None`: that of the agent's node.
    pub address: Option<IpAddr>,
    /// That of the agent's node, for checks that the agent makes itself.
    pub agent_address: Option<IpAddr>,
    /// Register the containers' own addresses in this network, and not what is published.
    pub network: Option<String>,
    /// Only what has a `SERVICE_NAME`.
    pub explicit: bool,
    /// Tags of all.
    pub tags: Vec<String>,
    /// Let the agent connect, where no check is asked for; otherwise it is told of the container's health.
    pub tcp: bool,
    /// After so many seconds without word from us a service is critical.
    pub ttl: u64,
    /// After so many critical seconds the agent takes it away.
    pub forget_after: u64,
}

/// Where a port is reached.
struct At {
    port: Port,
    address: Option<IpAddr>,
    number: u16,
}

/// What is said of all ports of one thing.
struct Subject<'a> {
    metadata: &'a Metadata,
    /// The name, where none is given.
    name: &'a str,
    /// The middle of its ids.
    key: &'a str,
    state: State,
    output: String,
}

/// All services that the agent of this node is to have, by id: those of its containers, and of the swarm's services that a manager
/// sees published.
pub fn desired(containers: &[Container], services: &[Service], options: &Options) -> BTreeMap<String, Entry> {
    let mut entries = BTreeMap::new();
    for container in containers {
        let (state, output) = health(container.health);
        let name = container.service.as_deref().unwrap_or(&container.image);
        let subject = Subject { metadata: &container.metadata, name, key: &container.name, state, output: output.to_owned() };
        add(&subject, &of_container(container, options), options, &mut entries);
    }
    for service in services {
        let (state, output) = tasks(service.running);
        let key = format!("swarm:{}", service.name);
        let subject = Subject { metadata: &service.metadata, name: &service.name, key: &key, state, output };
        let at = |port: &Port| Some(At { port: *port, address: options.address, number: port.published?.port });
        let ports: Vec<At> = service.ports.iter().filter_map(at).collect();
        // In a network it is the tasks that are registered, each on its node.
        if options.network.is_none() {
            add(&subject, &ports, options, &mut entries);
        }
    }
    entries
}

fn health(health: Health) -> (State, &'static str) {
    match health {
        Health::Unchecked => (State::Passing, "the container runs; it has no health check"),
        Health::Healthy => (State::Passing, "the container is healthy"),
        Health::Starting => (State::Critical, "the container's health check has not passed yet"),
        Health::Unhealthy => (State::Critical, "the container is unhealthy"),
    }
}

fn tasks(running: Option<u64>) -> (State, String) {
    match running {
        Some(0) => (State::Critical, "no task runs".to_owned()),
        Some(n) => (State::Passing, format!("{n} tasks run")),
        None => (State::Passing, "published; this dockerd does not count tasks".to_owned()),
    }
}

fn of_container(container: &Container, options: &Options) -> Vec<At> {
    let metadata = &container.metadata;
    let mut ports = container.ports.clone();
    for number in metadata.named_ports() {
        if !ports.iter().any(|port| port.number == number) {
            ports.push(Port { number, protocol: Protocol::Tcp, published: None });
        }
    }
    ports.retain(|port| metadata.old_port().is_none_or(|only| only == port.number));
    ports.iter().filter_map(|port| at(container, *port, options)).collect()
}

/// Where a port of a container is reached; `None`: nowhere that could be told.
fn at(container: &Container, port: Port, options: &Options) -> Option<At> {
    let own = |network: Option<&str>| {
        let mut networks = container.networks.iter().filter(|(name, _)| network.is_none_or(|wanted| wanted == name));
        networks.next().map(|(_, address)| At { port, address: Some(*address), number: port.number })
    };
    match (&options.network, port.published) {
        (Some(network), _) => own(Some(network)),
        (None, Some(published)) => Some(At { port, address: options.address.or(published.address), number: published.port }),
        // Without a published port only what is asked for by its number. A task behind the routing mesh is reached there, by the
        // entries of the managers: under one name with them its own address would be given out to those who cannot reach it.
        (None, None) => {
            let is_behind_mesh = container.networks.iter().any(|(name, _)| name == MESH);
            let is_named = container.metadata.named_ports().any(|named| named == port.number);
            if is_named && !is_behind_mesh { own(None) } else { None }
        }
    }
}

fn add(subject: &Subject<'_>, ports: &[At], options: &Options, entries: &mut BTreeMap<String, Entry>) {
    let metadata = subject.metadata;
    if metadata.general("ignore").is_some() {
        return;
    }
    let is_wanted = |at: &&At| metadata.of_port(at.port.number, "ignore").is_none_or(str::is_empty);
    let wanted: Vec<&At> = ports.iter().filter(is_wanted).collect();
    for at in &wanted {
        let number = at.port.number;
        if options.explicit && metadata.get(number, "name").is_none() {
            continue;
        }
        let entry = entry(subject, at, wanted.len() > 1, options);
        entries.entry(entry.id.clone()).or_insert(entry);
    }
}

fn entry(subject: &Subject<'_>, at: &At, is_of_several: bool, options: &Options) -> Entry {
    let (metadata, number) = (subject.metadata, at.port.number);
    let address = metadata.get(number, "ip").and_then(|address| address.parse().ok()).or(at.address);
    let mut entry = Entry {
        id: id(subject, at, is_of_several, options),
        name: name(subject, number, is_of_several),
        address: address.map(|address: IpAddr| address.to_string()).unwrap_or_default(),
        port: at.number,
        tags: tags(metadata.get(number, "tags").unwrap_or_default(), at.port.protocol, &options.tags),
        meta: meta(metadata, number),
        node: options.node.clone(),
        check: check(metadata, at, address.or(options.agent_address), options),
        forget_after: options.forget_after,
        state: subject.state,
        output: subject.output.clone(),
    };
    if entry.check.is_some() && !entry.is_told() {
        // The agent has not looked yet.
        entry.state = State::Critical;
    }
    entry
}

/// As Registrator: a name of all ports is told apart by the port, one of a port stands as it is.
fn name(subject: &Subject<'_>, number: u16, is_of_several: bool) -> String {
    match (subject.metadata.of_port(number, "name"), subject.metadata.general("name").unwrap_or(subject.name)) {
        (Some(name), _) if !name.is_empty() => name.to_owned(),
        (_, name) if is_of_several => format!("{name}-{number}"),
        (_, name) => name.to_owned(),
    }
}

/// An id that was given for several ports is told apart by the port: the second would take the place of the first.
fn id(subject: &Subject<'_>, at: &At, is_of_several: bool, options: &Options) -> String {
    let number = at.port.number;
    let given = subject.metadata.of_port(number, "id").filter(|id| !id.is_empty()).map(str::to_owned);
    let general = || subject.metadata.general("id").map(|id| if is_of_several { format!("{id}-{number}") } else { id.to_owned() });
    let udp = if at.port.protocol == Protocol::Udp { ":udp" } else { "" };
    given.or_else(general).unwrap_or_else(|| format!("{}:{}:{number}{udp}", options.node, subject.key))
}

fn tags(given: &str, protocol: Protocol, of_all: &[String]) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    let udp = (protocol == Protocol::Udp).then_some("udp");
    for tag in given.split(',').map(str::trim).chain(of_all.iter().map(String::as_str)).chain(udp) {
        if !tag.is_empty() && !tags.iter().any(|known| known == tag) {
            tags.push(tag.to_owned());
        }
    }
    tags
}

/// Further words, `SERVICE_REGION=eu` as `region`; only those that Consul takes.
fn meta(metadata: &Metadata, number: u16) -> BTreeMap<String, String> {
    let is_good = |key: &str| key.len() <= 128 && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    let all = metadata.all(number).into_iter();
    let further = all.filter(|(key, _)| !KNOWN.contains(key) && !key.starts_with("check_") && is_good(key));
    further.take(MAX_META).map(|(key, value)| (key.to_owned(), short(value))).collect()
}

fn check(metadata: &Metadata, at: &At, address: Option<IpAddr>, options: &Options) -> Option<Check> {
    let number = at.port.number;
    let wish = |key: &str| metadata.get(number, key);
    let interval = wish("check_interval").unwrap_or(USUAL_INTERVAL).to_owned();
    let timeout = wish("check_timeout").map(str::to_owned);
    let told = |ttl: u64| Some(Check::Ttl { ttl });
    let host = address.map(|address| match address {
        IpAddr::V4(address) => format!("{address}:{}", at.number),
        IpAddr::V6(address) => format!("[{address}]:{}", at.number),
    });
    let (Some(host), Protocol::Tcp) = (host, at.port.protocol) else { return told(options.ttl) };
    for (key, scheme) in [("check_http", "http"), ("check_https", "https")] {
        if let Some(path) = wish(key) {
            let slash = if path.starts_with('/') { "" } else { "/" };
            return Some(Check::Http { url: format!("{scheme}://{host}{slash}{path}"), interval, timeout });
        }
    }
    let ttl = wish("check_ttl").and_then(|text| event::Duration::parse(text).ok());
    match (wish("check_tcp"), ttl) {
        (Some("true" | "1" | "yes"), _) => Some(Check::Tcp { to: host, interval, timeout }),
        // One that is shorter than that of all would end before we come to tell.
        (_, Some(ttl)) => told(ttl.to_std().as_secs().max(options.ttl)),
        (None, None) if options.tcp => Some(Check::Tcp { to: host, interval, timeout }),
        (_, None) => told(options.ttl),
    }
}

#[cfg(test)]
mod tests;
