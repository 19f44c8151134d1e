//! skep itself is upgraded, as docs/operating.md has it.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::common::image;
use crate::lab::{DATA, Lab, NEXT};

/// Node by node, each awaited until it is healthy.
const ROLLS: Duration = Duration::from_secs(300);

const SERVICES: [&str; 2] = ["skep_collector", "skep_processor"];

/// The same again changes nothing; another image rolls through, node by node, and nobody is told of a node that is down.
pub(crate) fn of_skep(lab: &Lab) {
    let before = SERVICES.map(|service| version(lab, service));
    lab.operate("install", &[("NODE", DATA)], image::SKEP);
    assert_eq!(SERVICES.map(|service| version(lab, service)), before, "deployed twice, nothing changes");
    lab.operate("upgrade", &[("registry.example/skep:2", NEXT)], image::SKEP);
    let names: BTreeSet<String> = lab.swarm.names().into_iter().collect();
    lab.until_within(ROLLS, "a collector of the new image is on every node", || running(lab, "skep_collector", NEXT) == names);
    lab.until("the processor is of the new image", || running(lab, "skep_processor", NEXT).len() == 1);
    for service in SERVICES {
        let state = ["service", "inspect", "--format", "{{.UpdateStatus.State}}", service];
        lab.until(&format!("the upgrade of {service} is completed"), || lab.docker(&state) == "completed");
    }
    lab.until("all nodes are heard of", || lab.hosts("service = \"skep_collector/heartbeat\"") == lab.swarm.names());
}

/// What the swarm counts up with each change of a service's wishes.
fn version(lab: &Lab, service: &str) -> String {
    lab.docker(&["service", "inspect", "--format", "{{json .Spec.TaskTemplate}}", service])
}

/// The nodes on which the service's task runs from this image.
fn running(lab: &Lab, service: &str, image: &str) -> BTreeSet<String> {
    let tasks = ["service", "ps", service, "--filter", "desired-state=running", "--format", "{{.Node}} {{.Image}} {{.CurrentState}}"];
    let is_so = |line: &&str| line.contains(&format!(" {image} Running"));
    lab.docker(&tasks).lines().filter(is_so).filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}
