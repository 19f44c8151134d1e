//! Puts the commit into the version: `skep 0.1.0 (1a2b3c4d5)`, and beside it.

use std::process::Command;

fn main() {
    let version = std::env::var("CARGO_PKG_VERSION").unwrap_or_default();
    let commit = commit();
    let full = match &commit {
        Some(commit) => format!("{version} ({commit})"),
        None => version,
    };
    println!("cargo:rustc-env=SKEP_COMMIT={}", commit.unwrap_or_default());
    println!("cargo:rustc-env=SKEP_VERSION={full}");
    println!("cargo:rerun-if-changed=.git/HEAD");
    println!("cargo:rerun-if-changed=.git/logs/HEAD");
}

/// The short hash of the checkout; none when built from an archive.
fn commit() -> Option<String> {
    let output = Command::new("git").args(["rev-parse", "--short=9", "HEAD"]).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let hash = text.trim();
    (output.status.success() && !hash.is_empty()).then(|| hash.to_owned())
}
