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

/// The alerts and streams that an example of rules defines.
fn names(example: &str) -> Vec<&str> {
    let mut section = "";
    let mut names = Vec::new();
    for line in example.lines() {
        let key = line.split(':').next().unwrap_or_default();
        if !line.starts_with([' ', '#']) {
            section = key;
        } else if let Some(name) = key.strip_prefix("  ").filter(|name| !name.starts_with([' ', '-', '#'])) {
            names.extend(["alerts", "streams"].contains(&section).then_some(name));
        }
    }
    names
}

#[test]
fn every_alert_and_stream_of_the_page_on_rules_does_what_a_test_beside_says() {
    let folder = tempfile::tempdir().unwrap();
    let page = fs::read_to_string(project("docs/rules.md")).unwrap();
    let mut n_names = 0;
    for example in page.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next()) {
        if example.contains("\ntests:\n") {
            // These are run by tests/rule_tests.rs, as the page tells of what they print.
            continue;
        }
        let names = names(example);
        if names.is_empty() {
            continue;
        }
        let file = folder.path().join("example.yaml");
        fs::write(&file, example).unwrap();
        let mut line = vec!["test".to_owned(), file.to_str().unwrap().to_owned()];
        for name in names {
            n_names += 1;
            let tests = project("tests/docs").join(format!("{name}.yaml"));
            assert!(tests.exists(), "docs/rules.md has `{name}`: write in {} what it does", tests.display());
            line.push(tests.to_str().unwrap().to_owned());
        }
        let line: Vec<&str> = line.iter().map(String::as_str).collect();
        let (code, out, error) = run(&line);
        assert_eq!(code, 0, "{example}\n{out}{error}");
    }
    assert!(n_names >= 25, "only {n_names} alerts and streams were found");
}

#[test]
fn what_the_page_on_rules_shows_of_explain_is_what_it_prints() {
    let page = fs::read_to_string(project("docs/rules.md")).unwrap();
    let shown = page.split("$ skep explain cpu-high host=n1").nth(1).unwrap().split("\n\n").next().unwrap();
    let (_, told, _) = run(&["explain", "cpu-high"]);
    for line in shown.lines().skip(1) {
        assert!(told.lines().any(|told| told == line), "`{line}` is not in\n{told}");
    }
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
