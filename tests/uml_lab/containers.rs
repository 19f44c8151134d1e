//! Containers of a node that is not the processor's, measured there by control groups v2.

use crate::common::uml::BOX;
use crate::lab::{Lab, NODES, OTHER};

/// The collectors' interval is 5 s: numbers of the same moment are not asked for.
pub(crate) fn are_measured(lab: &Lab) {
    let memory = "service =~ \"docker_container_mem/%skep_collector%/usage\"";
    lab.until("memory of all collectors", || lab.hosts(memory) == NODES.map(|(name, _)| name));
    for event in lab.index(memory) {
        println!("{} {} {}", event["host"], event["service"], event["metric"]);
    }
    lab.uml.box_image(OTHER.1);
    let start = |name: &str, options: &str, command: &str| {
        lab.uml.run(OTHER.1, &format!("docker run -d --name {name} {options} {BOX} /bin/sh -c '{command}'"));
    };
    start("burn", "--cpus 0.2", "while :; do :; done");
    start("hold", "-m 64m --tmpfs /hold", "dd if=/dev/zero of=/hold/file bs=1M count=32; sleep 1000");
    start("greedy", "-m 16m", "while :; do tail /dev/zero; sleep 2; done");
    wait(lab, "docker_container_cpu/burn/usage_percent", |percent| (percent - 20.0).abs() < 6.0);
    wait(lab, "docker_container_cpu/burn/throttling_throttled_periods", |count| count > 10.0);
    wait(lab, "docker_container_mem/hold/usage", |bytes| bytes > 32e6);
    wait(lab, "docker_container_mem/hold/limit", |bytes| bytes == 64.0 * 1_048_576.0);
    wait(lab, "docker_container_mem/greedy/oom_kill", |count| count >= 1.0);
    wait(lab, "docker_event/greedy/oom", |count| count >= 1.0);
}

/// Waits until a number of the node is as wanted.
fn wait(lab: &Lab, service: &str, is_wanted: impl Fn(f64) -> bool) {
    let query = format!("host = \"{}\" and service = \"{service}\"", OTHER.0);
    let mut last = None;
    lab.until(service, || {
        last = lab.index(&query).first().and_then(|event| event["metric"].as_f64());
        last.is_some_and(&is_wanted)
    });
    println!("{} {service} {}", OTHER.0, last.unwrap());
}
