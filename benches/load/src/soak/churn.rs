//! The events of a soak: a hundred tasks on each host, one of which is replaced by a new one each minute.

use std::fmt::Write as _;
use std::time::Duration;

use event::msg::Encoder;
use event::{LabelsBuf, Metric, Timestamp, View};

/// Tasks of a host, and events of a message. One of them new each minute is one in a hundred.
pub(crate) const PER_HOST: usize = 100;

/// Of so many rounds a task spends one as critical.
const ROUNDS: u64 = 60;

/// The names of the series; those of tasks are written anew each time, as they come and go.
#[derive(Clone, Debug)]
pub(crate) struct Churn {
    n_hosts: usize,
    labels: LabelsBuf,
    host: String,
    service: String,
}

impl Churn {
    /// `n_series` is rounded up to whole hosts.
    pub(crate) fn new(n_series: usize) -> Self {
        let mut labels = LabelsBuf::new();
        labels.mark(b"skep").mark(b"load");
        Self { n_hosts: n_series.div_ceil(PER_HOST).max(1), labels, host: String::new(), service: String::new() }
    }

    /// Encodes the `n`th message of all, framed: an event of each task that its host has after `elapsed`.
    pub(crate) fn message(&mut self, n: u64, elapsed: Duration, now: Timestamp, encoder: &mut Encoder, out: &mut Vec<u8>) {
        let (host, round) = ((n % self.n_hosts as u64) as usize, n / self.n_hosts as u64);
        self.host.clear();
        // Writing to a String cannot fail.
        let _ = write!(self.host, "swarm-worker-{host:04}");
        encoder.clear();
        for task in 0..PER_HOST {
            self.name(host, task, elapsed);
            let state: &[u8] = if (round + task as u64) % ROUNDS == ROUNDS - 1 { b"critical" } else { b"ok" };
            encoder.event(&View {
                time: Some(now),
                state: Some(state),
                service: Some(self.service.as_bytes()),
                host: Some(self.host.as_bytes()),
                ttl: Some(15.0),
                metric: Metric::float((round % 7) as f64 * 10.0 + 0.25),
                labels: self.labels.view(),
                ..View::default()
            });
        }
        out.clear();
        out.extend_from_slice(&(encoder.bytes().len() as u32).to_be_bytes());
        out.extend_from_slice(encoder.bytes());
    }

    /// A name that no other task of any host ever has, as containers of a swarm have them.
    fn name(&mut self, host: usize, task: usize, elapsed: Duration) {
        let id = self.generation(host, task, elapsed).wrapping_mul(self.n_hosts as u64) + host as u64;
        self.service.clear();
        let _ = write!(self.service, "web/api.{task}.{:016x}/latency", id.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    }

    /// How often the task has been replaced; the hosts' turns are spread over the minute.
    fn generation(&self, host: usize, task: usize, elapsed: Duration) -> u64 {
        let minute = (elapsed.as_secs_f64() / 60.0 + host as f64 / self.n_hosts as f64) as u64;
        (minute + (PER_HOST - 1 - task) as u64) / PER_HOST as u64
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn names(seconds: u64) -> BTreeSet<(usize, String)> {
        let mut churn = Churn::new(1_000);
        let mut names = BTreeSet::new();
        for host in 0..10 {
            for task in 0..PER_HOST {
                churn.name(host, task, Duration::from_secs(seconds));
                names.insert((host, churn.service.clone()));
            }
        }
        names
    }

    #[test]
    fn one_in_a_hundred_series_is_new_each_minute() {
        let start = names(0);
        assert_eq!(start.len(), 1_000);
        for minutes in [1, 2, 30, 99] {
            let n_new = names(minutes * 60).difference(&start).count();
            assert_eq!(n_new, 10 * minutes as usize, "after {minutes} minutes");
        }
    }

    #[test]
    fn the_turns_of_hosts_are_spread_over_the_minute() {
        let start = names(0);
        let after = [6, 12, 30, 54, 60].map(|seconds| names(seconds).difference(&start).count());
        assert_eq!(after, [1, 2, 5, 9, 10]);
    }

    #[test]
    fn a_name_never_comes_back() {
        let mut seen = names(0);
        for minutes in 1..=300 {
            seen.extend(names(minutes * 60));
        }
        assert_eq!(seen.len(), 1_000 + 300 * 10);
    }
}
