//! The keys of the section `processor:` that open further ways in.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use transport::tls::Files;

use crate::config::report::Report;
use crate::config::section::{Section, path};
use crate::config::values;
use crate::config::yaml::Node;
use crate::settings::{Graphite, Inlets, RiemannTls};

pub(super) fn read(section: &mut Section<'_, '_>, into: &mut Inlets) {
    section.set_some(&mut into.riemann_tls, "riemann_tls", riemann_tls);
    section.set_some(&mut into.riemann_sse, "riemann_sse", values::address);
    section.set_some(&mut into.graphite, "graphite", graphite);
    section.set_some(&mut into.opentsdb, "opentsdb", values::address);
}

fn riemann_tls(_: &str, node: &Node, report: &mut Report) -> Option<RiemannTls> {
    let mut listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 5554));
    let mut section = Section::open(node, "`riemann_tls`", &["listen", "cert_file", "key_file", "ca_file"], &[], report)?;
    section.set(&mut listen, "listen", values::address);
    let cert = needed(&mut section, node, "cert_file");
    let key = needed(&mut section, node, "key_file");
    let ca = section.read("ca_file", path);
    Some(RiemannTls { listen, files: Files { cert: cert?, key: key?, ca } })
}

fn needed(section: &mut Section<'_, '_>, node: &Node, key: &str) -> Option<PathBuf> {
    if section.node(key).is_none() {
        let problem = section.report.error(&node.place, format!("`riemann_tls` has no `{key}`"));
        problem.help(format!("write `{key}: /run/secrets/skep.pem`"));
    }
    section.read(key, path)
}

/// An address, or `{listen: ADDRESS, tags: true}`.
fn graphite(key: &str, node: &Node, report: &mut Report) -> Option<Graphite> {
    if node.scalar().is_some() {
        return values::address(key, node, report).map(|listen| Graphite { listen, tags: false });
    }
    let mut graphite = Graphite { listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 2003)), tags: false };
    let mut section = Section::open(node, "`graphite`", &["listen", "tags"], &[], report)?;
    section.set(&mut graphite.listen, "listen", values::address);
    section.set(&mut graphite.tags, "tags", values::flag);
    Some(graphite)
}
