//! Which running containers ask by their labels to be scraped, and where they can be reached from here.

use std::net::{IpAddr, Ipv4Addr};

use event::LabelsBuf;

use super::network_names::is_direct;
use super::series::label;
use super::{Facts, Status};
use crate::Root;
use crate::scrape::Found;

/// The label that asks for it: a port.
const PORT: &str = "skep.scrape.port";

/// The label that names the path.
const PATH: &str = "skep.scrape.path";

/// What a container's labels say of its endpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endpoint {
    /// Above 0.
    pub port: u16,
    /// Begins with `/`.
    pub path: String,
}

impl Endpoint {
    /// From the labels; `None` when they ask for nothing, or for what is no port.
    pub(super) fn of<'a>(label: impl Fn(&str) -> Option<&'a str>) -> Option<Self> {
        let port = label(PORT)?.trim().parse().ok().filter(|port| *port > 0)?;
        let path = label(PATH).map(str::trim).unwrap_or("/metrics");
        let is_sound = path.len() <= 256 && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        is_sound.then_some(Self { port, path })
    }
}

/// Of the containers, each with the name that it is shown under, those that are to be scraped, in order.
pub(super) fn found<'a>(containers: impl Iterator<Item = (&'a str, &'a Facts)>, root: &Root) -> Vec<Found> {
    // Our own routes, whatever host's files are mounted where.
    let routes = std::fs::read_to_string("/proc/self/net/route").unwrap_or_default();
    let mut found: Vec<Found> = containers.filter_map(|(name, facts)| one(name, facts, &routes, root)).collect();
    found.sort();
    found
}

fn one(name: &str, facts: &Facts, routes: &str, root: &Root) -> Option<Found> {
    let endpoint = facts.endpoint.as_ref().filter(|_| facts.status == Status::Running)?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut attributes = LabelsBuf::new();
    label(&mut attributes, name, &facts.identity);
    Some(Found {
        name: name.to_owned(),
        address: address(facts, routes, root).map(IpAddr::V4),
        port: endpoint.port,
        path: endpoint.path.clone(),
        attributes: attributes.view().attributes().map(|(key, value)| (text(key), text(value))).collect(),
    })
}

/// Where it can be reached: an address of its own in a network that we are in, too.
fn address(facts: &Facts, routes: &str, root: &Root) -> Option<Ipv4Addr> {
    if facts.host_network {
        return Some(Ipv4Addr::LOCALHOST);
    }
    let of_docker = facts.attachments.iter().map(|attachment| attachment.address).find(|address| is_direct(routes, *address));
    // Docker does not say which address a swarm's task has on the node's own bridge; the kernel does.
    of_docker.or_else(|| {
        let trie = std::fs::read_to_string(root.path(&format!("/proc/{}/net/fib_trie", facts.pid?))).ok()?;
        local(&trie).find(|address| is_direct(routes, *address))
    })
}

/// The addresses that a namespace has itself, as `/proc/PID/net/fib_trie` tells them: `|-- ADDRESS`, and below it
/// `/32 host LOCAL`.
fn local(trie: &str) -> impl Iterator<Item = Ipv4Addr> {
    let mut last = None;
    trie.lines().filter_map(move |line| match line.trim_start().strip_prefix("|-- ") {
        Some(address) => {
            last = address.parse::<Ipv4Addr>().ok();
            None
        }
        None => last.filter(|address| line.contains("/32 host LOCAL") && !address.is_loopback()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(labels: &[(&str, &str)], expected: Option<(u16, &str)>) {
        let endpoint = Endpoint::of(|key| labels.iter().find(|(known, _)| *known == key).map(|(_, value)| *value));
        assert_eq!(endpoint.as_ref().map(|endpoint| (endpoint.port, endpoint.path.as_str())), expected);
    }

    #[test]
    fn a_label_with_a_port_asks_for_it() {
        check(&[], None);
        check(&[(PORT, "8080")], Some((8080, "/metrics")));
        check(&[(PORT, " 8080 "), (PATH, "stats?all=1")], Some((8080, "/stats?all=1")));
        check(&[(PATH, "/metrics")], None);
        for (port, path) in [("0", "/"), ("http", "/"), ("65536", "/"), ("80", "/a b"), ("80", "/\r\nX: y")] {
            check(&[(PORT, port), (PATH, path)], None);
        }
    }

    #[test]
    fn a_namespaces_own_addresses_are_told_from_its_networks() {
        let trie = "Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 0.0.0.0\n        /0 universe UNICAST\n     +-- 172.18.0.0/16 2 0 2\n\
            \x20          |-- 172.18.0.0\n              /16 link UNICAST\n           |-- 172.18.0.3\n              /32 host LOCAL\n\
            \x20          |-- 172.18.255.255\n              /32 link BROADCAST\n     |-- 127.0.0.1\n        /32 host LOCAL\n";
        assert_eq!(local(trie).collect::<Vec<_>>(), [Ipv4Addr::new(172, 18, 0, 3)]);
    }
}
