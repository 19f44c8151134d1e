//! The binary under test: started on free ports and a folder of its own, asked over HTTP, ended by pid.

#![allow(dead_code, reason = "each test file uses its own part")]

pub(crate) mod command;
pub(crate) mod image;
pub(crate) mod page;
pub(crate) mod python;
pub(crate) mod sender;
pub(crate) mod shop;
pub(crate) mod stack;
pub(crate) mod uml;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::Value;
use testbed::influx::{ADMIN, Influxd};
use testbed::{Server, http, wait_until};

/// How long anything on this machine may take before the test says so.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A running skep.
pub(crate) struct Skep {
    pub(crate) server: Server,
    pub(crate) http: SocketAddr,
    pub(crate) riemann: Option<SocketAddr>,
}

impl Skep {
    /// Starts `skep ROLE` with `folder` for its data and free ports, and waits for the line that names its addresses.
    pub(crate) fn start(role: &str, folder: &Path, arguments: &[&str]) -> Self {
        Self::start_at("127.0.0.1:0", role, folder, arguments)
    }

    /// The same with a known address for Riemann's protocol, so that it can be killed and come back there.
    pub(crate) fn start_at(riemann: &str, role: &str, folder: &Path, arguments: &[&str]) -> Self {
        // A name of its own for each start: a log is added to, and an old one would name old addresses.
        static STARTS: AtomicU32 = AtomicU32::new(0);
        let log = folder.join(format!("{role}-{}.log", STARTS.fetch_add(1, Ordering::Relaxed)));
        let mut command = Command::new(env!("CARGO_BIN_EXE_skep"));
        Self::prepare(&mut command, riemann, role, folder, arguments);
        Self::launch(&mut command, role, &log)
    }

    /// Starts a processor that writes to a new database of an InfluxDB 1, as its administrator.
    #[track_caller]
    pub(crate) fn before_influx(influxd: &Influxd, database: &str, folder: &Path) -> Self {
        influxd.query("", &format!("CREATE DATABASE {database}")).expect("a database");
        let (password, file) = (folder.join("password"), folder.join("skep.yaml"));
        std::fs::write(&password, ADMIN.1).expect("a file");
        let settings = format!(
            "processor:\n  influx:\n    url: http://{}\n    version: 1\n    database: {database}\n    username: {}\n    password_file: {}\n",
            influxd.address,
            ADMIN.0,
            password.display()
        );
        std::fs::write(&file, settings).expect("a file");
        Self::start("process", folder, &["--config", &file.to_string_lossy()])
    }

    /// The usual arguments.
    pub(crate) fn prepare(command: &mut Command, riemann: &str, role: &str, folder: &Path, arguments: &[&str]) {
        command.arg(role).args(["--http", "127.0.0.1:0"]).args(arguments).env_remove("SKEP_LOG");
        if role != "collect" {
            command.args(["--riemann", riemann, "--data-dir"]).arg(folder.join("data"));
        }
    }

    /// Starts what was prepared, and waits for the line that names its addresses.
    pub(crate) fn launch(command: &mut Command, role: &str, log: &Path) -> Self {
        let mut server = Server::start(command, log).expect("skep starts");
        let mut line = String::new();
        let ready = wait_until(PATIENCE, || {
            line = server.output().lines().find(|line| line.starts_with("http=")).unwrap_or_default().to_owned();
            !line.is_empty() || !server.is_running()
        });
        assert!(ready && !line.is_empty(), "skep {role} did not come up:\n{}", server.output());
        let address = |key: &str| line.split(' ').find_map(|word| word.strip_prefix(key)?.strip_prefix('=')?.parse().ok());
        Self { http: address("http").expect("an address"), riemann: address("riemann"), server }
    }

    /// The events of the index that match.
    #[track_caller]
    pub(crate) fn index(&self, query: &str) -> Vec<Value> {
        let answer = http::get(self.http, &format!("/api/v1/index?query={}", http::encode(query))).expect("an answer");
        assert_eq!(answer.status, 200, "{}", answer.body);
        serde_json::from_str(&answer.body).expect("JSON")
    }

    /// The JSON at a path.
    #[track_caller]
    pub(crate) fn json(&self, path: &str) -> Value {
        let answer = http::get(self.http, path).expect("an answer");
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        serde_json::from_str(&answer.body).expect("JSON")
    }

    /// Waits until the query finds at least `n` events, and gives them.
    #[track_caller]
    pub(crate) fn wait_for(&self, query: &str, n: usize) -> Vec<Value> {
        let mut found = Vec::new();
        let seen = wait_until(PATIENCE, || {
            found = self.index(query);
            found.len() >= n
        });
        assert!(seen, "`{query}` found {} events, not {n}; skep says:\n{}", found.len(), self.server.output());
        found
    }

    /// One of skep's own numbers, of those without labels.
    pub(crate) fn number(&self, name: &str) -> f64 {
        let answer = http::get(self.http, "/metrics").expect("an answer");
        let line = answer.body.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("no number {name} among\n{}", answer.body))
    }

    /// Waits until a number is at least so great.
    #[track_caller]
    pub(crate) fn wait_for_number(&self, name: &str, at_least: f64) {
        let mut found = 0.0;
        let seen = wait_until(PATIENCE, || {
            found = self.number(name);
            found >= at_least
        });
        assert!(seen, "{name} is {found}, not {at_least}; skep says:\n{}", self.server.output());
    }

    /// SIGTERM; the exit code must be 0.
    #[track_caller]
    pub(crate) fn stop(mut self) -> String {
        let status = self.server.terminate(PATIENCE).expect("skep ends after SIGTERM");
        assert!(status.success(), "skep ended with {status}:\n{}", self.server.output());
        self.server.output()
    }
}

/// A file of the project.
pub(crate) fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Runs the binary to its end: exit code, stdout, stderr.
pub(crate) fn run(arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_skep")).args(arguments).output().expect("skep starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}
