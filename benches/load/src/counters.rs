//! What the process under test counts about itself: one reading of `GET /metrics`.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context as _, bail};

/// How the names of counters end that tell of something lost.
const LOSSES: [&str; 4] = ["_dropped", "_refused", "_overflow", "_lost"];

/// Numbers by their names, without `skep_processor_` and `_total`; those of several sinks are added up.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Counters(BTreeMap<String, f64>);

impl Counters {
    /// # Errors
    /// When no answer comes, or another than 200.
    pub(crate) fn read(http: SocketAddr) -> anyhow::Result<Self> {
        let mut stream = TcpStream::connect(http).with_context(|| format!("could not connect to {http}"))?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        write!(stream, "GET /metrics HTTP/1.1\r\nHost: {http}\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).context("no answer to GET /metrics")?;
        if !answer.starts_with("HTTP/1.1 200 ") {
            bail!("GET /metrics was answered with `{}`", answer.lines().next().unwrap_or_default());
        }
        Ok(Self::parse(&answer))
    }

    fn parse(text: &str) -> Self {
        let mut numbers = BTreeMap::new();
        for line in text.lines() {
            let Some((name, value)) = line.strip_prefix("skep_processor_").and_then(|line| line.rsplit_once(' ')) else { continue };
            let Ok(value) = value.parse::<f64>() else { continue };
            let name = name.split('{').next().unwrap_or(name);
            *numbers.entry(name.trim_end_matches("_total").to_owned()).or_default() += value;
        }
        Self(numbers)
    }

    /// 0 when there is no such number.
    pub(crate) fn get(&self, name: &str) -> f64 {
        self.0.get(name).copied().unwrap_or_default()
    }

    /// Every counter of something lost, and by how much it has grown since `before`.
    pub(crate) fn losses_since<'a>(&'a self, before: &'a Self) -> impl Iterator<Item = (&'a str, f64)> {
        let is_loss = |name: &str| LOSSES.iter().any(|ending| name.ends_with(ending));
        self.0.iter().filter(move |(name, _)| is_loss(name)).map(|(name, value)| (name.as_str(), value - before.get(name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n\
        # TYPE skep_processor_series gauge\nskep_processor_series 3\n\
        skep_processor_udp_dropped_total 4\n\
        skep_processor_influx_lines_dropped_total{sink=\"a b\"} 1\nskep_processor_influx_lines_dropped_total{sink=\"c\"} 2\n";

    #[test]
    fn numbers_of_several_sinks_are_added_up() {
        let counters = Counters::parse(TEXT);
        assert_eq!([counters.get("series"), counters.get("influx_lines_dropped"), counters.get("none")], [3.0, 3.0, 0.0]);
    }

    #[test]
    fn losses_are_told_apart_from_other_numbers_by_their_names() {
        let (counters, before) = (Counters::parse(TEXT), Counters::parse("skep_processor_udp_dropped_total 1\n"));
        assert_eq!(counters.losses_since(&before).collect::<Vec<_>>(), [("influx_lines_dropped", 3.0), ("udp_dropped", 3.0)]);
    }
}
