//! What goes wrong with containers, each seen as an event, a counter and a state.

use std::process::Command;
use std::time::Duration;

use event::Event;
use testbed::{Dockerd, wait_until};

use super::sampling::Sampling;

fn attribute<'a>(event: &'a Event, key: &str) -> Option<&'a str> {
    event.attributes.iter().find(|(found, _)| found == key).map(|(_, value)| value.as_str())
}

/// The number of such a series of the container.
fn service(measurement: &str, name: &str, field: &str) -> String {
    format!("docker_container_{measurement}/{name}/{field}")
}

#[test]
fn troubles_of_real_containers_are_events_counters_and_states() {
    let Some(dockerd) = Dockerd::start() else { return };
    let mut sampling = Sampling::start(&dockerd);
    one_out_of_memory(&dockerd, &mut sampling);
    a_child_out_of_memory(&dockerd, &mut sampling);
    a_crash_loop(&dockerd, &mut sampling);
    a_failing_health_check(&dockerd, &mut sampling);
    an_end_in_good_health(&dockerd, &mut sampling);
    a_paused_one(&dockerd, &mut sampling);
    a_stopped_one(&dockerd, &mut sampling);
    the_last_work_before_an_end(&dockerd, &mut sampling);
}

/// The first process itself is killed: the container dies of it.
fn one_out_of_memory(dockerd: &Dockerd, sampling: &mut Sampling) {
    let name = greedy(dockerd);
    sampling.until_happened(&name, "oom");
    let died = sampling.until_happened(&name, "die");
    assert_eq!((attribute(&died, "exit_code"), attribute(&died, "planned")), (Some("137"), Some("false")));
    let flag = service("status", &name, "oomkilled");
    sampling.until("the flag", |seen| seen.numbers.get(&flag) == Some(&1.0));
    assert_eq!(sampling.text(&service("status", &name, "container_status")), "exited");
    assert_eq!(sampling.number(&service("status", &name, "exitcode")), 137.0);
    dockerd.docker(&["rm", &name]);
    sampling.until("its end", |seen| seen.ended.contains(&flag));
}

/// A container that dies for want of memory and of which dockerd knows why: now and then it is gone before the kernel's word of it is
/// read, and no `oom` is ever told.
fn greedy(dockerd: &Dockerd) -> String {
    let died = |number| {
        let short = format!("greedy{number}");
        dockerd.run(&short, &["-m", "16m", "--memory-swap", "16m"], &["tail", "/dev/zero"]);
        let name = dockerd.name(&short);
        dockerd.docker(&["wait", &name]);
        name
    };
    let is_known = |name: &String| dockerd.docker(&["inspect", "-f", "{{.State.OOMKilled}}", name]) == "true";
    (1..=5).map(died).find(is_known).expect("of five containers that die for memory dockerd knows why of one")
}

/// A child is killed, the container lives on: only the counter tells how often.
fn a_child_out_of_memory(dockerd: &Dockerd, sampling: &mut Sampling) {
    let name = dockerd.name("parent");
    let script = "for n in 1 2; do /bin/busybox tail /dev/zero; done; exec /bin/busybox sleep 1000";
    dockerd.run("parent", &["-m", "16m"], &["sh", "-c", script]);
    let (kills, failures) = (service("mem", &name, "oom_kill"), service("mem", &name, "failcnt"));
    sampling.until("two kills", |seen| seen.numbers.get(&kills) == Some(&2.0));
    assert!(sampling.number(&failures) > 0.0);
    assert_eq!(sampling.number(&service("mem", &name, "limit")), f64::from(16 << 20));
    assert!(sampling.number(&service("mem", &name, "max_usage")) > f64::from(15 << 20));
    dockerd.docker(&["rm", "-f", &name]);
    sampling.until("its end", |seen| seen.ended.contains(&kills));
}

fn a_crash_loop(dockerd: &Dockerd, sampling: &mut Sampling) {
    let name = dockerd.name("crashing");
    dockerd.run("crashing", &["--restart", "always"], &["sh", "-c", "exit 3"]);
    let restarts = service("status", &name, "restart_count");
    sampling.until("two restarts", |seen| seen.numbers.get(&restarts).is_some_and(|n| *n >= 2.0));
    let died = sampling.until_happened(&name, "die");
    assert_eq!((attribute(&died, "exit_code"), attribute(&died, "planned")), (Some("3"), Some("false")));
    let dies = |sampling: &Sampling| {
        let service = format!("docker_event/{name}/die");
        sampling.seen.events.iter().filter(|event| event.service.as_deref() == Some(&service)).count()
    };
    assert!(dies(sampling) >= 2, "{} deaths", dies(sampling));
    dockerd.docker(&["rm", "-f", &name]);
    sampling.until("its end", |seen| seen.ended.contains(&restarts));
}

fn a_failing_health_check(dockerd: &Dockerd, sampling: &mut Sampling) {
    let name = dockerd.name("ill");
    let check = ["--health-cmd", "/bin/busybox false", "--health-interval", "1s", "--health-retries", "2"];
    // The check is run by a shell, which the image has not under that name.
    let script = "/bin/busybox ln -s /bin/busybox /bin/sh; exec /bin/busybox sleep 1000";
    dockerd.run("ill", &check, &["sh", "-c", script]);
    let happened = sampling.until_happened(&name, "health_status");
    assert_eq!(happened.state.as_deref(), Some("unhealthy"));
    let (status, streak) = (service("health", &name, "health_status"), service("health", &name, "failing_streak"));
    sampling.until("the state", |seen| seen.samples.get(&status).map(String::as_str) == Some("unhealthy"));
    assert!(sampling.number(&streak) >= 2.0);
    dockerd.docker(&["rm", "-f", &name]);
    sampling.until("its end", |seen| seen.ended.contains(&status));
}

/// dockerd calls the health of a container that has ended unhealthy, whatever it was.
fn an_end_in_good_health(dockerd: &Dockerd, sampling: &mut Sampling) {
    let name = dockerd.name("well");
    let check = ["--health-cmd", "/bin/busybox true", "--health-interval", "1s"];
    let script = "/bin/busybox ln -s /bin/busybox /bin/sh; trap 'exit 0' TERM; while :; do /bin/busybox sleep 0.1; done";
    dockerd.run("well", &check, &["sh", "-c", script]);
    let (health, status) = (service("health", &name, "health_status"), service("status", &name, "container_status"));
    sampling.until("it is well", |seen| seen.samples.get(&health).map(String::as_str) == Some("healthy"));
    dockerd.docker(&["stop", &name]);
    let inspected = dockerd.docker(&["inspect", "--format", "{{.State.Health.Status}}", &name]);
    assert_eq!(inspected, "unhealthy", "if dockerd no longer says so, this test is about nothing");
    sampling.until("it has ended", |seen| seen.samples.get(&status).map(String::as_str) == Some("exited"));
    assert_eq!(sampling.seen.samples.get(&health), None);
    assert!(sampling.seen.ended.contains(&health), "its health has ended with it");
    dockerd.docker(&["rm", "-f", &name]);
}

fn a_paused_one(dockerd: &Dockerd, sampling: &mut Sampling) {
    let name = dockerd.name("paused");
    dockerd.run("paused", &[], &["sleep", "1000"]);
    let status = service("status", &name, "container_status");
    sampling.until("it runs", |seen| seen.samples.get(&status).map(String::as_str) == Some("running"));
    dockerd.docker(&["pause", &name]);
    sampling.until_happened(&name, "pause");
    sampling.until("the state", |seen| seen.samples.get(&status).map(String::as_str) == Some("paused"));
    assert!(sampling.seen.numbers.contains_key(&service("mem", &name, "usage")), "its memory is held still");
    dockerd.docker(&["unpause", &name]);
    sampling.until_happened(&name, "unpause");
    sampling.until("it runs again", |seen| seen.samples.get(&status).map(String::as_str) == Some("running"));
    dockerd.docker(&["rm", "-f", &name]);
}

fn a_stopped_one(dockerd: &Dockerd, sampling: &mut Sampling) {
    let name = dockerd.name("stopped");
    dockerd.run("stopped", &[], &["sleep", "1000"]);
    sampling.until_happened(&name, "start");
    dockerd.docker(&["stop", "-t", "1", &name]);
    let died = sampling.until_happened(&name, "die");
    assert_eq!(attribute(&died, "planned"), Some("true"), "{died:?}");
}

/// No turn falls between the work and the end, and the groups are gone when Docker says `die`. The runtime takes them away within
/// milliseconds: on a busy machine it may be there before us.
fn the_last_work_before_an_end(dockerd: &Dockerd, sampling: &mut Sampling) {
    let is_seen = ["last1", "last2", "last3"].iter().any(|name| is_last_work_seen(dockerd, sampling, name));
    assert!(is_seen, "of none of three: {:#?}", sampling.seen.samples);
}

fn is_last_work_seen(dockerd: &Dockerd, sampling: &mut Sampling, name: &str) -> bool {
    let (container, name) = (name, dockerd.name(name));
    let script = "/bin/busybox sleep 3; n=0; while [ $n -lt 300000 ]; do n=$((n+1)); done";
    dockerd.run(container, &[], &["sh", "-c", script]);
    let (cpu, received) = (service("cpu", &name, "usage_total"), service("net", &name, "rx_bytes"));
    sampling.until("it is sampled", |seen| seen.numbers.contains_key(&cpu));
    let before = sampling.number(&cpu);
    assert_eq!(dockerd.docker(&["wait", &name]), "0", "its exit code");
    sampling.until_happened(&name, "die");
    let Some(after) = sampling.seen.numbers.get(&cpu) else { return false };
    let worked = (after - before) / 1e9;
    assert!(worked > 0.1, "{worked} s of its work were seen");
    assert!(sampling.seen.numbers.contains_key(&received), "its network was read as well");
    assert!(sampling.seen.ended.is_superset(&[cpu, received].into()), "and then they have ended");
    true
}

/// With live restore the containers outlive dockerd: they are sampled all the time, and what happened meanwhile is found.
#[test]
fn a_restarted_dockerd_has_its_containers_under_their_names() {
    let Some(mut dockerd) = Dockerd::start_with(r#"{"live-restore": true}"#).filter(|dockerd| dockerd.pid().is_some()) else { return };
    let (stays, leaves) = (dockerd.name("stays"), dockerd.name("leaves"));
    let pid = |dockerd: &Dockerd, name: &str| dockerd.docker(&["inspect", "-f", "{{.State.Pid}}", name]);
    for name in ["stays", "leaves"] {
        dockerd.run(name, &["--network", "none"], &["sleep", "1000"]);
    }
    let mut sampling = Sampling::start(&dockerd);
    let cpu = [&stays, &leaves].map(|name| service("cpu", name, "usage_total"));
    sampling.until("both", |seen| cpu.iter().all(|service| seen.samples.contains_key(service)));
    let victim = pid(&dockerd, &leaves);
    dockerd.end_daemon();
    sampling.turn();
    assert!(cpu.iter().all(|service| sampling.seen.samples.contains_key(service)), "they live on: {:?}", sampling.seen.samples.keys());
    assert!(Command::new("kill").args(["-9", &victim]).status().is_ok_and(|status| status.success()));
    wait_until(Duration::from_secs(1), || false);
    dockerd.start_daemon();
    let status = service("status", &leaves, "container_status");
    sampling.until("what happened meanwhile", |seen| seen.samples.get(&status).map(String::as_str) == Some("exited"));
    sampling.turn();
    assert!(sampling.seen.samples.contains_key(&cpu[0]) && !sampling.seen.samples.contains_key(&cpu[1]));
    // Events of the new daemon come as those of the old one did.
    dockerd.run("new", &["--network", "none"], &["sleep", "1000"]);
    let new = dockerd.name("new");
    sampling.until_happened(&new, "start");
    dockerd.docker(&["rename", &new, &dockerd.name("renamed")]);
    let names = [&new, &dockerd.name("renamed")].map(|name| service("status", name, "container_status"));
    sampling.until("its new name", |seen| seen.samples.contains_key(&names[1]) && !seen.samples.contains_key(&names[0]));
}
