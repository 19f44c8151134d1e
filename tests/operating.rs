//! What docs/operating.md tells an operator to type does what it says: its blocks are run in their order, below a folder in place of `/`.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::panic,
    reason = "a test may stop anywhere, and watches another process, whose time nobody can move"
)]

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;

use common::command::run;
use common::page::{block, operating};
use testbed::{free_port, wait_until};

/// In place of systemd, which a machine of tests may not have: runs what the unit says, and ends it.
const SYSTEMCTL: &str = r#"#!/bin/sh
stop() {
  pid=$(cat "$ROOT/pid")
  kill "$pid"
  while readlink "/proc/$pid/exe" > /dev/null 2>&1; do sleep 0.05; done
}
start() {
  sh -c 'echo $$ > "$1"; exec $2' sh "$ROOT/pid" "$(sed -n 's/^ExecStart=//p' "$ROOT/etc/systemd/system/skep.service")" >> "$ROOT/log" 2>&1 &
}
case "$1" in
  start | enable) start ;;
  stop) stop ;;
  restart) stop && start ;;
esac
"#;

struct Machine {
    root: tempfile::TempDir,
    ports: [(&'static str, String); 2],
}

impl Machine {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        for folder in ["etc/systemd/system", "var/lib/skep", "usr/local/bin", "work"] {
            fs::create_dir_all(root.path().join(folder)).unwrap();
        }
        let systemctl = root.path().join("usr/local/bin/systemctl");
        fs::write(&systemctl, SYSTEMCTL).unwrap();
        run(Command::new("chmod").arg("755").arg(&systemctl));
        run(Command::new("strip").arg("-o").arg(root.path().join("work/skep")).arg(env!("CARGO_BIN_EXE_skep")));
        let ports = ["127.0.0.1:5556", "127.0.0.1:5555"].map(|usual| (usual, format!("127.0.0.1:{}", free_port())));
        Self { root, ports }
    }

    /// The block of this name, as it is run here.
    fn block(&self, name: &str) -> String {
        let mut block = block(&format!("run: {name}"));
        for folder in ["/etc/", "/var/", "/usr/local/"] {
            block = block.replace(folder, &format!("{}{folder}", self.root.path().display()));
        }
        self.ports.iter().fold(block, |block, (usual, own)| block.replace(usual, own))
    }

    #[track_caller]
    fn run(&self, name: &str) -> String {
        self.script(&self.block(name))
    }

    #[track_caller]
    fn script(&self, script: &str) -> String {
        let path = format!("{}:{}", self.root.path().join("usr/local/bin").display(), std::env::var("PATH").unwrap());
        let mut command = Command::new("timeout");
        command.args(["120", "sh", "-euc", script]).current_dir(self.root.path().join("work"));
        command.env("PATH", path).env("ROOT", self.root.path()).env("SKEP_URL", format!("http://{}", self.ports[0].1));
        run(command.env_remove("SKEP_LOG"))
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        if let Some(pid) = read(&self.root.path().join("pid")) {
            let _ = Command::new("kill").arg(pid.trim()).status();
            // Its folder goes next.
            wait_until(common::PATIENCE, || fs::read_link(format!("/proc/{}/exe", pid.trim())).is_err());
        }
    }
}

fn read(path: &Path) -> Option<String> {
    fs::read_to_string(path).ok()
}

#[test]
fn the_commands_of_the_page_install_upgrade_save_restore_and_secure() {
    let machine = Machine::new();
    machine.run("install");
    machine.script("skep silence add 'host = \"before\"' --for 2h --why 'in the backup'");
    assert!(machine.run("upgrade").contains("skep "));
    machine.run("back up");
    machine.script("skep silence add 'host = \"after\"' --for 2h --why 'not in the backup'");
    machine.run("restore");
    let silences = machine.script("skep silence list");
    assert!(silences.contains("before") && !silences.contains("after"), "{silences}");
    machine.run("secure");
    let token = machine.root.path().join("etc/skep/token");
    assert_eq!(run(Command::new("stat").args(["-c", "%a %s"]).arg(token)).trim(), "600 48");
    machine.script("until skep query 'service = \"skep_collector/heartbeat\"' | grep -q heartbeat; do sleep 0.2; done");
    let seen = machine.run("look");
    assert!(seen.contains("skep_collector/samplers_missing"), "{seen}");
}

#[test]
fn every_block_of_the_page_says_where_it_is_run() {
    let page = operating();
    let blocks = page.matches("```sh\n").count();
    let marked = |mark: &str| page.matches(mark).count();
    let here = marked("<!-- run: ");
    assert_eq!(here, 6, "a block that is run here has a line in this file");
    let on_a_swarm = marked("<!-- run on a swarm: ");
    assert_eq!(on_a_swarm, 2, "a block that is run on a swarm has a line in tests/swarm_lab");
    assert_eq!(blocks, here + on_a_swarm + marked("<!-- run by hand: "), "mark the block in the line above it");
}
