//! Scraping: a real node_exporter, endpoints that fail, and a container that asks for it by its labels.

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
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::Command;

use common::{PATIENCE, Skep};
use testbed::{Dockerd, Server, free_port, http, require, wait_until};

fn skep(folder: &Path, collector: &str) -> Skep {
    let file = folder.join("skep.yaml");
    fs::write(&file, format!("collector:\n{collector}")).unwrap();
    Skep::start("run", folder, &["--config", file.to_str().unwrap()])
}

fn metric(skep: &Skep, service: &str) -> f64 {
    skep.wait_for(&format!("service = \"{service}\""), 1)[0]["metric"].as_f64().unwrap()
}

#[test]
fn all_of_a_node_exporter_is_in_the_index_under_telegrafs_names() {
    let Some(exporter) = require("prometheus-node-exporter", "prometheus-node-exporter") else { return };
    let folder = tempfile::tempdir().unwrap();
    let address: SocketAddr = format!("127.0.0.1:{}", free_port()).parse().unwrap();
    let mut command = Command::new(exporter);
    command.args(["--web.listen-address", &address.to_string()]);
    let _server = Server::start(&mut command, &folder.path().join("log")).unwrap();
    let mut text = String::new();
    let is_up = wait_until(PATIENCE, || {
        http::get(address, "/metrics").is_ok_and(|answer| {
            text = answer.body;
            answer.status == 200
        })
    });
    assert!(is_up, "node_exporter did not come up");
    let settings = format!(
        "  docker: off\n  scrape: [{{url: 'http://{address}/metrics', name: node, every: 1s, attributes: {{dc: fra}}, deny: [go_*]}}]\n"
    );
    let skep = skep(folder.path(), &settings);
    let idle = skep.wait_for("service = \"prometheus/node/cpu=0,mode=idle/node_cpu_seconds_total\"", 1);
    assert!(idle[0]["metric"].as_f64().unwrap() > 0.0);
    let attributes = ["job", "instance", "dc", "cpu", "mode"].map(|key| idle[0][key].as_str().unwrap_or_default().to_owned());
    assert_eq!(attributes, ["node", &address.to_string(), "fra", "0", "idle"]);
    assert_eq!(metric(&skep, "prometheus/node/up"), 1.0);
    let (scraped, wanted) =
        (metric(&skep, "prometheus/node/scrape_samples_scraped"), metric(&skep, "prometheus/node/scrape_samples_post_metric_relabeling"));
    let told = text.lines().filter(|line| !line.starts_with('#')).count() as f64;
    assert!((scraped - told).abs() <= told / 10.0 && wanted < scraped, "{told} samples were there, {scraped} scraped, {wanted} wanted");
    let numbers = text.lines().filter(|line| !line.starts_with(['#', 'g']) && !line.contains("NaN") && !line.contains("Inf")).count();
    skep.wait_for("service =~ \"prometheus/%\"", numbers * 9 / 10);
    assert!(skep.index("service =~ \"prometheus/%/go_%\"").is_empty());
    assert_eq!(metric(&skep, "skep_collector/scrape_dropped"), 0.0);
    drop(_server);
    let is_down = || skep.index("service = \"prometheus/node/up\" and metric = 0").len() == 1;
    assert!(wait_until(PATIENCE, is_down), "an endpoint that is gone is down");
    assert!(skep.stop().contains("node (http://"), "the log tells why");
}

/// Answers each request so, or keeps it waiting for ever.
fn serve(answer: Option<&'static [u8]>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut kept = Vec::new();
        while let Ok((mut stream, _)) = listener.accept() {
            let _ = stream.read(&mut [0; 4096]);
            match answer {
                Some(answer) => drop(stream.write_all(answer)),
                None => kept.push(stream),
            }
        }
    });
    address
}

#[test]
fn endpoints_that_hang_or_talk_nonsense_are_down_and_hold_nothing_up() {
    let folder = tempfile::tempdir().unwrap();
    let (hanging, wrong) = (serve(None), serve(Some(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\ngood 1\n<html>\n")));
    let refused = serve(Some(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
    let good = serve(Some(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\na{x=\"1\"} 1\na{x=\"2\"} 2\na{x=\"3\"} 3\n# EOF\n"));
    let settings = format!(
        "  docker: off\n  scrape:\n    - {{url: 'http://{hanging}/', name: hanging, every: 2s, timeout: 1s}}\n    \
         - {{url: 'http://{wrong}/', name: wrong, every: 1s}}\n    - {{url: 'http://{refused}/', name: refused, every: 1s}}\n    \
         - {{url: 'http://{good}/', name: good, every: 1s, max_series: 2}}\n"
    );
    let skep = skep(folder.path(), &settings);
    for name in ["hanging", "wrong", "refused"] {
        assert_eq!(metric(&skep, &format!("prometheus/{name}/up")), 0.0, "{name}");
    }
    assert_eq!((metric(&skep, "prometheus/good/up"), metric(&skep, "prometheus/good/x=2/a")), (1.0, 2.0));
    assert!(skep.index("service =~ \"prometheus/wrong/good\" or service = \"prometheus/good/x=3/a\"").is_empty());
    skep.wait_for("service = \"skep_collector/scrape_dropped\" and metric >= 1", 1);
    skep.wait_for("service = \"skep_collector/scrape_failed\" and metric >= 3", 1);
    assert_eq!(metric(&skep, "skep_collector/turns_missed"), 0.0);
    let log = skep.stop();
    for said in ["no whole answer within 1s", "line 2: expected the name of a metric, found `<html>`", "503 Service Unavailable"] {
        assert!(log.contains(said), "{said}:\n{log}");
    }
}

#[test]
fn a_container_asks_to_be_scraped_by_its_labels() {
    let Some(docker) = Dockerd::start() else { return };
    // Its bridge is in a network namespace of its own; whoever scrapes has to be there, too.
    let Some(pid) = docker.pid() else { return println!("skipped: the dockerd is not ours") };
    enter_network_of(pid);
    let serve = "echo 'queue_length{queue=\"mail\"} 7' >/tmp/stats; httpd -f -p 8080 -h /tmp";
    let serve = format!("mkdir -p /tmp; {serve}").replace("mkdir", "/bin/busybox mkdir").replace("httpd", "/bin/busybox httpd");
    docker.run("web", &["--label", "skep.scrape.port=8080", "--label", "skep.scrape.path=/stats"], &["sh", "-c", &serve]);
    docker.run("other", &[], &["sleep", "1000"]);
    let folder = tempfile::tempdir().unwrap();
    let settings = format!("  docker: {}\n  scrape_containers: {{every: 1s}}\n", docker.socket().display());
    let skep = skep(folder.path(), &settings);
    let name = docker.name("web");
    let found = skep.wait_for(&format!("service = \"prometheus/{name}/queue=mail/queue_length\""), 1);
    assert_eq!((found[0]["metric"].as_f64(), &found[0]["container_name"]), (Some(7.0), &name.as_str().into()));
    assert_eq!(found[0]["instance"], format!("{name}:8080"));
    assert_eq!(metric(&skep, "skep_collector/scrape_targets"), 1.0);
    docker.docker(&["rm", "-f", &name]);
    skep.wait_for("service = \"skep_collector/scrape_targets\" and metric = 0", 1);
    skep.stop();
}

/// Moves this thread, and what it starts, into the network namespace of a process.
fn enter_network_of(pid: u32) {
    use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
    let namespace = fs::File::open(format!("/proc/{pid}/ns/net")).unwrap();
    move_into_link_name_space(std::os::fd::AsFd::as_fd(&namespace), Some(LinkNameSpaceType::Network)).unwrap();
}
