//! Which running containers ask by their labels to be scraped, and where they can be reached from here.

use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};

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
    let here = Here::own();
    let mut found: Vec<Found> = containers.filter_map(|(name, facts)| one(name, facts, &here, root)).collect();
    found.sort();
    found
}

/// Where we are ourselves, whatever host's files are mounted where.
struct Here {
    routes: String,
    /// Our network namespace, `net:[4026531840]`.
    namespace: Option<PathBuf>,
}

impl Here {
    fn own() -> Self {
        let routes = std::fs::read_to_string("/proc/self/net/route").unwrap_or_default();
        Self { routes, namespace: namespace(Path::new("/proc/self")) }
    }

    /// Whether a process of the host is in our network namespace; no where that cannot be known.
    fn is_with(&self, pid: u32, root: &Root) -> bool {
        let theirs = namespace(&root.proc(&pid.to_string()));
        theirs.is_some() && theirs == self.namespace
    }
}

/// The network namespace of a process, by its folder in `/proc`.
fn namespace(process: &Path) -> Option<PathBuf> {
    std::fs::read_link(process.join("ns/net")).ok()
}

fn one(name: &str, facts: &Facts, here: &Here, root: &Root) -> Option<Found> {
    let endpoint = facts.endpoint.as_ref().filter(|_| facts.status == Status::Running)?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut attributes = LabelsBuf::new();
    label(&mut attributes, name, &facts.identity);
    Some(Found {
        name: name.to_owned(),
        address: address(facts, here, root).map(IpAddr::V4),
        port: endpoint.port,
        path: endpoint.path.clone(),
        attributes: attributes.view().attributes().map(|(key, value)| (text(key), text(value))).collect(),
    })
}

/// Where it can be reached: an address of its own in a network that we are in, too. In the host's network that is this very
/// machine's for those who are in it; for others `127.0.0.1` would be something else.
fn address(facts: &Facts, here: &Here, root: &Root) -> Option<Ipv4Addr> {
    if facts.host_network {
        return facts.pid.filter(|pid| here.is_with(*pid, root)).map(|_| Ipv4Addr::LOCALHOST);
    }
    let routes = here.routes.as_str();
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
    fn in_the_hosts_network_a_container_is_reached_by_who_is_in_it_too() {
        let folder = tempfile::tempdir().unwrap();
        let of_process = folder.path().join("proc/100/ns");
        std::fs::create_dir_all(&of_process).unwrap();
        std::os::unix::fs::symlink("net:[4026531840]", of_process.join("net")).unwrap();
        let here = |namespace: Option<&str>| Here { routes: String::new(), namespace: namespace.map(PathBuf::from) };
        let facts = |pid| Facts { host_network: true, pid, ..Facts::default() };
        let root = Root::new(Some(folder.path()));
        let reached = |pid, namespace| address(&facts(pid), &here(namespace), &root);
        assert_eq!(reached(Some(100), Some("net:[4026531840]")), Some(Ipv4Addr::LOCALHOST));
        assert_eq!(reached(Some(100), Some("net:[4026532000]")), None, "we are elsewhere");
        assert_eq!(reached(Some(101), Some("net:[4026531840]")), None, "its namespace cannot be read");
        assert_eq!([reached(Some(101), None), reached(None, None)], [None; 2], "nothing is known of both");
        let own = Some(std::process::id());
        assert_eq!(address(&facts(own), &Here::own(), &Root::new(None)), Some(Ipv4Addr::LOCALHOST));
    }

    #[test]
    fn a_namespaces_own_addresses_are_told_from_its_networks() {
        let trie = "Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 0.0.0.0\n        /0 universe UNICAST\n     +-- 172.18.0.0/16 2 0 2\n\
            \x20          |-- 172.18.0.0\n              /16 link UNICAST\n           |-- 172.18.0.3\n              /32 host LOCAL\n\
            \x20          |-- 172.18.255.255\n              /32 link BROADCAST\n     |-- 127.0.0.1\n        /32 host LOCAL\n";
        assert_eq!(local(trie).collect::<Vec<_>>(), [Ipv4Addr::new(172, 18, 0, 3)]);
    }
}
