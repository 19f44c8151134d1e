//! Whether the tests of rules notice when a rule is changed a little.

use super::{Bench, Inputs, RuleTest, passes};
use crate::config::{self, Mutant, Suite};

/// What became of one change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// The change.
    pub mutant: Mutant,
    /// The name of its file.
    pub file: String,
    /// A test fails with it.
    pub is_noticed: bool,
    /// There are tests of that alert that pass without the change.
    pub is_tested: bool,
}

/// Makes every change of a suite's alerts, one at a time, and runs the tests that are about the alert; `tests` are those that pass, with
/// what comes in each. Changes that cannot be loaded or change nothing are left out.
pub fn mutate(suite: &Suite, tests: &[(&RuleTest, &Inputs)], swarm: &str) -> Vec<Tried> {
    let mut tried = Vec::new();
    let files = suite.files.iter().map(|(name, text)| (name.clone(), config::without_tests(text).to_owned()));
    let files: Vec<_> = files.collect();
    for (file, (name, text)) in files.iter().enumerate() {
        for mutant in config::mutants(file, text) {
            let mut files = files.clone();
            if let Some((_, changed)) = files.get_mut(file) {
                *changed = mutant.apply(text);
            }
            let Some(rules) = config::rules_of(&files, suite.under) else { continue };
            let all = RuleTest { alerts: vec![mutant.alert.clone()], ..RuleTest::default() };
            if Bench::new(&all, &rules, swarm).plan().hash() == Bench::new(&all, &suite.rules, swarm).plan().hash() {
                continue;
            }
            let about: Vec<_> = tests.iter().filter(|(test, _)| test.alerts.contains(&mutant.alert)).collect();
            let is_noticed = about.iter().any(|(test, inputs)| {
                let bench = Bench::new(test, &rules, swarm);
                !passes(test, &bench.run(test, inputs, false))
            });
            let one = Tried { mutant, file: name.clone(), is_noticed, is_tested: !about.is_empty() };
            tried.push(one);
        }
    }
    tried
}
