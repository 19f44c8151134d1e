//! Rules with their tests, for `skep test` and `skep check`.

use event::Duration;

use super::live::{self, Asked};
use super::report::Report;
use super::rules::{Files, Rules};
use super::stock::{self, STOCK};
use super::tests;
use crate::rule_tests::RuleTest;

/// The rules of some files, and their tests.
#[derive(Clone, Debug)]
pub struct Suite {
    /// The rules.
    pub rules: Rules,
    /// In the order of the files.
    pub tests: Vec<RuleTest>,
    /// Name and text of each file.
    pub files: Vec<(String, String)>,
    /// What lies under them.
    pub under: Under,
}

/// Which rules lie under those of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Under {
    /// The stock rules, as in production; their own tests are left out.
    Stock,
    /// None.
    Nothing,
}

/// Reads rule files with their tests; `None` when there is any error.
pub fn read_suite(files: &[(String, String)], under: Under, report: &mut Report) -> Option<Suite> {
    let mut read = Files::default();
    if under == Under::Stock {
        read.stock(report);
    }
    finish(read, files, under, report)
}

/// The stock rules alone, with their tests.
pub fn stock_suite(report: &mut Report) -> Option<Suite> {
    let files = STOCK.map(|(name, text)| (stock::name_of(name), text.to_owned()));
    read_suite(&files, Under::Nothing, report)
}

/// The rules of files without their tests; `None` when there is any error.
pub fn rules_of(files: &[(String, String)], under: Under) -> Option<Rules> {
    let mut report = Report::default();
    let mut read = Files::default();
    if under == Under::Stock {
        read.stock(&mut report);
    }
    read.add_all(files, &mut report);
    let rules = read.rules(&mut report);
    (report.n_errors() == 0).then_some(rules)
}

/// Tells of every mistake in rule files and their tests, over the stock rules, and gives what they ask of an index; `turn` is how often the collector samples, where that is known.
pub(super) fn check(files: &[(String, String)], turn: Option<Duration>, report: &mut Report) -> Vec<Asked> {
    let mut read = Files::default();
    read.turn = turn;
    read.stock(report);
    read.tests = Some(Vec::new());
    read.add_all(files, report);
    read.rules(report);
    resolve(&mut read, report);
    report.sort();
    live::asked(&read)
}

fn resolve(read: &mut Files, report: &mut Report) -> Vec<RuleTest> {
    let raw_tests = read.tests.take().unwrap_or_default();
    let resolve = |test| tests::resolve(test, &read.raws, &read.notifiers, &read.named, report);
    raw_tests.iter().map(resolve).collect()
}

fn finish(mut read: Files, files: &[(String, String)], under: Under, report: &mut Report) -> Option<Suite> {
    read.tests.get_or_insert_default();
    read.add_all(files, report);
    let rules = read.rules(report);
    let tests = resolve(&mut read, report);
    report.sort();
    (report.n_errors() == 0).then_some(Suite { rules, tests, files: files.to_vec(), under })
}
