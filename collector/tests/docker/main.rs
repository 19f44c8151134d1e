//! The containers of a real dockerd: who they are, what they use, what happens to them.

mod churn;
mod sampling;
mod troubles;

use std::process::Command;
use std::time::{Duration, Instant};

use collector::{ContainerChoice, Lists};
use sampling::Sampling;
use testbed::{Dockerd, wait_until};

#[test]
fn containers_of_a_real_dockerd_are_named_sampled_and_followed() {
    let Some(dockerd) = Dockerd::start() else { return };
    dockerd.run("burner", &[], &["sh", "-c", "while :; do :; done"]);
    dockerd.run("limited", &["-m", "64m", "--cpus", "0.5", "--pids-limit", "50"], &["sleep", "1000"]);
    let mut sampling = Sampling::start(&dockerd);
    sampling.until("the two that were there", |seen| seen.samples.len() > 40);

    started_later_is_sampled_too(&dockerd, &mut sampling);
    a_busy_container_uses_a_cpu(&dockerd, &mut sampling);
    limits_are_those_that_were_given(&dockerd, &mut sampling);
    a_renamed_one_goes_on_under_its_new_name(&dockerd, &mut sampling);
    a_stopped_dockerd_does_not_stop_sampling(&dockerd, &mut sampling);
    a_killed_and_removed_one_is_no_longer_sampled(&dockerd, &mut sampling);
}

#[test]
fn what_was_not_chosen_is_not_told_and_the_environment_never_is() {
    let Some(dockerd) = Dockerd::start() else { return };
    let sleep = ["sleep", "1000"];
    dockerd.run("hidden", &["--label", "team=test"], &sleep);
    dockerd.run("shown", &["--label", "team=shop", "--label", "owner=nobody", "-e", "PASSWORD=hunter2"], &sleep);
    let containers = Lists { allow: Vec::new(), deny: vec![event::Pattern::new("team=t*")] };
    let choice = ContainerChoice { containers, labels: vec!["team".to_owned()] };
    let mut sampling = Sampling::start_with(&dockerd, choice);
    let shown = dockerd.name("shown");
    let memory = format!("docker_container_mem/{shown}/usage");
    sampling.until(&memory, |seen| seen.numbers.contains_key(&memory));
    sampling.turn();
    let labels = sampling.seen.labels.get(&memory).cloned().unwrap_or_default();
    assert_eq!(labels, format!("container_name={shown},team=shop"));
    let all = format!("{:?} {:?} {:?}", sampling.seen.samples, sampling.seen.labels, sampling.seen.events);
    for secret in ["hunter2", "PASSWORD", &dockerd.name("hidden"), "nobody"] {
        assert!(!all.contains(secret), "{secret} was told: {all}");
    }
}

#[test]
fn files_and_sockets_of_a_container_are_counted() {
    let Some(dockerd) = Dockerd::start() else { return };
    let script = "dd if=/dev/zero of=/file bs=1M count=5; exec /bin/busybox nc -ll -p 80 -e /bin/busybox cat";
    dockerd.run("server", &[], &["sh", "-c", script]);
    let server = dockerd.name("server");
    let mut sampling = Sampling::start_with_sizes(&dockerd);
    let [written, all] = ["size_rw", "size_root_fs"].map(|field| format!("docker_disk_usage/{server}/{field}"));
    let five = f64::from(5 << 20);
    sampling.until("five megabytes", |seen| seen.numbers.get(&written).is_some_and(|bytes| (five..five + 65536.0).contains(bytes)));
    assert!(sampling.number(&all) > five + 500_000.0, "busybox is among all files");
    let listening = format!("docker_container_net/{server}/tcp_inuse");
    sampling.until("a socket", |seen| seen.numbers.get(&listening).is_some_and(|count| *count >= 1.0));
}

#[test]
fn one_that_lives_between_two_turns_leaves_what_it_has_used() {
    let Some(dockerd) = Dockerd::start() else { return };
    let mut sampling = Sampling::start(&dockerd);
    sampling.turn();
    let brief = dockerd.name("brief");
    dockerd.run("brief", &[], &["sh", "-c", "i=0; while [ $i -lt 500000 ]; do i=$((i+1)); done"]);
    dockerd.docker(&["wait", &brief]);
    let used = format!("docker_container_cpu/{brief}/usage_total");
    let nanos = wait_until(Duration::from_secs(20), || {
        sampling.turn();
        sampling.seen.numbers.contains_key(&used)
    });
    assert!(nanos, "{:?}", sampling.seen.samples);
    assert!(sampling.number(&used) > 50e6);
    assert!(sampling.number(&format!("docker_container_mem/{brief}/usage")) >= 0.0);
}

#[test]
fn tasks_of_a_real_swarm_are_named_by_service_and_slot() {
    let Some(dockerd) = Dockerd::start().filter(|dockerd| dockerd.pid().is_some()) else { return };
    dockerd.docker(&["swarm", "init", "--advertise-addr", "127.0.0.1", "--listen-addr", "127.0.0.1:0"]);
    let image = dockerd.image();
    let create = ["service", "create", "--detach", "--no-resolve-image", "--network", "host", "--restart-condition", "none"];
    let sleep = ["--stop-grace-period", "1s", image.as_str(), "/bin/busybox", "sleep", "1000"];
    dockerd.docker(&[create.as_slice(), &["--name", "web", "--replicas", "2"], &sleep].concat());
    dockerd.docker(&[create.as_slice(), &["--name", "agent", "--mode", "global"], &sleep].concat());
    let mut sampling = Sampling::start(&dockerd);
    let names = ["web.1", "web.2", "agent"];
    let cpu = |name: &str| format!("docker_container_cpu/{name}/usage_total");
    sampling.until("three tasks", |seen| names.iter().all(|name| seen.samples.contains_key(&cpu(name))));
    assert_eq!(sampling.containers.counts(), (3, 3));
    dockerd.docker(&["service", "rm", "web", "agent"]);
    sampling.until_happened("agent", "destroy");
}

fn started_later_is_sampled_too(dockerd: &Dockerd, sampling: &mut Sampling) {
    let swarm = ["-l", "com.docker.swarm.service.name=web", "-l", "com.docker.swarm.task.name=web.2.abc"];
    let stack = ["-l", "com.docker.stack.namespace=shop", "--network", "none"];
    dockerd.run("task", &[swarm.as_slice(), &stack].concat(), &["sleep", "1000"]);
    let started = sampling.until_happened("web.2", "start");
    let attributes =
        [("action", "start"), ("container_name", "web.2"), ("swarm_service", "web"), ("swarm_stack", "shop"), ("task_slot", "2")];
    assert_eq!(started.attributes, attributes.map(|(key, value)| (key.to_owned(), value.to_owned())));
    sampling.until("its processes", |seen| seen.numbers.get("docker_container_status/web.2/pids_current") == Some(&1.0));
    assert_eq!(sampling.seen.numbers.get("docker_container_net/web.2/rx_bytes"), None, "it has no network but lo");
    assert_eq!(sampling.containers.counts(), (3, 3));
}

/// A second or two of wall time: what the kernel counts cannot be moved.
fn a_busy_container_uses_a_cpu(dockerd: &Dockerd, sampling: &mut Sampling) {
    let burner = dockerd.name("burner");
    let total = format!("docker_container_cpu/{burner}/usage_total");
    sampling.turn();
    let (before, start) = (sampling.number(&total), instant());
    wait_until(Duration::from_secs(2), || false);
    sampling.turn();
    let used = (sampling.number(&total) - before) / 1e9;
    let passed = instant().duration_since(start).as_secs_f64();
    let percent = sampling.number(&format!("docker_container_cpu/{burner}/usage_percent"));
    assert!((percent - used / passed * 100.0).abs() < 5.0, "{percent} % is not {used} s of {passed} s");
    // Other work shares the machine's CPUs, so it may get less than a whole one.
    assert!(percent > 20.0 && percent < 105.0, "{percent} %");
    let host = sampling.number(&format!("docker_container_cpu/{burner}/usage_host_percent"));
    assert!(host <= percent && host > 0.0, "{host} %");
    let idle = sampling.number(&format!("docker_container_cpu/{}/usage_percent", dockerd.name("limited")));
    assert!(idle < 5.0, "{idle} %");
    let received = sampling.number(&format!("docker_container_net/{burner}/rx_bytes"));
    assert_eq!(sampling.number(&format!("docker_container_net/{burner}/eth0/rx_bytes")), received);
    let has_pressure = std::path::Path::new("/proc/pressure/cpu").exists();
    let pressure = sampling.seen.numbers.get(&format!("docker_container_cpu/{burner}/pressure_some_total"));
    assert_eq!(pressure.is_some(), has_pressure, "some kernels keep no pressure");
    let network = sampling.seen.networks.get(&format!("docker_container_net/{burner}/eth0/rx_bytes"));
    assert_eq!(network.map(String::as_str), Some("bridge"));
    assert_eq!(sampling.text(&format!("docker_container_status/{burner}/container_status")), "running");
    assert_eq!(sampling.text(&format!("docker_container_status/{burner}/container_version")), "1");
    assert!(sampling.number(&format!("docker_container_blkio/{burner}/io_service_bytes_recursive_write")) >= 0.0);
}

#[expect(clippy::disallowed_methods, reason = "measured against the real clock")]
fn instant() -> Instant {
    Instant::now()
}

fn limits_are_those_that_were_given(dockerd: &Dockerd, sampling: &mut Sampling) {
    let limited = dockerd.name("limited");
    assert_eq!(sampling.number(&format!("docker_container_mem/{limited}/limit")), f64::from(64 << 20));
    assert_eq!(sampling.number(&format!("docker_container_status/{limited}/pids_limit")), 50.0);
    let (usage, percent) = (format!("docker_container_mem/{limited}/working_set"), format!("docker_container_mem/{limited}/usage_percent"));
    assert_eq!(sampling.number(&percent), sampling.number(&usage) * 100.0 / f64::from(64 << 20));
    assert!(sampling.number(&usage) > 0.0);
    let of_limit = sampling.number(&format!("docker_container_cpu/{limited}/usage_limit_percent"));
    let of_cpu = sampling.number(&format!("docker_container_cpu/{limited}/usage_percent"));
    assert!((of_limit - of_cpu * 2.0).abs() < 1e-9, "half a CPU: {of_limit} is not twice {of_cpu}");
    dockerd.docker(&["update", "-m", "96m", "--memory-swap", "192m", &limited]);
    let limit = format!("docker_container_mem/{limited}/limit");
    sampling.until("the new limit", |seen| seen.numbers.get(&limit) == Some(&f64::from(96 << 20)));
}

fn a_renamed_one_goes_on_under_its_new_name(dockerd: &Dockerd, sampling: &mut Sampling) {
    let (before, after) = (dockerd.name("limited"), dockerd.name("renamed"));
    dockerd.docker(&["rename", &before, &after]);
    let usage = format!("docker_container_mem/{after}/usage");
    sampling.until("the new name", |seen| seen.samples.contains_key(&usage));
    assert!(!sampling.seen.samples.keys().any(|service| service.contains(&before)), "{:?}", sampling.seen.samples.keys());
}

/// SIGSTOP: every question to dockerd now waits for ever.
fn a_stopped_dockerd_does_not_stop_sampling(dockerd: &Dockerd, sampling: &mut Sampling) {
    let Some(pid) = dockerd.pid() else { return };
    let signal = |name: &str| assert!(Command::new("kill").args([name, &pid.to_string()]).status().expect("kill starts").success());
    signal("-STOP");
    sampling.turn();
    sampling.turn();
    let is_sampled = sampling.seen.samples.contains_key("docker_container_cpu/web.2/usage_total");
    signal("-CONT");
    assert!(is_sampled, "{:?}", sampling.seen.samples.keys());
}

fn a_killed_and_removed_one_is_no_longer_sampled(dockerd: &Dockerd, sampling: &mut Sampling) {
    let (burner, task) = (dockerd.name("burner"), dockerd.name("task"));
    dockerd.docker(&["kill", &burner]);
    let killed = sampling.until_happened(&burner, "kill");
    assert!(killed.attributes.contains(&("signal".to_owned(), "9".to_owned())), "{killed:?}");
    let died = sampling.until_happened(&burner, "die");
    assert!(died.attributes.contains(&("exit_code".to_owned(), "137".to_owned())), "{died:?}");
    let exit_code = format!("docker_container_status/{burner}/exitcode");
    sampling.until("its exit code", |seen| seen.numbers.get(&exit_code) == Some(&137.0));
    assert_eq!(sampling.seen.samples.get(&format!("docker_container_cpu/{burner}/usage_total")), None);
    dockerd.docker(&["rm", "-f", &burner, &task]);
    sampling.until_happened(&burner, "destroy");
    sampling.until_happened("web.2", "destroy");
    sampling.until("only one left", |seen| !seen.samples.keys().any(|service| service.contains(&burner) || service.contains("web.2")));
    assert_eq!(sampling.containers.counts(), (1, 1));
}
