//! Programs of the user's that are run again and again: what they print is told with the samples.
//!
//! A thread of its own runs them; the sampling thread takes what has come at its turn, so that a program which hangs holds
//! nothing up.

mod driver;
mod program;
mod read;
mod sampler;
mod series;

pub use sampler::Exec;

use event::Duration;

/// A program, and how it is run.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// What its own series are called after; no two of one name.
    pub name: String,
    /// The program and its arguments; never empty. There is no shell unless it is the program.
    pub command: Vec<String>,
    /// Added to skep's own environment.
    pub environment: Vec<(String, String)>,
    /// Between two runs; one that takes longer puts off the next.
    pub every: Duration,
    /// After that it is ended, with all that it has started.
    pub timeout: Duration,
    /// What it prints.
    pub format: Format,
}

/// What a program prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// InfluxDB's line protocol.
    Influx,
    /// Events as JSON: an object, an array of them, or one after the other.
    Json,
}
