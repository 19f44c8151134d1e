//! A Consul agent of the test's own, a server in memory, with its API and its DNS on loopback.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::{Server, free_port, http, skip, wait_until};

/// How long it may take to come up.
const PATIENCE: Duration = Duration::from_secs(60);

/// The last Debian that has it.
const SUITE: &str = "bullseye";

/// Two tests must not unpack it at once.
static FETCHING: Mutex<()> = Mutex::new(());

/// The program `consul`: this machine's, or, as root with apt, Debian's, fetched by a state of apt's own and unpacked below `target`;
/// `None` with the line `skipped: install consul`.
///
/// # Panics
/// With `SKEP_REQUIRE` set it must be there.
pub fn program() -> Option<PathBuf> {
    let _one = FETCHING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let in_path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&in_path).map(|folder| folder.join("consul")).find(|path| path.is_file());
    // target/debug/deps/TEST
    let target = std::env::current_exe().ok()?.ancestors().nth(3)?.join("consul");
    let unpacked = target.join("root/usr/bin/consul");
    if let Some(found) = found.or_else(|| unpacked.is_file().then(|| unpacked.clone())) {
        return Some(found);
    }
    match fetch(&target) {
        Ok(()) if unpacked.is_file() => Some(unpacked),
        fetched => skip("consul", &format!("`consul` is missing, and Debian's could not be fetched: {fetched:?}")),
    }
}

fn fetch(target: &Path) -> io::Result<()> {
    for folder in ["state/lists/partial", "cache/archives/partial"] {
        std::fs::create_dir_all(target.join(folder))?;
    }
    let archive = archive().unwrap_or_else(|| "http://deb.debian.org/debian".to_owned());
    let signed = "[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]";
    std::fs::write(target.join("sources.list"), format!("deb {signed} {archive} {SUITE} main\n"))?;
    let apt = |words: &[&str]| {
        let mut command = Command::new("apt-get");
        let here = |key: &str, path: &str| format!("{key}={}", target.join(path).display());
        let paths = [here("Dir::Etc::sourcelist", "sources.list"), here("Dir::State", "state"), here("Dir::Cache", "cache")].into_iter();
        let fixed =
            ["Dir::Etc::sourceparts=/dev/null", "Dir::State::status=/dev/null", "Acquire::Languages=none", "APT::Sandbox::User=root"];
        for option in paths.chain(fixed.map(str::to_owned)) {
            command.args(["-o", &option]);
        }
        command.current_dir(target).args(["-qq"]).args(words);
        command
    };
    run(&mut apt(&["update"]))?;
    run(&mut apt(&["download", "consul"]))?;
    run(Command::new("sh").current_dir(target).args(["-c", "dpkg -x consul_*.deb unpacked && mv unpacked root"]))
}

/// Where this machine's own Debian comes from.
fn archive() -> Option<String> {
    let listed = Command::new("apt-get").args(["indextargets", "--format", "$(REPO_URI)"]).output().ok()?;
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    listed.lines().find(|uri| uri.trim_end_matches('/').ends_with("/debian")).map(str::to_owned)
}

fn run(command: &mut Command) -> io::Result<()> {
    let output = command.output()?;
    let said = || io::Error::other(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)));
    if output.status.success() { Ok(()) } else { Err(said()) }
}

/// A running agent; what it knows is gone when it ends.
#[derive(Debug)]
pub struct Consul {
    /// Its HTTP API.
    pub http: SocketAddr,
    /// Its DNS, over UDP.
    pub dns: SocketAddr,
    server: Server,
    program: PathBuf,
    folder: TempDir,
}

impl Consul {
    /// Starts it as the node `n1`.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn start(program: &Path) -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        let [http, dns] = [free_port(), free_port()].map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
        let server = launch(program, folder.path(), http, dns)?;
        let consul = Self { http, dns, server, program: program.to_owned(), folder };
        consul.wait()?;
        Ok(consul)
    }

    /// Ready when it can write: there is a leader, and the node itself is in the catalogue.
    fn wait(&self) -> io::Result<()> {
        let is_ready = || http::get(self.http, "/v1/catalog/node/n1").is_ok_and(|answer| answer.body.contains("\"Address\""));
        let up = wait_until(PATIENCE, is_ready);
        if up { Ok(()) } else { Err(io::Error::other(format!("consul did not come up:\n{}", self.server.output()))) }
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        self.server.kill();
    }

    /// Starts it again on the same ports; it knows nothing any more.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn restart(&mut self) -> io::Result<()> {
        self.server.kill();
        self.server = launch(&self.program, self.folder.path(), self.http, self.dns)?;
        self.wait()
    }

    /// The JSON at a path of the API.
    ///
    /// # Errors
    /// When it does not answer with JSON.
    pub fn json(&self, path: &str) -> io::Result<Value> {
        serde_json::from_str(&http::get(self.http, path)?.body).map_err(io::Error::other)
    }

    /// The data of all answers to a DNS question: `A` (1) or `SRV` (33).
    ///
    /// # Errors
    /// When there is no answer.
    pub fn ask(&self, name: &str, kind: u8) -> io::Result<Vec<Vec<u8>>> {
        let socket = UdpSocket::bind(("127.0.0.1", 0))?;
        socket.set_read_timeout(Some(PATIENCE))?;
        let mut question = vec![0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        for label in name.split('.') {
            question.push(u8::try_from(label.len()).map_err(io::Error::other)?);
            question.extend(label.bytes());
        }
        question.extend([0, 0, kind, 0, 1]);
        socket.send_to(&question, self.dns)?;
        let mut answer = [0; 4096];
        let n = socket.recv(&mut answer)?;
        let answer = answer.get(..n).unwrap_or_default();
        answers(answer, question.len()).ok_or_else(|| io::Error::other("the answer is no DNS"))
    }
}

/// The data of each answer; `at` is behind the question, which is repeated.
fn answers(message: &[u8], mut at: usize) -> Option<Vec<Vec<u8>>> {
    let number = |at: usize| Some(usize::from(u16::from_be_bytes([*message.get(at)?, *message.get(at + 1)?])));
    let mut data = Vec::new();
    for _ in 0..number(6)? {
        while *message.get(at)? != 0 && *message.get(at)? < 0xc0 {
            at += usize::from(*message.get(at)?) + 1;
        }
        at += if *message.get(at)? == 0 { 1 } else { 2 };
        let length = number(at + 8)?;
        data.push(message.get(at + 10..at + 10 + length)?.to_vec());
        at += 10 + length;
    }
    Some(data)
}

fn launch(program: &Path, folder: &Path, http: SocketAddr, dns: SocketAddr) -> io::Result<Server> {
    let mut command = Command::new(program);
    command.args(["agent", "-dev", "-node=n1", "-bind=127.0.0.1", "-client=127.0.0.1", "-grpc-port=-1"]);
    command.arg(format!("-http-port={}", http.port())).arg(format!("-dns-port={}", dns.port()));
    for port in ["server-port", "serf-lan-port", "serf-wan-port"] {
        command.arg(format!("-{port}={}", free_port()));
    }
    command.args(["-hcl", "check_update_interval = \"0s\""]);
    Server::start(&mut command, &folder.join("log"))
}
