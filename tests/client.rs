//! What of the pages needs no browser: queries, order, the numbers behind charts, and rules to begin with, under Node.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::panic,
    reason = "a test may stop anywhere, and runs other programs"
)]

mod common;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use common::{command, project, run};
use testbed::require;

/// The files of `processor/web/tests`.
fn files() -> Vec<PathBuf> {
    let all = fs::read_dir(project("processor/web/tests")).unwrap().map(|entry| entry.unwrap().path());
    let mut tests: Vec<PathBuf> = all.filter(|path| path.to_string_lossy().ends_with(".test.mjs")).collect();
    tests.sort_unstable();
    tests
}

#[test]
fn the_pure_parts_of_the_pages_do_what_their_tests_say_and_rules_made_of_events_are_rules() {
    let Some(node) = require("node", "nodejs") else { return };
    let folder = tempfile::tempdir().unwrap();
    command::run(Command::new(node).arg("--test").args(files()).env("SKEP_SKELETONS", folder.path()));
    let made = fs::read_dir(folder.path()).unwrap().count();
    assert!(made >= 5, "{made} rules were made");
    let (code, printed, errors) = run(&["check", folder.path().to_str().unwrap()]);
    assert_eq!(code, 0, "{printed}{errors}");
}
