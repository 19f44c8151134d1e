//! Nodes that come, die, and are cut off.

use std::collections::BTreeSet;

use testbed::http;

use crate::lab::{Lab, now};

/// Whoever leads says so of itself, and nobody else does.
const LEADS: &str = "service = \"skep_collector/swarm_leader\" and metric = 1";

/// Nobody named the nodes to skep: the swarm starts a collector on each.
pub(crate) fn collectors_appear(lab: &Lab) {
    let names = lab.swarm.names();
    let all: BTreeSet<String> = names.iter().cloned().collect();
    lab.until("all nodes are heard of", || lab.hosts("service = \"skep_collector/heartbeat\"") == names);
    lab.until("InfluxDB has all nodes", || lab.influx.tags("skep_collector", "host") == all);
    lab.until_number("docker_swarm/nodes_ready", 5.0);
    lab.until_number("docker_swarm/apps_www/tasks_running", 2.0);
    lab.until_number("docker_swarm/apps_api/tasks_running", 3.0);
    one_leader_tells(lab);
    lab.until("every container is sampled", || {
        let hosts = |name: &str| lab.hosts(&format!("service =~ \"docker_container_mem/{name}/usage\""));
        hosts("skep_collector") == names && hosts("apps_www.%").len() == 2 && hosts("apps_api.%").len() == 3
    });
    a_page_is_served(lab);
}

/// The swarm's series bear its name, whichever manager tells them.
fn one_leader_tells(lab: &Lab) {
    let leader = lab.swarm.leader(&lab.manager).expect("a leader");
    lab.until("the leader tells of the swarm", || lab.hosts(LEADS) == [leader.clone()]);
    lab.until("each manager says whether it leads", || {
        lab.hosts("service = \"skep_collector/swarm_leader\"") == ["manager1", "manager2", "manager3"]
    });
    let all: BTreeSet<String> = lab.swarm.names().into_iter().collect();
    lab.until("InfluxDB has all nodes as the leader sees them", || lab.influx.tags("docker_node", "node") == all);
    for measurement in ["docker_swarm", "docker_node"] {
        assert_eq!(lab.influx.tags(measurement, "host"), BTreeSet::from(["swarm".to_owned()]), "{measurement}");
    }
}

/// Both applications answer, the one by way of the other's neighbour.
fn a_page_is_served(lab: &Lab) {
    for (service, path, port, text) in
        [("apps_www", "/", 8080, "This page is served"), ("apps_api", "/cgi-bin/api", 8081, "task apps_api.")]
    {
        let node = lab.docker(&["service", "ps", service, "--filter", "desired-state=running", "--format", "{{.Node}}"]);
        let address = format!("{}:{port}", lab.swarm.address(node.lines().next().unwrap()));
        lab.until(&format!("{service} answers"), || {
            http::get(address.parse().unwrap(), path).is_ok_and(|answer| answer.body.contains(text))
        });
    }
}

/// The manager that leads loses its power: another one tells of the swarm, and its end and its return are told. Gives its name.
pub(crate) fn the_leader_dies(lab: &mut Lab) -> String {
    let leader = lab.swarm.leader(&lab.manager).expect("a leader");
    let other = lab.swarm.names().into_iter().find(|name| *name != leader).unwrap();
    lab.manager = other;
    lab.swarm.kill(&leader);
    let death = now();
    lab.until("another manager leads", || lab.hosts(&format!("{LEADS} and host != \"{leader}\"")).len() == 1);
    let first = format!("SELECT nodes_ready FROM docker_swarm WHERE time > {death}ms ORDER BY time LIMIT 1");
    lab.until("another manager tells of the swarm", || !lab.influx.rows(&first).is_empty());
    let gap = lab.influx.rows(&first)[0][0].as_u64().unwrap() - death;
    assert!(gap <= 30_000, "nobody told of the swarm for {gap} ms");
    println!("        another manager told of the swarm {:.1} s after the leader's death", gap as f64 / 1000.0);
    lab.until_number(&format!("docker_node/{leader}/ready"), 0.0);
    is_down(lab, &leader);
    lab.swarm.restart(&leader);
    lab.traces.remember(&lab.swarm);
    is_back(lab, &leader);
    leader
}

/// A worker's cable is pulled and put back; what its collector sampled meanwhile comes late. Gives its name.
pub(crate) fn a_worker_is_cut_off(lab: &Lab) -> String {
    let worker = "worker2".to_owned();
    lab.swarm.cut(&worker);
    let cut = now();
    lab.until_number(&format!("docker_node/{worker}/ready"), 0.0);
    is_down(lab, &worker);
    let mended = now();
    lab.swarm.mend(&worker);
    is_back(lab, &worker);
    let count = format!("SELECT count(heartbeat) FROM skep_collector WHERE host = '{worker}' AND time > {cut}ms AND time < {mended}ms");
    // Each five seconds, but for the turn at either end.
    let turns = ((mended - cut) / 5000).saturating_sub(2);
    lab.until("the samples of that time arrive", || lab.influx.value(&count).as_u64() >= Some(turns));
    worker
}

/// Seen in the index, told, and in InfluxDB.
fn is_down(lab: &Lab, node: &str) {
    lab.until_alert("node-down", node, "critical");
    lab.until("it is told", || lab.posts.has("node-down", node, "opened"));
    lab.until("InfluxDB has the alert", || lab.influx.value(&level(node)).as_f64() == Some(3.0));
}

fn is_back(lab: &Lab, node: &str) {
    lab.until_alert("node-down", node, "ok");
    lab.until("its end is told", || lab.posts.has("node-down", node, "resolved"));
    lab.until("InfluxDB has its end", || lab.influx.value(&level(node)).as_f64() == Some(0.0));
    lab.until_number(&format!("docker_node/{node}/ready"), 1.0);
}

fn level(node: &str) -> String {
    format!("SELECT last(level) FROM alert WHERE \"name\" = 'node-down' AND host = '{node}'")
}
