//! Network counters of a container: `/proc/PID/net/dev` of its first process.
//!
//! An open file of this kind keeps the container's network namespace alive, so it is closed as soon as Docker says `die`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::network_names::network;
use super::series::{Out, Series, Value};
use super::sockets::Sockets;
use super::{Facts, Gone, Identity, Kept};
use crate::Error;
use crate::kept::Shape;
use crate::kernel::net_dev::{Interface, interfaces};

/// Names of the counters, as Telegraf has them.
const FIELDS: [&str; 8] = ["rx_bytes", "rx_packets", "rx_errors", "rx_dropped", "tx_bytes", "tx_packets", "tx_errors", "tx_dropped"];

/// The values of [`FIELDS`].
fn counters(interface: &Interface<'_>) -> [u64; 8] {
    let Interface { received, sent, .. } = interface;
    let [rx, tx] = [received, sent].map(|half| [half.bytes, half.packets, half.errors, half.dropped]);
    let ([a, b, c, d], [e, f, g, h]) = (rx, tx);
    [a, b, c, d, e, f, g, h]
}

fn put(counters: [u64; 8], series: &mut Series, out: &mut impl Out) {
    let mut fields = FIELDS.map(|field| (field, None));
    for (field, counter) in fields.iter_mut().zip(counters) {
        field.1 = Some(Value::int(counter));
    }
    series.put(out, &fields);
}

/// The open file and the series of the interfaces seen in it.
#[derive(Debug)]
pub(super) struct Network {
    process: PathBuf,
    file: Arc<Kept>,
    total: Series,
    interfaces: Vec<(String, Series)>,
    sockets: Sockets,
}

impl Network {
    /// Opens the file below `proc/PID` of the container that is shown under `name`; `None` when the process has ended.
    ///
    /// # Errors
    /// No permission, too many open files.
    pub(super) fn open(process: PathBuf, name: &str, identity: &Identity) -> Result<Option<Self>, Error> {
        let Some(file) = Kept::open_as(Shape::Records, &process, "net/dev")? else { return Ok(None) };
        let total = Series::of_container("docker_container_net", name, identity).with("network", "total");
        let sockets = Sockets::of(&process, name, identity);
        Ok(Some(Self { process, file: Arc::new(file), total, interfaces: Vec::new(), sockets }))
    }

    /// The open file, which the last look shares.
    pub(super) fn file(&self) -> Arc<Kept> {
        Arc::clone(&self.file)
    }

    /// Reads it and hands out the counters of each interface and their sum; nothing where there is only `lo`.
    ///
    /// # Errors
    /// [`Gone`] when the process has ended.
    pub(super) fn sample(&mut self, buffer: &mut Vec<u8>, name: &str, facts: &Facts, out: &mut impl Out) -> Result<(), Gone> {
        let Self { process, file, total, interfaces, .. } = self;
        Kept::ask(Some(file), buffer, |text| put_all(text, process, total, interfaces, name, facts, out)).map(drop)
    }

    /// The same of a text that was read before.
    pub(super) fn put(&mut self, text: &str, name: &str, facts: &Facts, out: &mut impl Out) {
        let Self { process, total, interfaces, .. } = self;
        put_all(text, process, total, interfaces, name, facts, out);
    }
}

fn put_all(
    text: &str,
    process: &Path,
    total: &mut Series,
    known: &mut Vec<(String, Series)>,
    name: &str,
    facts: &Facts,
    out: &mut impl Out,
) -> Option<()> {
    let mut sum = None;
    for interface in interfaces(text.as_bytes()).filter(|interface| interface.name != b"lo") {
        let (named, counters) = (str::from_utf8(interface.name).ok()?, counters(&interface));
        let sums = sum.get_or_insert([0_u64; 8]);
        sums.iter_mut().zip(counters).for_each(|(sum, counter)| *sum = sum.saturating_add(counter));
        let index = known.iter().position(|(found, _)| found == named).unwrap_or_else(|| {
            known.push((named.to_owned(), series(process, name, facts, named)));
            known.len() - 1
        });
        if let Some((_, series)) = known.get_mut(index) {
            put(counters, series, out);
        }
    }
    put(sum?, total, out);
    Some(())
}

impl Network {
    /// Samples how many sockets there are, which is read now and then.
    pub(super) fn sample_sockets(&mut self, buffer: &mut Vec<u8>, out: &mut impl Out) {
        self.sockets.sample(buffer, out);
    }

    /// Says of each of its series that it has ended; gives how many there were.
    pub(super) fn expire(&mut self, out: &mut impl Out) -> usize {
        let interfaces = self.interfaces.iter_mut().map(|(_, series)| series.expire(out)).sum::<usize>();
        interfaces + self.total.expire(out) + self.sockets.expire(out)
    }
}

/// The series of an interface, with the name of its network, or its own where Docker names none.
fn series(process: &Path, name: &str, facts: &Facts, interface: &str) -> Series {
    let routes = std::fs::read_to_string(process.join("net/route")).unwrap_or_default();
    let network = network(&routes, interface, &facts.attachments).unwrap_or(interface);
    Series::of_part("docker_container_net", name, &facts.identity, interface).with("interface", interface).with("network", network)
}

#[cfg(test)]
mod tests {
    use super::*;
    use event::Labels;

    const NET_DEV: &str = "Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:      64       1    0    0    0     0          0         0       64       1    0    0    0     0       0          0
  eth0:     286       3    1    2    0     0          0         0       90       4    5    6    0     0       0          0
  eth1:1000 2 0 0 0 0 0 0 2000 3 0 0 0 0 0 0
";

    #[derive(Default)]
    struct Seen(Vec<(String, Value<'static>)>);

    impl Out for Seen {
        fn sample(&mut self, service: &str, _: Labels<'_>, value: Value<'_>) {
            let Value::Metric(metric) = value else { panic!("{service} is a text") };
            self.0.push((service.to_owned(), Value::Metric(metric)));
        }

        fn every(&mut self, _: event::Duration) {}

        fn event(&mut self, _: &event::View<'_>) {}
    }

    #[track_caller]
    fn sampled(text: &str) -> Seen {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("net")).unwrap();
        std::fs::write(folder.path().join("net/dev"), text).unwrap();
        let mut network = Network::open(folder.path().to_owned(), "db", &Identity::default()).unwrap().unwrap();
        let mut seen = Seen::default();
        network.sample(&mut Vec::new(), "db", &Facts::default(), &mut seen).unwrap();
        seen
    }

    #[test]
    fn the_container_alone_is_the_sum() {
        let seen = sampled(NET_DEV);
        let of = |service: &str| seen.0.iter().find(|(found, _)| found == service).map(|(_, value)| *value);
        assert_eq!(of("docker_container_net/db/rx_bytes"), Some(Value::int(1286)));
        assert_eq!(of("docker_container_net/db/eth1/tx_bytes"), Some(Value::int(2000)));
        assert_eq!(seen.0.len(), 24);
    }

    #[test]
    fn a_container_without_network_has_no_counters() {
        let only_lo: String = NET_DEV.lines().take(3).collect::<Vec<_>>().join("\n");
        assert_eq!(sampled(&only_lo).0, []);
    }
}
