//! The rules of the house that a machine can check. Each failure says what to do.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::panic,
    reason = "a test may stop anywhere, and watches another process, whose time nobody can move"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// No file is longer without its reason standing here.
const MAX_LINES: usize = 400;

/// Files that may be longer, with the reason.
const LONG_FILES: &[(&str, &str)] = &[];

/// Licences that a dependency may have; an `OR` needs one of them, an `AND` each.
const LICENCES: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Crates of the normal tree that stand there in two versions, with the reason.
const DUPLICATES: &[(&str, &str)] = &[
    ("syn", "macros move from 2 to 3 one by one, those of influxdb2 are at 1; compile time only"),
    ("base64", "lettre takes 0.23, bollard 0.22, influxdb2 0.13 and by reqwest 0.21"),
    ("http", "influxdb2 takes reqwest 0.11, which takes 0.2"),
    ("http-body", "influxdb2 takes reqwest 0.11, which takes 0.4"),
    ("hyper", "influxdb2 takes reqwest 0.11, which takes 0.14"),
    ("socket2", "hyper 0.14, which influxdb2 takes, takes 0.5"),
    ("fallible-iterator", "influxdb2 takes 0.2, rusqlite 0.3"),
    ("itertools", "influxdb2 takes 0.10 in its macros, ratatui 0.14"),
    ("parking_lot", "influxdb2 takes 0.11, crossterm 0.12"),
    ("parking_lot_core", "parking_lot 0.11, which influxdb2 takes, takes 0.8"),
    ("getrandom", "tungstenite takes rand 0.9, which takes 0.3"),
    ("rand_core", "tungstenite takes rand 0.9, which takes 0.9"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(root()).output().expect("cargo runs");
    assert!(output.status.success(), "cargo {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("cargo prints text")
}

/// A line `NAME vVERSION` for each crate that `package` is built from on this platform.
fn tree(package: &str) -> String {
    cargo(&["tree", "--locked", "-e", "normal", "--prefix", "none", "--format", "{p}", "-p", package])
}

#[track_caller]
fn check_absent(package: &str, banned: &[&str]) {
    let tree = tree(package);
    let names: BTreeSet<&str> = tree.lines().filter_map(|line| line.split_whitespace().next()).collect();
    for name in banned {
        assert!(!names.contains(name), "{package} must not be built from {name}: imports go one way only (ARCHITECTURE.md)");
    }
}

#[test]
fn imports_go_one_way_only() {
    const DRIVERS: [&str; 5] = ["tokio", "serde", "serde_json", "hyper", "crossbeam-channel"];
    const ABOVE: [&str; 4] = ["skep-engine", "skep-transport", "skep-collector", "skep-processor"];
    for package in ["skep-event", "skep-catalogue"] {
        check_absent(package, &DRIVERS);
        check_absent(package, &ABOVE);
    }
    check_absent("skep-engine", &DRIVERS);
    check_absent("skep-engine", &["skep-transport", "skep-collector", "skep-processor"]);
    check_absent("skep-transport", &["skep-engine", "skep-collector", "skep-processor"]);
    check_absent("skep-collector", &["skep-engine", "skep-processor"]);
    check_absent("skep-processor", &["skep-collector"]);
}

#[test]
fn the_binary_links_no_foreign_tls_and_no_test_crate() {
    check_absent("skep", &["aws-lc-sys", "openssl-sys", "native-tls", "skep-testbed"]);
}

#[test]
fn no_crate_stands_twice_in_the_binary_without_a_reason() {
    let tree = tree("skep");
    let versions: BTreeSet<(&str, &str)> = tree.lines().filter_map(name_and_version).collect();
    let mut seen = BTreeSet::new();
    for (name, version) in versions {
        let named = DUPLICATES.iter().any(|(known, _)| *known == name);
        assert!(seen.insert(name) || named, "{name} stands twice ({version} is one): unify it, or name it in DUPLICATES with the reason");
    }
}

fn name_and_version(line: &str) -> Option<(&str, &str)> {
    let (name, rest) = line.split_once(" v")?;
    Some((name, rest.split(' ').next().unwrap_or(rest)))
}

#[test]
fn every_dependency_has_an_allowed_licence_and_comes_from_the_registry() {
    let metadata = cargo(&["metadata", "--locked", "--format-version", "1"]);
    let metadata: serde_json::Value = serde_json::from_str(&metadata).expect("JSON");
    for package in metadata["packages"].as_array().expect("packages") {
        let name = package["name"].as_str().expect("a name");
        let licence = package["license"].as_str().unwrap_or_default();
        assert!(allowed(licence), "{name} has the licence `{licence}`; allowed are {LICENCES:?} (deny.toml)");
        let source = package["source"].as_str();
        assert!(source.is_none_or(|source| source.starts_with("registry+")), "{name} comes from {source:?}, not from the registry");
    }
}

fn allowed(expression: &str) -> bool {
    let bare = |text: &str| text.trim_matches(['(', ')', ' ']).to_owned();
    let expression = expression.replace('/', " OR ");
    expression.split(" AND ").all(|part| part.split(" OR ").any(|one| LICENCES.contains(&bare(one).as_str())))
}

/// All files of ours with one of these endings; none outside a git checkout.
fn files(endings: &[&str]) -> Vec<PathBuf> {
    let output = Command::new("git").args(["ls-files", "-co", "--exclude-standard"]).current_dir(root()).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let ours = text.lines().filter(|path| endings.iter().any(|ending| path.ends_with(ending)));
    ours.map(|path| root().join(path)).filter(|path| path.exists()).collect()
}

#[test]
fn no_file_is_too_long_to_be_read_in_one_sitting() {
    for path in files(&[".rs", ".js", ".css", ".html"]) {
        let relative = path.strip_prefix(root()).expect("below the root").to_string_lossy().into_owned();
        if relative.contains("/vendor/") || LONG_FILES.iter().any(|(file, _)| *file == relative) {
            continue;
        }
        let lines = std::fs::read_to_string(&path).expect("a readable file").lines().count();
        assert!(lines <= MAX_LINES, "{relative} has {lines} lines: look for the second thing it does, or give its reason in LONG_FILES");
    }
}

#[test]
fn every_rust_file_says_what_it_is_for() {
    for path in files(&[".rs"]) {
        let text = std::fs::read_to_string(&path).expect("a readable file");
        assert!(text.starts_with("//! "), "{} must start with `//! ` and one sentence that says what it is for", path.display());
    }
}
