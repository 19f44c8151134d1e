//! `net`: what the host's interfaces carry.
//!
//! Left out: `lo`; `veth…`, whose traffic is counted for the containers behind them and whose names are never seen again;
//! Docker's bridges; and whatever has not carried a packet since it was made.

use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use event::{Duration, Metric, Timestamp};

use super::listed::Listed;
use crate::kept::{File, Shape};
use crate::kernel::net_dev::{Interface, interfaces};
use crate::kernel::sysctl::signed;
use crate::{Error, Root, Sampler, Samples, Series, Turn, int};

const FIELDS: [&str; 8] = ["bytes_recv", "bytes_sent", "packets_recv", "packets_sent", "err_in", "err_out", "drop_in", "drop_out"];

/// Between two looks at the links, for which the kernel asks their drivers.
const LINKS_EVERY: Duration = Duration::from_secs(10);

/// The open file and the interfaces in it.
#[derive(Debug)]
pub(super) struct Net {
    file: File,
    /// `/sys/class/net`; may be missing.
    links: PathBuf,
    interfaces: Listed<Option<Link>>,
    /// When the links were looked at.
    looked: Option<Timestamp>,
}

/// An interface that is sampled. Its files are absent where `/sys` is another's or not mounted.
#[derive(Debug)]
struct Link {
    series: Series<8>,
    of_link: Series<2>,
    speed: Option<File>,
    state: Option<File>,
}

impl Net {
    pub(super) fn open(root: &Root) -> Result<Self, Error> {
        Ok(Self {
            file: File::open(root.proc_of_host("net/dev"), Shape::Records)?,
            links: root.path("/sys/class/net"),
            interfaces: Listed::new(),
            looked: None,
        })
    }
}

impl Sampler for Net {
    fn name(&self) -> &'static str {
        "net"
    }

    fn sample(&mut self, turn: &mut Turn<'_>, out: &mut Samples) -> Result<(), Error> {
        let Self { file, links, interfaces: listed, looked } = self;
        let is_look = looked.is_none_or(|last| turn.due < last || turn.due - last >= LINKS_EVERY);
        if is_look {
            *looked = Some(turn.due);
        }
        listed.begin();
        for interface in interfaces(file.read(turn.buffer)?) {
            let link = listed.entry(interface.name, |name| is_of_host(name).then(|| Link::open(links, name)));
            if let Some(Some(link)) = link {
                link.put(&interface, is_look, out);
            }
        }
        listed.end();
        Ok(())
    }
}

impl Link {
    fn open(links: &Path, name: &str) -> Self {
        let of = |file: &str| File::open(links.join(name).join(file), Shape::Whole).ok();
        let attributes = [("interface", name)];
        let series = Series::of("net", name, FIELDS, &attributes);
        Self { series, of_link: Series::of("net", name, ["speed", "up"], &attributes), speed: of("speed"), state: of("operstate") }
    }

    fn put(&self, Interface { received, sent, .. }: &Interface<'_>, is_look: bool, out: &mut Samples) {
        if received.packets == 0 && sent.packets == 0 {
            return;
        }
        let [bytes, packets, errors, dropped] = [
            (received.bytes, sent.bytes),
            (received.packets, sent.packets),
            (received.errors, sent.errors),
            (received.dropped, sent.dropped),
        ];
        let counters = [bytes.0, bytes.1, packets.0, packets.1, errors.0, errors.1, dropped.0, dropped.1].map(int);
        self.series.put(out, counters);
        if is_look {
            out.every(LINKS_EVERY);
            self.put_link(out);
            out.every(Duration::ZERO);
        }
    }

    fn put_link(&self, out: &mut Samples) {
        // One without a speed, a virtual one, says -1 or refuses.
        let speed = Self::small(self.speed.as_ref()).and_then(|(text, length)| signed(text.get(..length)?)).filter(|speed| *speed > 0);
        let up = Self::small(self.state.as_ref()).and_then(|(text, length)| is_up(text.get(..length)?));
        self.of_link.put(out, [speed.map(Metric::Int), up.and_then(|up| int(u64::from(up)))]);
    }

    /// The turn's buffer holds the list of interfaces meanwhile.
    fn small(file: Option<&File>) -> Option<([u8; 32], usize)> {
        let mut text = [0; 32];
        let length = file?.as_file().read_at(&mut text, 0).ok()?;
        Some((text, length))
    }
}

/// `None` where the driver does not say.
fn is_up(state: &[u8]) -> Option<bool> {
    match state.trim_ascii_end() {
        b"up" => Some(true),
        b"unknown" | b"" => None,
        _ => Some(false),
    }
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
