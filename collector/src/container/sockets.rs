//! How many sockets a container's network namespace holds: `/proc/PID/net/sockstat` and `sockstat6` of its first process.
//!
//! Its other numbers (`orphan`, `alloc`, `mem`) are those of the whole machine whoever asks.

use std::path::Path;

use super::Identity;
use super::seldom::Seldom;
use super::series::{Out, Series, Value};
use crate::kernel::keyed::{Key, Layout};

const V4: [Key; 3] = [Key { group: "TCP", name: "inuse" }, Key { group: "TCP", name: "tw" }, Key { group: "UDP", name: "inuse" }];
const V6: [Key; 2] = [Key { group: "TCP6", name: "inuse" }, Key { group: "UDP6", name: "inuse" }];

/// The two files and the series.
#[derive(Debug)]
pub(super) struct Sockets {
    v4: Seldom,
    v6: Seldom,
    series: Series,
}

impl Sockets {
    /// Of the process below `proc/PID`, shown under `name`.
    pub(super) fn of(process: &Path, name: &str, identity: &Identity) -> Self {
        let [v4, v6] = ["net/sockstat", "net/sockstat6"].map(|file| Seldom::at(&process.join(file)));
        Self { v4, v6, series: Series::of_container("docker_container_net", name, identity).with("network", "total") }
    }

    /// Reads both files and hands out what they say together.
    pub(super) fn sample(&mut self, buffer: &mut Vec<u8>, out: &mut impl Out) {
        let [tcp, waiting, udp] = Layout::Pairs.values(self.v4.read(buffer).as_bytes(), &V4);
        let [tcp6, udp6] = Layout::Pairs.values(self.v6.read(buffer).as_bytes(), &V6);
        let both = |v4: Option<u64>, v6: Option<u64>| v4.map(|count| Value::int(count.saturating_add(v6.unwrap_or(0))));
        let fields = [("tcp_inuse", both(tcp, tcp6)), ("tcp_tw", waiting.map(Value::int)), ("udp_inuse", both(udp, udp6))];
        self.series.put(out, &fields);
    }

    /// Says that they have ended; gives how many there were.
    pub(super) fn expire(&mut self, out: &mut impl Out) -> usize {
        self.series.expire(out)
    }
}

#[cfg(test)]
mod tests {
    use event::{Duration, Labels, View};

    use super::*;

    #[derive(Default)]
    struct Seen(Vec<String>);

    impl Out for Seen {
        fn every(&mut self, _: Duration) {}

        fn sample(&mut self, service: &str, _: Labels<'_>, value: Value<'_>) {
            let Value::Metric(metric) = value else { panic!("{service} is a text") };
            self.0.push(format!("{service} {metric}"));
        }

        fn event(&mut self, _: &View<'_>) {}
    }

    /// What comes of these two files; an empty one is not there.
    #[track_caller]
    fn check(v4: &str, v6: &str, expected: &[&str]) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("net")).unwrap();
        for (file, text) in [("net/sockstat", v4), ("net/sockstat6", v6)].into_iter().filter(|(_, text)| !text.is_empty()) {
            std::fs::write(folder.path().join(file), text).unwrap();
        }
        let mut seen = Seen::default();
        Sockets::of(folder.path(), "db", &Identity::default()).sample(&mut Vec::new(), &mut seen);
        assert_eq!(seen.0, expected);
    }

    const V4: &str = "sockets: used 289\nTCP: inuse 7 orphan 1 tw 4 alloc 90 mem 3\nUDP: inuse 2 mem 4\nUDPLITE: inuse 0\n";
    const V6: &str = "TCP6: inuse 5\nUDP6: inuse 1\nUDPLITE6: inuse 0\nRAW6: inuse 0\nFRAG6: inuse 0 memory 0\n";

    #[test]
    fn both_families_are_counted_together() {
        let net = "docker_container_net/db";
        check(V4, V6, &[&format!("{net}/tcp_inuse 12"), &format!("{net}/tcp_tw 4"), &format!("{net}/udp_inuse 3")]);
        check(V4, "", &[&format!("{net}/tcp_inuse 7"), &format!("{net}/tcp_tw 4"), &format!("{net}/udp_inuse 2")]);
    }

    #[test]
    fn a_process_that_has_ended_has_none() {
        check("", "", &[]);
    }
}
