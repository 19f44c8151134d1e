//! The options of `skep export` and `skep import`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{Changing, Target};

/// How exported points are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shape {
    /// InfluxDB's line protocol, times in nanoseconds
    Lines,
    /// time,measurement,tags,field,value
    Csv,
}

/// `skep export`
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  skep export --last 30m > last.lp
  skep export --from 2026-12-01T08:00:00Z --to 2026-12-01T09:00:00Z --measurement cpu --format csv

What the store keeps is written to stdout, numbers alone; `skep import` and any InfluxDB take the lines.")]
pub(crate) struct ExportOptions {
    #[command(flatten)]
    pub(crate) target: Target,

    /// How far back from now
    #[arg(long, value_name = "DURATION", default_value = "1h", conflicts_with = "from")]
    pub(crate) last: String,

    /// The first moment
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,

    /// The first moment that no longer counts [default: now]
    #[arg(long, value_name = "TIME")]
    pub(crate) to: Option<String>,

    /// Only of this measurement; may be given several times
    #[arg(long, value_name = "NAME")]
    pub(crate) measurement: Vec<String>,

    /// How points are written
    #[arg(long, value_enum, default_value = "lines")]
    pub(crate) format: Shape,
}

/// `skep import`
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Line protocol goes to the InfluxDB of the running skep, and to its store where that still keeps the time; rules do not see it.
Exit code: 0 when all lines are taken, 1 when some were refused, or nobody answered.")]
pub(crate) struct ImportOptions {
    #[command(flatten)]
    pub(crate) changing: Changing,

    /// File of line protocol
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,

    /// Unit of the times: ns, us, ms or s
    #[arg(long, value_name = "UNIT", default_value = "ns")]
    pub(crate) precision: String,
}
