//! What the documentation shows is true: its YAML passes the check, and it leads nowhere that is not there.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::panic,
    reason = "a test may stop anywhere, and watches another process, whose time nobody can move"
)]

mod common;

use std::fs;
use std::path::PathBuf;

use common::{project, run};

fn pages() -> Vec<PathBuf> {
    let docs = ["docs", "docs/alerts"].map(project).into_iter().flat_map(|folder| fs::read_dir(folder).unwrap());
    let docs = docs.map(|entry| entry.unwrap().path());
    let mut pages: Vec<PathBuf> = docs.filter(|path| path.extension().is_some_and(|extension| extension == "md")).collect();
    pages.extend(["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"].map(project));
    pages
}

#[test]
fn every_yaml_example_passes_the_check() {
    let folder = tempfile::tempdir().unwrap();
    let mut n_examples = 0;
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        for example in text.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next()) {
            n_examples += 1;
            let name = if example.starts_with("# skep.yaml") { "skep.yaml" } else { "rules.yaml" };
            let file = folder.path().join(name);
            fs::write(&file, example).unwrap();
            // What an operator copies at night must not warn either.
            let strict: &[&str] = if page.starts_with(project("docs/alerts")) { &["--strict"] } else { &[] };
            let (code, out, error) = run(&[&["check", file.to_str().unwrap()], strict].concat());
            assert_eq!(code, 0, "{}:\n{example}\n{out}{error}", page.display());
        }
    }
    assert!(n_examples >= 8, "only {n_examples} examples were found");
}

#[test]
fn every_link_to_a_file_leads_somewhere() {
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        let targets = text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
        for target in targets.filter(|target| !target.is_empty() && !target.contains("://")) {
            assert!(page.parent().unwrap().join(target).exists(), "{} leads to {target}, which is not there", page.display());
        }
    }
}
