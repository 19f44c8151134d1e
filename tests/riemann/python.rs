//! A Python of the tests' own, with the packages they need from PyPI.

use std::path::{Path, PathBuf};
use std::process::Command;

/// bernhard 0.2.6 is of 2017: it wants `pkg_resources`, which newer setuptools have no more, and a protobuf whose version begins with 3.
const PACKAGES: [&str; 3] = ["bernhard==0.2.6", "protobuf==3.20.3", "setuptools<81"];

/// A Python that can import bernhard; made once and kept under the target folder.
pub(crate) fn with_bernhard() -> Option<PathBuf> {
    let python = testbed::require("python3", "python3-venv")?;
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bernhard");
    let own = folder.join("bin/python");
    if can_import(&own) {
        return Some(own);
    }
    let made = Command::new(python).args(["-m", "venv", "--clear"]).arg(&folder).output().unwrap();
    if !made.status.success() {
        return testbed::skip("python3-venv", &String::from_utf8_lossy(&made.stdout));
    }
    let pip = ["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", "--timeout", "20", "--retries", "1"];
    let installed = Command::new(&own).args(pip).args(PACKAGES).output().unwrap();
    if !installed.status.success() {
        return testbed::skip("bernhard (pip could not)", &String::from_utf8_lossy(&installed.stderr));
    }
    assert!(can_import(&own), "{PACKAGES:?} are installed in {}, yet bernhard cannot be imported", folder.display());
    Some(own)
}

fn can_import(python: &Path) -> bool {
    Command::new(python).args(["-W", "ignore", "-c", "import bernhard"]).output().is_ok_and(|output| output.status.success())
}
