//! skep as a user without rights: it samples what may be read, and says what may not.

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
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use common::Skep;

/// `nobody` and `nogroup` of Debian.
const NOBODY: u32 = 65_534;

/// Starts skep as `nobody` where this user may do that, else as this user, who is hardly root.
fn start(role: &str, folder: &Path, arguments: &[&str]) -> Skep {
    let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
    // Where `nobody` may reach it.
    let program = folder.join("skep");
    if !program.exists() {
        let built = env!("CARGO_BIN_EXE_skep");
        fs::hard_link(built, &program).or_else(|_| fs::copy(built, &program).map(drop)).unwrap();
    }
    let mut command = Command::new(&program);
    Skep::prepare(&mut command, "127.0.0.1:0", role, folder, arguments);
    if is_root {
        chown(folder, Some(NOBODY), Some(NOBODY)).unwrap();
        command.uid(NOBODY).gid(NOBODY);
    }
    Skep::launch(&mut command, role, &folder.join(format!("{role}.log")))
}

#[test]
fn nobody_sees_the_host_and_is_told_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let host = folder.path().join("host");
    // A host of which little may be read.
    fs::create_dir_all(host.join("proc")).unwrap();
    fs::write(host.join("proc/stat"), "cpu  1 0 1 9 0 0 0 0 0 0\ncpu0 1 0 1 9 0 0 0 0 0 0\n").unwrap();
    let skep = start("run", folder.path(), &[]);
    for service in ["cpu/usage_active", "mem/used_percent", "system/load1", "skep_collector/heartbeat"] {
        skep.wait_for(&format!("service = \"{service}\""), 1);
    }
    let missing = skep.wait_for("service = \"skep_collector/samplers_missing\"", 1)[0]["metric"].as_i64().unwrap();
    let said = skep.server.output();
    assert_eq!(missing > 0, said.contains("not sampled here"), "{missing} samplers are missing:\n{said}");
    assert_eq!(skep.wait_for("service = \"skep_collector/sees_only_itself\"", 1).len(), 1);
    skep.stop();

    let poor = tempfile::tempdir().unwrap();
    let skep = start("run", poor.path(), &["--host-root", host.to_str().unwrap()]);
    let missing = skep.wait_for("service = \"skep_collector/samplers_missing\"", 1)[0]["metric"].as_i64().unwrap();
    let said = skep.server.output();
    let line = said.lines().find(|line| line.contains("not sampled here")).unwrap_or_default();
    assert!(missing >= 3 && ["memory", "net", "disk"].iter().all(|name| line.contains(name)), "{missing}: {said}");
    assert_eq!(said.matches("not sampled here").count(), 1, "{said}");
    skep.stop();
}

#[test]
fn a_collector_whose_folder_may_not_be_written_samples_on() {
    let folder = tempfile::tempdir().unwrap();
    let processor = Skep::start("process", folder.path(), &[]);
    let poor = tempfile::tempdir().unwrap();
    let to = processor.riemann.unwrap().to_string();
    let collector = start("collect", poor.path(), &["--to", &to, "--data-dir", "/proc/skep"]);
    processor.wait_for("service = \"mem/used_percent\"", 1);
    let failing = processor.wait_for("service = \"skep_collector/backlog_failing\"", 1);
    assert_eq!(failing[0]["metric"].as_i64(), Some(1));
    assert!(collector.server.output().contains("the backlog cannot be used"), "{}", collector.server.output());
    collector.stop();
    processor.stop();
}
