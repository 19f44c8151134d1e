//! Programs that the collector runs: good ones in both formats, and those that fail, hang, flood, or are not there.

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
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use common::{PATIENCE, Skep};
use testbed::wait_until;

/// Starts skep with these programs; `DIR` in them is the test's folder.
fn skep(folder: &Path, exec: &str) -> Skep {
    let file = folder.join("skep.yaml");
    let exec = exec.replace("DIR", folder.to_str().unwrap());
    fs::write(&file, format!("collector:\n  docker: off\n  exec:\n{exec}")).unwrap();
    Skep::start("run", folder, &["--config", file.to_str().unwrap()])
}

/// A script of the shell that can be run.
fn script(folder: &Path, name: &str, text: &str) {
    let file = folder.join(name);
    fs::write(&file, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
}

fn metric(skep: &Skep, service: &str) -> f64 {
    skep.wait_for(&format!("service = \"{service}\""), 1)[0]["metric"].as_f64().unwrap()
}

#[test]
fn what_programs_print_in_either_format_is_in_the_index() {
    let folder = tempfile::tempdir().unwrap();
    script(folder.path(), "raid", "echo \"raid,disk=sda,dc=$DC temp=31.5,ok=true,model=\\\"$1\\\"\"; echo; echo 'ups,host=ups1 load=12i'");
    script(
        folder.path(),
        "backup",
        r#"echo '{"service":"backup","state":"warning","metric":3,"description":"slow","ttl":90,"tags":["nightly"],"dc":"fra"}'
echo '[{"service":"backup age","metric":7.5},'
echo ' {"service":"backup","host":"nas"}]'"#,
    );
    let skep = skep(
        folder.path(),
        "    - {name: raid, command: [DIR/raid, 'WD Red'], every: 1s, env: {DC: fra}}\n    \
             - {name: backup, command: [sh, -c, 'cd DIR && ./backup'], every: 1s, format: json}\n",
    );
    let temp = skep.wait_for("service = \"raid/dc=fra,disk=sda/temp\"", 1);
    assert_eq!((temp[0]["metric"].as_f64(), &temp[0]["disk"], &temp[0]["dc"]), (Some(31.5), &"sda".into(), &"fra".into()));
    assert_eq!(skep.wait_for("service = \"raid/dc=fra,disk=sda/model\"", 1)[0]["state"], "WD Red");
    assert_eq!(skep.wait_for("service = \"ups/load\" and host = \"ups1\"", 1)[0]["metric"], 12);
    let backup = skep.wait_for("service = \"backup\" and host != \"nas\"", 1);
    let texts = ["state", "description", "dc"].map(|key| backup[0][key].as_str().unwrap_or_default());
    assert_eq!((texts, &backup[0]["metric"], &backup[0]["ttl"]), (["warning", "slow", "fra"], &3.into(), &90.0.into()));
    assert_eq!(backup[0]["tags"], serde_json::json!(["nightly"]));
    assert_eq!(metric(&skep, "backup age"), 7.5);
    skep.wait_for("service = \"backup\" and host = \"nas\"", 1);
    for (name, n_events) in [("raid", 4.0), ("backup", 3.0)] {
        let code = skep.wait_for(&format!("service = \"exec/{name}/exit_code\""), 1);
        assert_eq!((&code[0]["metric"], &code[0]["state"], &code[0]["name"]), (&0.into(), &"ok".into(), &name.into()));
        assert_eq!(metric(&skep, &format!("exec/{name}/events")), n_events);
        assert!((0.0..30.0).contains(&metric(&skep, &format!("exec/{name}/duration_seconds"))));
    }
    // They are run again and again.
    skep.wait_for("service = \"skep_collector/exec_runs\" and metric >= 6", 1);
    assert_eq!(["failed", "timeouts", "refused", "dropped"].map(|what| metric(&skep, &format!("skep_collector/exec_{what}"))), [0.0; 4]);
    skep.stop();
}

#[test]
fn those_that_fail_say_why_and_those_that_hang_or_flood_are_killed_and_hold_nothing_up() {
    let folder = tempfile::tempdir().unwrap();
    let sh = folder.path();
    script(sh, "failing", "echo 'disks n=2i'; echo nonsense; echo 'sdb is missing' >&2; echo more >&2; exit 2");
    script(sh, "hanging", "echo x >> $HERE/runs; sleep 1000 & echo $! >> $HERE/sleepers; echo 'never n=1'; wait");
    script(sh, "flooding", "yes 'flood,x=1 n=1'");
    script(sh, "many", "i=0; while [ $i -lt 10050 ]; do echo \"many,i=$i n=1i\"; i=$((i+1)); done");
    let skep = skep(
        sh,
        "    - {name: failing, command: DIR/failing, every: 1s}\n    \
             - {name: hanging, command: [DIR/hanging], every: 2s, timeout: 1s, env: {HERE: DIR}}\n    \
             - {name: flooding, command: [DIR/flooding], every: 1s}\n    \
             - {name: many, command: [DIR/many], every: 60s, timeout: 60s}\n    \
             - {name: missing, command: [DIR/missing], every: 1s}\n",
    );
    for (name, code, why) in [
        ("failing", 2, "sdb is missing"),
        ("hanging", 124, "it had not ended within its timeout, and was killed"),
        ("flooding", 137, "it printed more than 1 MiB, and was killed"),
        ("missing", 127, "it cannot be started: No such file or directory (os error 2)"),
    ] {
        let told = skep.wait_for(&format!("service = \"exec/{name}/exit_code\""), 1);
        assert_eq!((&told[0]["metric"], &told[0]["state"], &told[0]["description"]), (&code.into(), &"critical".into(), &why.into()));
    }
    // What a failing program printed counts; of the killed ones nothing does.
    assert_eq!(metric(&skep, "disks/n"), 2.0);
    assert!(skep.index("service = \"never/n\" or service =~ \"flood/%\"").is_empty());
    assert_eq!(metric(&skep, "exec/many/events"), 10_000.0);
    assert_eq!(skep.index("service =~ \"many/%/n\"").len(), 10_000);
    skep.wait_for("service = \"skep_collector/exec_dropped\" and metric >= 50", 1);
    skep.wait_for("service = \"skep_collector/exec_timeouts\" and metric >= 2", 1);
    skep.wait_for("service = \"skep_collector/exec_refused\" and metric >= 2", 1);
    skep.wait_for("service = \"skep_collector/exec_failed\" and metric >= 8", 1);
    assert_eq!(metric(&skep, "skep_collector/turns_missed"), 0.0, "sampling is not held up");
    let log = skep.stop();
    for said in ["exec failing: it ended with exit code 2: sdb is missing", "exec hanging: it had not ended within its timeout"] {
        assert_eq!(log.matches(said).count(), 1, "{said}:\n{log}");
    }
    // Whatever they had started is gone, also what ran when skep ended.
    let lines = |name: &str| fs::read_to_string(sh.join(name)).unwrap().lines().map(str::to_owned).collect::<Vec<_>>();
    let sleepers = lines("sleepers");
    assert!(sleepers.len() >= 2 && sleepers.len() <= lines("runs").len());
    let is_gone = |pid: &String| fs::read_to_string(format!("/proc/{pid}/stat")).map_or(true, |text| text.contains(") Z "));
    assert!(wait_until(PATIENCE, || sleepers.iter().all(is_gone)), "{sleepers:?} still run");
}

#[test]
fn a_program_that_takes_long_is_never_run_twice_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    // Each holds a folder while it runs; a second one at that time could not make it.
    let long = "mkdir DIR/lock || { echo 'overlap n=1i'; exit; }; sleep 1.2; rmdir DIR/lock; echo 'long n=1i'";
    script(folder.path(), "long", &long.replace("DIR", folder.path().to_str().unwrap()));
    let skep = skep(folder.path(), "    - {name: long, command: [DIR/long], every: 2s, timeout: 2s}\n");
    skep.wait_for("service = \"skep_collector/exec_runs\" and metric >= 3", 1);
    assert_eq!(metric(&skep, "long/n"), 1.0);
    assert!(skep.index("service = \"overlap/n\"").is_empty());
    skep.stop();
}
