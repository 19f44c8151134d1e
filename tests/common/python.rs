//! A Python of the tests' own, with the packages they need from PyPI.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A Python that can import these modules of these packages; made once and kept under this name in the target folder.
pub(crate) fn with(name: &str, packages: &[&str], modules: &str) -> Option<PathBuf> {
    let python = testbed::require("python3", "python3-venv")?;
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let own = folder.join("bin/python");
    if can_import(&own, modules) {
        return Some(own);
    }
    let made = Command::new(python).args(["-m", "venv", "--clear"]).arg(&folder).output().unwrap();
    if !made.status.success() {
        return testbed::skip("python3-venv", &String::from_utf8_lossy(&made.stdout));
    }
    let pip = ["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", "--timeout", "20", "--retries", "1"];
    let installed = Command::new(&own).args(pip).args(packages).output().unwrap();
    if !installed.status.success() {
        return testbed::skip(&format!("{name} (pip could not)"), &String::from_utf8_lossy(&installed.stderr));
    }
    assert!(can_import(&own, modules), "{packages:?} are installed in {}, yet {modules} cannot be imported", folder.display());
    Some(own)
}

fn can_import(python: &Path, modules: &str) -> bool {
    Command::new(python).args(["-W", "ignore", "-c", &format!("import {modules}")]).output().is_ok_and(|output| output.status.success())
}
