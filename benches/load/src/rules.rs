//! What the rules of the process under test do.

use std::fmt::Write as _;

/// A set of rules; each has a measured counterpart in Riemann.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Scenario {
    /// No rule: decode, journal, index.
    Index,
    /// By host and service the mean of fixed windows of 5 s, and a threshold.
    Fixed,
    /// The same with a window that slides.
    Sliding,
    /// The fixed window; and a rate, percentiles, changed states and a rollup.
    All,
}

impl Scenario {
    pub(crate) fn all() -> Vec<Self> {
        vec![Self::Index, Self::Fixed, Self::Sliding, Self::All]
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Index => "index",
            Self::Fixed => "fixed",
            Self::Sliding => "sliding",
            Self::All => "all",
        }
    }

    /// The text of a rule file.
    pub(crate) fn text(self, idle_rules: usize) -> String {
        let mut text = String::new();
        let streams = match self {
            Self::Index => "",
            Self::Fixed => FIXED,
            Self::Sliding => SLIDING,
            Self::All => ALL,
        };
        if !streams.is_empty() {
            text.push_str("streams:\n");
            text.push_str(streams);
        }
        if idle_rules > 0 {
            text.push_str("alerts:\n");
        }
        for n in 0..idle_rules {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "  idle-{n}:\n    where: service = \"idle/{n}\" and metric > {n}\n    crit: metric > 90");
        }
        text
    }
}

const FIXED: &str = "  mean-fixed:
    where: service =~ \"web/%\"
    steps:
      - by: [host, service]
      - window: {tumble: 5s}
      - fold: mean
      - where: metric > 1000
";

const SLIDING: &str = "  mean-sliding:
    where: service =~ \"web/%\"
    steps:
      - by: [host, service]
      - window: {over: 5s}
      - fold: mean
      - where: metric > 1000
";

const ALL: &str = "  mean-fixed:
    where: service =~ \"web/%\"
    steps:
      - by: [host, service]
      - window: {tumble: 5s}
      - fold: mean
      - where: metric > 1000
  rates:
    where: service =~ \"web/%\"
    steps:
      - by: [host, service]
      - rate: 5s
      - where: metric > 1000000000
  percentiles:
    where: service =~ \"web/%\"
    steps:
      - by: [host]
      - percentiles: {every: 5s, points: [0.5, 0.95, 0.99]}
      - where: metric > 1000
  changes:
    where: service =~ \"web/%\"
    steps:
      - changed_state: {init: ok}
      - rollup: {max: 5, per: 1h}
";
