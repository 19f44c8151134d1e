//! `net`: what the host's interfaces carry.
//!
//! Left out: `lo`; `veth…`, whose traffic is counted for the containers behind them and whose names are never seen again;
//! Docker's bridges; and whatever has not carried a packet since it was made.

use super::listed::Listed;
use crate::kept::{File, Shape};
use crate::kernel::net_dev::{Interface, interfaces};
use crate::{Error, Root, Sampler, Samples, Series, Turn, int};

const FIELDS: [&str; 8] = ["bytes_recv", "bytes_sent", "packets_recv", "packets_sent", "err_in", "err_out", "drop_in", "drop_out"];

/// The open file and the interfaces in it.
#[derive(Debug)]
pub(super) struct Net {
    file: File,
    interfaces: Listed<Option<Series<8>>>,
}

impl Net {
    pub(super) fn open(root: &Root) -> Result<Self, Error> {
        Ok(Self { file: File::open(root.proc_of_host("net/dev"), Shape::Records)?, interfaces: Listed::new() })
    }
}

impl Sampler for Net {
    fn name(&self) -> &'static str {
        "net"
    }

    fn sample(&mut self, turn: &mut Turn<'_>, out: &mut Samples) -> Result<(), Error> {
        self.interfaces.begin();
        for interface in interfaces(self.file.read(turn.buffer)?) {
            let series = self.interfaces.entry(interface.name, |name| is_of_host(name).then(|| series(name)));
            if let Some(Some(series)) = series {
                put(series, &interface, out);
            }
        }
        self.interfaces.end();
        Ok(())
    }
}

fn series(name: &str) -> Series<8> {
    Series::of("net", name, FIELDS, &[("interface", name)])
}

fn put(series: &Series<8>, Interface { received, sent, .. }: &Interface<'_>, out: &mut Samples) {
    if received.packets == 0 && sent.packets == 0 {
        return;
    }
    let values = [received.bytes, sent.bytes, received.packets, sent.packets, received.errors, sent.errors, received.dropped, sent.dropped];
    series.put(out, values.map(int));
}

/// Docker names the bridge of a network `br-` and twelve digits of its id, unless told otherwise.
fn is_of_host(name: &str) -> bool {
    let is_bridge = name.strip_prefix("br-").is_some_and(|id| id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_hexdigit()));
    !(is_bridge || matches!(name, "lo" | "docker0" | "docker_gwbridge") || name.starts_with("veth"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interfaces_of_containers_are_not_the_hosts() {
        let names = ["lo", "eth0", "veth1a2b3c4", "docker0", "docker_gwbridge", "br-0123456789ab", "br-lan", "bond0", "wg0", "eth0.7"];
        let of_host: Vec<&str> = names.into_iter().filter(|name| is_of_host(name)).collect();
        assert_eq!(of_host, ["eth0", "br-lan", "bond0", "wg0", "eth0.7"]);
    }
}
