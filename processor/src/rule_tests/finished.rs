//! A test from beginning to end: run, and told why it fails.

use super::{Bench, Inputs, Mark, RuleTest, failures, passes};
use crate::config::Suite;

/// A test that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// Of the test.
    pub name: String,
    /// The file that it stands in.
    pub file: String,
    /// Its line there, from 1.
    pub line: usize,
    /// Why it failed; empty for one that passed.
    pub failures: Vec<(Mark, String)>,
}

impl Finished {
    /// A test and why it failed.
    pub fn new(test: &RuleTest, failures: Vec<(Mark, String)>) -> Self {
        Self { name: test.name.clone(), file: test.file.clone(), line: test.line, failures }
    }

    /// All was as expected.
    pub fn passed(&self) -> bool {
        self.failures.is_empty()
    }
}

/// Runs a test of a suite; `inputs` is what comes in it, or why that could not be read.
pub fn finish(test: &RuleTest, suite: &Suite, inputs: Result<&Inputs, String>, swarm: &str) -> Finished {
    let inputs = match inputs {
        Ok(inputs) => inputs,
        Err(unread) => return Finished::new(test, vec![(Mark::Head, unread)]),
    };
    let bench = Bench::new(test, &suite.rules, swarm);
    if passes(test, &bench.run(test, inputs, false)) {
        return Finished::new(test, Vec::new());
    }
    Finished::new(test, failures(test, &bench.run(test, inputs, true)))
}
