//! Finds the programs that tests run, or says which package brings them.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Where a program of this name stands, or `None` with the line `skipped: install PACKAGE`.
///
/// Each skip is also appended to the file that `SKEP_SKIPPED` names, from which `make test` prints the count.
///
/// # Panics
/// With `SKEP_REQUIRE` set a missing program fails the test.
pub fn require(program: &str, package: &str) -> Option<PathBuf> {
    if let Some(found) = find(program) {
        return Some(found);
    }
    skip(package, &format!("`{program}` is missing"))
}

/// For what is more than one program: `None` with the line `skipped: install PACKAGE`, counted as with [`require`].
///
/// # Panics
/// With `SKEP_REQUIRE` set, saying why.
pub fn skip<T>(package: &str, why: &str) -> Option<T> {
    assert!(std::env::var_os("SKEP_REQUIRE").is_none(), "SKEP_REQUIRE is set: install {package}: {why}");
    skipped(package);
    None
}

fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let usual = ["/usr/sbin", "/usr/local/sbin", "/sbin"].map(PathBuf::from);
    std::env::split_paths(&path).chain(usual).map(|folder| folder.join(program)).find(|candidate| is_program(candidate))
}

fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[expect(clippy::print_stderr, reason = "the line is what a person who runs the tests must see")]
fn skipped(package: &str) {
    eprintln!("skipped: install {package}");
    let Some(list) = std::env::var_os("SKEP_SKIPPED") else { return };
    if let Ok(mut file) = OpenOptions::new().create(true).append(true).open(list) {
        // One write, so that lines of tests that run at the same time do not mix.
        let _ = file.write_all(format!("skipped: install {package}\n").as_bytes());
    }
}
