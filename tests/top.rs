//! `skep top` in a real terminal, which tmux keeps: lists, order, filter, what opens, help, and the terminal given back; over real containers, too.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::panic,
    reason = "a test may stop anywhere, and watches another process, whose time nobody can move"
)]

mod common;

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use common::Skep;
use common::sender::Sender;
use event::{Event, Metric, Timestamp};
use testbed::{Dockerd, require, wait_until};

const SOON: Duration = Duration::from_secs(30);

/// Longer than any of these tests.
const TTL: f32 = 600.0;

/// A sample as a collector sends it.
fn sample(host: &str, service: &str, metric: f64, attributes: &[(&str, &str)]) -> Event {
    Event {
        host: Some(host.to_owned()),
        service: Some(service.to_owned()),
        time: Some(Timestamp::from_micros(micros())),
        metric: Some(Metric::Float(metric)),
        ttl: Some(TTL),
        marks: vec!["skep".to_owned()],
        attributes: attributes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        ..Event::default()
    }
}

fn micros() -> i64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_micros() as i64
}

/// Two nodes, two services of which one is short, three containers.
fn swarm() -> Vec<Event> {
    let mut events = Vec::new();
    for (host, cpu, mem) in [("n1", 12.5, 40.0), ("n2", 71.0, 60.0)] {
        events.push(sample(host, "cpu/usage_active", cpu, &[("cpu", "cpu-total")]));
        events.push(sample(host, "mem/used_percent", mem, &[]));
        events.push(sample("swarm", &format!("docker_node/{host}/ready"), 1.0, &[("node", host), ("role", "worker")]));
    }
    for (service, wanted, running) in [("web", 2.0, 2.0), ("db", 2.0, 1.0)] {
        let attributes = [("swarm_service", service), ("service_mode", "replicated")];
        events.push(sample("swarm", &format!("docker_swarm/{service}/tasks_desired"), wanted, &attributes));
        events.push(sample("swarm", &format!("docker_swarm/{service}/tasks_running"), running, &attributes));
    }
    for (host, name, service, cpu, mem) in
        [("n1", "web.1", "web", 50.0, 64.0), ("n2", "web.2", "web", 20.0, 256.0), ("n1", "db.1", "db", 5.0, 128.0)]
    {
        let attributes = [("container_name", name), ("swarm_service", service)];
        events.push(sample(host, &format!("docker_container_cpu/{name}/usage_percent"), cpu, &attributes));
        events.push(sample(host, &format!("docker_container_mem/{name}/usage"), mem * 1024.0 * 1024.0, &attributes));
    }
    events
}

const RULES: &str = "
alerts:
  lab-hot:
    where: service = \"lab/heat\"
    by: [host]
    crit: metric > 90
";

fn start(folder: &Path) -> Skep {
    let rules = folder.join("rules");
    std::fs::create_dir(&rules).unwrap();
    std::fs::write(rules.join("lab.yaml"), RULES).unwrap();
    let skep = Skep::start("process", folder, &["--rules", rules.to_str().unwrap()]);
    let mut events = swarm();
    events.push(sample("n2", "lab/heat", 95.0, &[]));
    Sender::connect(skep.riemann.unwrap()).unwrap().send(&events).unwrap();
    skep.wait_for("service =~ \"alert/lab-hot%\" and state = \"critical\"", 1);
    skep
}

/// A terminal of its own, by a tmux whose server nobody else uses.
struct Tmux {
    program: PathBuf,
    socket: PathBuf,
}

impl Tmux {
    /// Starts `sh` in it, so that what a program leaves behind is seen.
    fn start(folder: &Path) -> Option<Self> {
        let tmux = Self { program: require("tmux", "tmux")?, socket: folder.join("tmux") };
        tmux.call(&["new-session", "-d", "-x", "120", "-y", "40", "env PS1='$ ' TERM=screen-256color sh"]);
        Some(tmux)
    }

    fn call(&self, arguments: &[&str]) -> String {
        let mut command = Command::new(&self.program);
        command.arg("-S").arg(&self.socket).args(["-f", "/dev/null", "-u"]).args(arguments).env_remove("TMUX");
        let output = command.output().unwrap();
        assert!(output.status.success(), "tmux {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn keys(&self, keys: &[&str]) {
        self.call(&[&["send-keys"], keys].concat());
    }

    fn screen(&self) -> String {
        self.call(&["capture-pane", "-p"])
    }

    /// Waits until the screen is as wanted, and gives it.
    #[track_caller]
    fn wait(&self, what: &str, is_so: impl Fn(&str) -> bool) -> String {
        let mut screen = String::new();
        let seen = wait_until(SOON, || {
            screen = self.screen();
            is_so(&screen)
        });
        assert!(seen, "{what} was not seen:\n{screen}");
        screen
    }

    #[track_caller]
    fn wait_for(&self, text: &str) -> String {
        self.wait(text, |screen| screen.contains(text))
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        // Its own socket, so that it ends this server alone.
        let _ = Command::new(&self.program).arg("-S").arg(&self.socket).arg("kill-server").output();
    }
}

/// First words of the lines of a list, below its heads.
fn firsts(screen: &str) -> Vec<&str> {
    screen.lines().skip(4).take_while(|line| !line.trim().is_empty()).filter_map(|line| line.split_whitespace().next()).collect()
}

/// The screen below its title, of containers by their memory, the smallest first, that have `web` in their line.
const FILTERED: [&str; 6] = [
    "  1 Nodes 2/2   2 Services 1/2   3 Containers 3   4 Alerts ■ 1",
    " filter: web_",
    " Container    Node    State          CPU   Memory ↑    of limit     Received         Sent         Read      Up",
    " web.1        n1      ● runs        50 %     64 MiB           –            –            –            –       –",
    " web.2        n2      ● runs        20 %    256 MiB           –            –            –            –       –",
    " write words that a line must have; Enter keeps them, Esc takes them away",
];

/// The memory in the line of a container.
fn mebibytes(screen: &str, name: &str) -> Option<f64> {
    let line = screen.lines().find(|line| line.contains(name))?;
    line.split_once(" MiB")?.0.split_whitespace().last()?.parse().ok()
}

fn top(tmux: &Tmux, skep: &Skep) {
    tmux.keys(&[&format!("{} top --url http://{}; echo code=$?", env!("CARGO_BIN_EXE_skep"), skep.http), "Enter"]);
    tmux.wait_for("● live");
}

#[test]
fn lists_are_put_in_order_narrowed_and_opened_and_the_terminal_is_given_back() {
    let folder = tempfile::tempdir().unwrap();
    let Some(tmux) = Tmux::start(folder.path()) else { return };
    let skep = start(folder.path());
    tmux.keys(&["echo before", "Enter"]);
    tmux.wait_for("\nbefore");
    top(&tmux, &skep);
    let screen = tmux.wait("both nodes, the one with an alert first", |screen| firsts(screen) == ["n2", "n1"]);
    assert!(screen.contains(" 1 Nodes 2/2   2 Services 1/2   3 Containers 3   4 Alerts ■ 1"), "{screen}");
    assert!(screen.contains("■ critical") && screen.contains("71 %") && screen.contains("12.5 %"), "{screen}");

    tmux.keys(&["3"]);
    tmux.wait("the busiest first", |screen| screen.contains("CPU ↓") && firsts(screen) == ["web.1", "web.2", "db.1"]);
    tmux.keys(&["s"]);
    let screen = tmux.wait("the largest first", |screen| screen.contains("Memory ↓") && firsts(screen) == ["web.2", "db.1", "web.1"]);
    assert!(screen.contains("256 MiB"), "{screen}");
    tmux.keys(&["r"]);
    tmux.wait("the smallest first", |screen| screen.contains("Memory ↑") && firsts(screen) == ["web.1", "db.1", "web.2"]);
    tmux.keys(&["/", "w", "e", "b"]);
    let filtered = tmux.wait("the filter", |screen| screen.contains("filter: web_") && firsts(screen) == ["web.1", "web.2"]);
    let filtered = filtered.replace(&skep.http.to_string(), "HOST:PORT");
    let lines: Vec<&str> = filtered.lines().map(|line| line.trim_end()).filter(|line| !line.is_empty()).collect();
    assert_eq!(lines[0].split_whitespace().collect::<Vec<_>>(), ["skep", "top", "http://HOST:PORT", "●", "live"]);
    assert_eq!(lines[1..], FILTERED, "{filtered}");
    tmux.keys(&["Enter", "Escape"]);
    tmux.wait("all again", |screen| !screen.contains("filter:") && firsts(screen) == ["web.1", "db.1", "web.2"]);

    tmux.keys(&["2"]);
    tmux.wait("what is short first", |screen| screen.contains("▲ 1 short") && screen.contains("●○ 1/2") && firsts(screen) == ["db", "web"]);
    tmux.keys(&["j", "Enter"]);
    tmux.wait("its tasks", |screen| screen.contains("Services › Tasks of web") && firsts(screen) == ["web.1", "web.2"]);
    tmux.keys(&["Enter"]);
    tmux.wait("the container", |screen| {
        screen.contains("Container web.1 on n1") && screen.contains("docker_container_mem/web.1/usage          64 MiB")
    });
    tmux.keys(&["Escape", "1", "j", "Enter"]);
    tmux.wait("the node's containers", |screen| screen.contains("Nodes › Containers on n1") && firsts(screen) == ["web.1", "db.1"]);

    tmux.keys(&["4", "Enter"]);
    let screen = tmux.wait_for("Alerts › Alert lab-hot");
    assert!(screen.contains("4 Alerts ■ 1"), "{screen}");
    tmux.wait("why it is open", |screen| screen.contains("■ critical since") && screen.contains("host n2") && screen.contains("lab/heat"));
    tmux.keys(&["?"]);
    tmux.wait_for("put in order of the next column");
    tmux.keys(&["x", "q"]);
    let screen = tmux.wait_for("code=0");
    assert!(screen.contains("\nbefore") && !screen.contains("skep top  http"), "the screen is not as it was:\n{screen}");
    skep.stop();
}

#[test]
fn containers_that_run_are_put_in_order_narrowed_and_opened() {
    let folder = tempfile::tempdir().unwrap();
    let (Some(docker), Some(tmux)) = (Dockerd::start(), Tmux::start(folder.path())) else { return };
    docker.run("burn", &["--cpus", "0.5"], &["sh", "-c", "while :; do :; done"]);
    docker.run("hold", &["--memory", "64m"], &["sh", "-c", "dd if=/dev/zero of=/dev/shm/held bs=1M count=30 2>/dev/null; sleep 1000"]);
    docker.run("rest", &[], &["sleep", "1000"]);
    let (burn, hold) = (docker.name("burn"), docker.name("hold"));
    let settings = folder.path().join("skep.yaml");
    std::fs::write(&settings, format!("collector:\n  docker: {}\n", docker.socket().display())).unwrap();
    let skep = Skep::start("run", folder.path(), &["--config", settings.to_str().unwrap()]);
    skep.wait_for("service =~ \"docker_container_cpu/%/usage_percent\"", 3);

    top(&tmux, &skep);
    tmux.keys(&["3"]);
    tmux.wait("the busy one first", |screen| screen.contains("CPU ↓") && firsts(screen).len() == 3 && firsts(screen)[0] == burn);
    tmux.keys(&["s"]);
    let largest =
        |screen: &str| screen.contains("Memory ↓") && firsts(screen)[0] == hold && mebibytes(screen, &hold).is_some_and(|n| n > 30.0);
    let screen = tmux.wait("the large one first", largest);
    assert!(mebibytes(&screen, &hold).is_some_and(|n| n < 40.0), "it keeps 30 MiB, and little else:\n{screen}");
    tmux.keys(&["/", "h", "o", "l", "d"]);
    tmux.wait("it alone", |screen| firsts(screen) == [hold.as_str()]);
    tmux.keys(&["Enter", "Enter"]);
    let limit = format!("docker_container_mem/{hold}/limit");
    tmux.wait("what is known of it", |screen| {
        screen.contains(&format!("Container {hold} on ")) && screen.lines().any(|line| line.contains(&limit) && line.ends_with(" 64 MiB"))
    });
    tmux.keys(&["q"]);
    tmux.wait_for("code=0");
    skep.stop();
}

#[test]
fn a_lost_server_is_said_and_found_again_and_a_signal_gives_the_terminal_back() {
    let folder = tempfile::tempdir().unwrap();
    let Some(tmux) = Tmux::start(folder.path()) else { return };
    let mut skep = start(folder.path());
    let http = skep.http.to_string();
    top(&tmux, &skep);
    skep.server.kill();
    let screen = tmux.wait_for("connection lost, since ");
    assert!(screen.contains("n1") && screen.contains(" UTC ("), "what was known stays: {screen}");
    let data = folder.path().join("data");
    let mut command = Command::new(env!("CARGO_BIN_EXE_skep"));
    command.args(["process", "--http", &http, "--riemann", "127.0.0.1:0", "--data-dir"]).arg(&data);
    let skep = Skep::launch(&mut command, "process", &folder.path().join("again.log"));
    tmux.wait("it is back", |screen| screen.contains("● live") && firsts(screen).len() == 2);
    // The program is the child of the terminal's shell.
    let shell = tmux.call(&["display-message", "-p", "#{pane_pid}"]);
    let children = std::fs::read_to_string(format!("/proc/{0}/task/{0}/children", shell.trim())).unwrap();
    let pid = rustix::process::Pid::from_raw(children.trim().parse().unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    tmux.wait_for("code=0");
    tmux.keys(&["stty -a", "Enter"]);
    let screen = tmux.wait_for("echok");
    assert!(screen.contains("isig icanon iexten echo "), "the terminal is still raw:\n{screen}");
    skep.stop();
}

#[test]
fn without_a_terminal_every_list_is_printed_once() {
    let folder = tempfile::tempdir().unwrap();
    let skep = start(folder.path());
    let (code, out, error) = common::run(&["top", "--url", &format!("http://{}", skep.http)]);
    assert_eq!((code, error.as_str()), (0, ""));
    assert!(!out.contains('\x1b'), "{out}");
    let heads: Vec<&str> = out
        .lines()
        .filter(|line| ["Nodes", "Services", "Containers", "Alerts"].iter().any(|tab| line.starts_with(&format!("{tab} "))))
        .collect();
    assert_eq!(heads, ["Nodes 2/2", "Services 1/2", "Containers 3", "Alerts ■ 1"], "{out}");
    let line = out.lines().find(|line| line.starts_with("web.2")).unwrap();
    assert!(line.contains("n2") && line.contains("20 %") && line.contains("256 MiB"), "{line}");
    skep.stop();
    let (code, _, error) = common::run(&["top", "--once", "--url", "http://127.0.0.1:1"]);
    assert_eq!(code, 2);
    assert!(error.contains("nothing answers on http://127.0.0.1:1"), "{error}");
}

/// A server that says this to whom comes first, as the body of an answer without a length, and then goes.
fn once_said(body: &'static str) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 8192];
        let _ = stream.read(&mut request).unwrap();
        write!(stream, "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n{body}").unwrap();
    });
    address
}

#[test]
fn a_server_that_goes_before_all_is_told_leaves_code_2_and_no_list() {
    for body in ["", "event: beat\ndata: {}\n\n", "event: snapshot\ndata: {\"s\":\"nodes\",\"columns\":[],\"rows\":[]}\n\n"] {
        let (code, out, error) = common::run(&["top", "--once", "--url", &format!("http://{}", once_said(body))]);
        assert_eq!((code, out.as_str()), (2, ""), "after {body:?}: {error}");
        assert!(error.contains("the server ended the stream"), "{error}");
    }
}
