//! `skep registrar` between a real dockerd and a real Consul: services come, do well or badly, go, and outlive no crash.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::panic,
    reason = "a test may stop anywhere, and watches another process, whose time nobody can move"
)]

mod common;

use std::process::Command;
use std::time::Duration;

use common::{PATIENCE, Skep, run};
use serde_json::Value;
use testbed::consul::{Consul, program};
use testbed::{Dockerd, Server, http, wait_until};

const A: u8 = 1;
const SRV: u8 = 33;

struct Lab {
    docker: Dockerd,
    consul: Consul,
    folder: tempfile::TempDir,
}

impl Lab {
    fn start() -> Option<Self> {
        let program = program()?;
        let docker = Dockerd::start()?;
        let consul = Consul::start(&program).unwrap();
        Some(Self { docker, consul, folder: tempfile::tempdir().unwrap() })
    }

    fn words(&self) -> Vec<String> {
        let consul = format!("http://{}", self.consul.http);
        [
            "registrar",
            "--consul",
            &consul,
            "--docker",
            &self.docker.socket().to_string_lossy(),
            "--node",
            "n1",
            "--resync",
            "1s",
            "--ttl",
            "6s",
        ]
        .map(str::to_owned)
        .to_vec()
    }

    fn registrar(&self) -> Server {
        let mut command = Command::new(env!("CARGO_BIN_EXE_skep"));
        command.args(self.words()).env_remove("SKEP_LOG");
        Server::start(&mut command, &self.folder.path().join("log")).unwrap()
    }

    /// Runs it to its end with one further word.
    fn at_once(&self, word: &str) -> (i32, String, String) {
        let mut words = self.words();
        words.push(word.to_owned());
        run(&words.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// Starts a container that publishes port 80 as `port`.
    fn run(&self, name: &str, port: u16, options: &[&str]) {
        let published = format!("{port}:80");
        let options = [&["-p", &published][..], options].concat();
        self.docker.run(name, &options, &["sleep", "1000"]);
    }

    /// The ports at which a service may be used.
    fn passing(&self, service: &str) -> Vec<u64> {
        let found = self.consul.json(&format!("/v1/health/service/{service}?passing"));
        let ports = |found: Value| found.as_array().unwrap().iter().map(|entry| entry["Service"]["Port"].as_u64().unwrap()).collect();
        found.map(ports).unwrap_or_default()
    }

    fn ids(&self) -> Vec<String> {
        let services = self.consul.json("/v1/agent/services").unwrap();
        services.as_object().unwrap().keys().cloned().collect()
    }

    #[track_caller]
    fn until(&self, registrar: &Server, what: &str, holds: impl FnMut() -> bool) {
        let seen = wait_until(PATIENCE, holds);
        assert!(seen, "{what}: not so; services {:?}\n{}", self.ids(), registrar.output());
    }
}

#[test]
fn a_service_comes_with_its_container_is_found_by_dns_and_goes_at_its_end() {
    let Some(lab) = Lab::start() else { return };
    lab.run("web", 8080, &["-e", "SERVICE_NAME=web", "-l", "SERVICE_TAGS=shop,v2", "-l", "SERVICE_REGION=eu"]);
    let registrar = lab.registrar();
    lab.until(&registrar, "what ran before is found", || lab.passing("web") == [8080]);
    let entry = &lab.consul.json("/v1/catalog/service/web").unwrap()[0];
    assert_eq!((&entry["ServiceTags"], &entry["ServiceMeta"]["region"]), (&serde_json::json!(["shop", "v2"]), &"eu".into()));
    assert_eq!(entry["ServiceID"], format!("n1:{}:80", lab.docker.name("web")));
    assert_eq!(lab.consul.ask("web.service.consul", A).unwrap(), [[127, 0, 0, 1]]);
    assert_eq!(lab.consul.ask("v2.web.service.consul", SRV).unwrap()[0][4..6], 8080_u16.to_be_bytes());
    lab.run("db", 5432, &["-e", "SERVICE_80_NAME=db"]);
    lab.until(&registrar, "a new one comes", || lab.passing("db") == [5432]);
    lab.docker.docker(&["kill", &lab.docker.name("web")]);
    lab.until(&registrar, "one that died goes", || !lab.ids().iter().any(|id| id.contains("-web:")));
    assert_eq!(lab.consul.ask("web.service.consul", A).unwrap(), Vec::<Vec<u8>>::new());
    lab.until(&registrar, "and no other does", || lab.passing("db") == [5432]);
}

#[test]
fn what_a_killed_registrar_left_is_critical_then_cleaned_by_the_next_and_what_others_made_stays() {
    let Some(lab) = Lab::start() else { return };
    let by_hand = br#"{"ID": "printer", "Name": "printer", "Port": 9100}"#;
    http::request(lab.consul.http, "PUT", "/v1/agent/service/register", &[], by_hand).unwrap();
    lab.run("old", 8080, &["-e", "SERVICE_NAME=old"]);
    lab.run("web", 8081, &["-e", "SERVICE_NAME=web"]);
    let mut registrar = lab.registrar();
    lab.until(&registrar, "both are there", || lab.passing("old") == [8080] && lab.passing("web") == [8081]);
    registrar.kill();
    lab.docker.docker(&["rm", "-f", &lab.docker.name("old")]);
    lab.until(&registrar, "without word they are critical", || lab.passing("old").is_empty() && lab.passing("web").is_empty());
    assert_eq!(lab.ids().len(), 3, "and still there");
    let (code, told, error) = lab.at_once("--dry-run");
    assert_eq!((code, told.trim()), (0, format!("deregister n1:{}:80", lab.docker.name("old")).as_str()), "{error}");
    assert_eq!(lab.ids().len(), 3, "nothing was done");
    let registrar = lab.registrar();
    lab.until(&registrar, "the next one cleans", || lab.passing("web") == [8081] && lab.ids().len() == 2);
    assert!(lab.ids().contains(&"printer".to_owned()));
}

#[test]
fn a_service_that_consul_refuses_takes_no_other_with_it() {
    let Some(lab) = Lab::start() else { return };
    lab.run("web", 8080, &["-e", "SERVICE_NAME=web"]);
    let registrar = lab.registrar();
    lab.until(&registrar, "one comes", || lab.passing("web") == [8080]);
    // An interval without a unit.
    lab.run("odd", 8081, &["-e", "SERVICE_NAME=odd", "-e", "SERVICE_CHECK_HTTP=/health", "-e", "SERVICE_CHECK_INTERVAL=10"]);
    lab.until(&registrar, "the refusal is told", || registrar.output().contains("could not register"));
    lab.run("db", 5432, &["-e", "SERVICE_NAME=db"]);
    lab.until(&registrar, "another comes", || lab.passing("db") == [5432]);
    // Longer than a TTL.
    let missed = wait_until(Duration::from_secs(9), || lab.passing("web").is_empty() || lab.passing("db").is_empty());
    assert!(!missed, "a service went without word:\n{}", registrar.output());
    assert_eq!(registrar.output().matches("could not register").count(), 1, "it is told once:\n{}", registrar.output());
    let (code, _, error) = lab.at_once("--once");
    assert!(code == 1 && error.contains("could not register") && error.contains("missing unit"), "{code}: {error}");
}

#[test]
fn a_consul_that_forgot_all_is_told_again_and_its_absence_ends_nothing() {
    let Some(mut lab) = Lab::start() else { return };
    lab.run("web", 8080, &["-e", "SERVICE_NAME=web"]);
    let (code, told, error) = lab.at_once("--once");
    let expected = format!("register n1:{}:80 as web, the node's address port 8080, passing", lab.docker.name("web"));
    assert_eq!((code, told.trim()), (0, expected.as_str()), "{error}");
    assert_eq!(lab.at_once("--once").1.trim(), "nothing to do");
    let mut registrar = lab.registrar();
    lab.consul.kill();
    let (code, _, error) = lab.at_once("--once");
    assert!(code == 1 && error.contains("does not answer"), "{code}: {error}");
    assert!(wait_until(PATIENCE, || registrar.output().contains("does not answer")), "{}", registrar.output());
    lab.consul.restart().unwrap();
    lab.until(&registrar, "it is told again", || lab.passing("web") == [8080]);
    assert!(registrar.is_running());
    assert!(registrar.terminate(PATIENCE).unwrap().success(), "{}", registrar.output());
    assert_eq!(lab.ids().len(), 1, "an orderly end leaves services to the next registrar");
}

#[test]
fn a_container_s_health_is_its_service_s() {
    let Some(lab) = Lab::start() else { return };
    let image = image_with_check(&lab.docker);
    let name = lab.docker.name("sick");
    let published = ["run", "-d", "--name", &name, "-p", "8080:80", "-e", "SERVICE_NAME=sick", &image, "/bin/busybox", "sleep", "1000"];
    lab.docker.docker(&published);
    let registrar = lab.registrar();
    lab.until(&registrar, "healthy", || lab.passing("sick") == [8080]);
    lab.docker.docker(&["exec", &name, "/bin/busybox", "touch", "/ill"]);
    lab.until(&registrar, "unhealthy", || lab.passing("sick").is_empty());
    let checks = lab.consul.json("/v1/health/checks/sick").unwrap();
    assert_eq!((&checks[0]["Status"], &checks[0]["Output"]), (&"critical".into(), &"the container is unhealthy".into()));
    lab.docker.docker(&["exec", &name, "/bin/busybox", "rm", "/ill"]);
    lab.until(&registrar, "healthy again", || lab.passing("sick") == [8080]);
    lab.docker.docker(&["rm", "-f", &name]);
    lab.docker.docker(&["rmi", "-f", &image]);
}

#[test]
fn a_processor_is_told_of_the_leader_of_members_and_of_checks() {
    let Some(program) = program() else { return };
    let mut consul = Consul::start(&program).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let rules = folder.path().join("rules");
    std::fs::create_dir(&rules).unwrap();
    // The same rules, told sooner: nobody waits a minute for a test.
    let sooner = "alerts:\n  consul-check-failing: {warn: {for: 1s}}\n  consul-no-leader: {crit: {for: 1s}}\n";
    std::fs::write(rules.join("sooner.yaml"), sooner).unwrap();
    let skep = Skep::start("process", folder.path(), &["--rules", rules.to_str().unwrap()]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_skep"));
    let (address, to) = (format!("http://{}", consul.http), skep.riemann.unwrap().to_string());
    // Without a dockerd, whose absence keeps nobody from telling of Consul.
    command.args(["registrar", "--consul", &address, "--to", &to, "--node", "w1", "--resync", "1s", "--docker", "/nonexistent"]);
    let mut registrar = Server::start(command.env_remove("SKEP_LOG"), &folder.path().join("registrar.log")).unwrap();
    skep.wait_for("host = \"w1\" and service = \"consul_agent/has_leader\" and metric = 1", 1);
    skep.wait_for("host = \"dc1\" and service = \"consul_member/n1/alive\" and role = \"server\" and metric = 1", 1);
    skep.wait_for("service = \"consul_health_checks/n1:serfHealth/passing\" and metric = 1", 1);
    let web = br#"{"Name": "web", "Port": 80, "Check": {"TTL": "1h", "Status": "critical"}}"#;
    http::request(consul.http, "PUT", "/v1/agent/service/register", &[], web).unwrap();
    let failing = skep.wait_for("service = \"consul_health_checks/n1:service:web/critical\" and metric = 1", 1);
    assert_eq!((&failing[0]["service_name"], &failing[0]["node"]), (&"web".into(), &"n1".into()));
    skep.wait_for("alert = \"consul-check-failing\" and state = \"warning\" and check_id = \"service:web\"", 1);
    http::request(consul.http, "PUT", "/v1/agent/check/pass/service:web", &[], b"").unwrap();
    skep.wait_for("alert = \"consul-check-failing\" and state = \"ok\"", 1);
    consul.kill();
    skep.wait_for("alert = \"consul-no-leader\" and state = \"critical\"", 1);
    assert_eq!(skep.index("service = \"consul_agent/up\"")[0]["metric"], 0);
    consul.restart().unwrap();
    skep.wait_for("alert = \"consul-no-leader\" and state = \"ok\"", 1);
    assert!(registrar.terminate(PATIENCE).unwrap().success(), "{}", registrar.output());
    skep.stop();
}

/// The image with a health check of its own, since Docker runs one of a command line by a shell, of which there is none.
fn image_with_check(docker: &Dockerd) -> String {
    let image = format!("{}-checked", docker.image());
    let made = docker.docker(&["create", &docker.image(), "/bin/busybox"]);
    let check = "HEALTHCHECK --interval=1s --retries=1 CMD [\"/bin/busybox\", \"test\", \"!\", \"-e\", \"/ill\"]";
    docker.docker(&["commit", "-c", check, &made, &image]);
    docker.docker(&["rm", &made]);
    image
}
