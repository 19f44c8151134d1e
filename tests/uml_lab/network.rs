//! What the kernel does for the swarm's network, seen where it is used.

use testbed::http;

use crate::lab::{DATA, Lab, NODES, OTHER, address};

/// The container of the stack's collector, on the node where this is asked.
const COLLECTOR: &str = "$(docker ps --quiet --filter name=skep_collector)";

/// On a node without a processor, in the network of its collector, whose image has no program but its own.
fn beside_collector(lab: &Lab, command: &str) -> String {
    lab.uml.run(OTHER.1, &format!("nsenter --net --target $(docker inspect --format '{{{{.State.Pid}}}}' {COLLECTOR}) {command}"))
}

/// What Docker's name server says to the collector of a node.
fn resolve(lab: &Lab, name: &str) -> Vec<String> {
    // It asks for addresses of IPv6 too, and fails for want of them.
    let told = beside_collector(lab, &format!("busybox nslookup {name} 127.0.0.11 || true"));
    let answer = told.lines().skip_while(|line| !line.starts_with("Name:"));
    answer.filter_map(|line| line.strip_prefix("Address: ")).map(str::to_owned).collect()
}

/// Names lead to addresses of services, which no task has, and a request to such an address is answered, by way of IPVS.
pub(crate) fn names_are_virtual_addresses(lab: &Lab) {
    for name in ["influxdb", "processor"] {
        let virtual_addresses = virtual_addresses(lab, name);
        // The hostname of the processor's container is its service's name, so that this name leads to its task, too.
        lab.until(&format!("{name} is a virtual address"), || {
            let (of_service, of_tasks) = (resolve(lab, name), resolve(lab, &format!("tasks.{name}")));
            println!("{name}: {of_service:?}, its task: {of_tasks:?}, virtual: {virtual_addresses:?}");
            let is_virtual = |address| virtual_addresses.contains(address);
            of_service.iter().any(is_virtual) && !of_tasks.is_empty() && !of_tasks.iter().any(is_virtual)
        });
    }
    let is_healthy = |address: &str| {
        let (told, succeeded) = lab.uml.try_run(OTHER.1, &format!("docker exec {COLLECTOR} /skep health --url http://{address}:5556"));
        println!("skep health --url http://{address}:5556 in the collector of {}: {succeeded} {}", OTHER.0, told.trim());
        succeeded
    };
    let addresses = virtual_addresses(lab, "processor");
    lab.until("the processor answers at its virtual address", || addresses.iter().any(|address| is_healthy(address)));
    // The namespace that Docker has for the addresses of a network; those of published ports are in another one.
    let table = lab.uml.run(OTHER.1, "nsenter --net=$(ls -d /run/docker/netns/lb_*) cat /proc/net/ip_vs");
    println!("{}", table.trim_end());
    // "-> ADDRESS Forward Weight ActiveConn InActConn"
    let count = |line: &str| line.split_whitespace().skip(4).filter_map(|count| count.parse::<u64>().ok()).sum::<u64>();
    let connections: u64 = table.lines().skip(3).filter(|line| line.trim_start().starts_with("->")).map(count).sum();
    assert!(connections > 0, "no connection by IPVS");
}

fn virtual_addresses(lab: &Lab, name: &str) -> Vec<String> {
    let format = "{{range .Endpoint.VirtualIPs}}{{println .Addr}}{{end}}";
    let told = lab.uml.run(DATA, &format!("docker service inspect --format '{format}' skep_{name}"));
    told.lines().filter_map(|line| Some(line.split_once('/')?.0.to_owned())).collect()
}

/// The processor runs on one node; its port is on all.
pub(crate) fn the_mesh_answers(lab: &Lab) {
    let node = lab.uml.run(DATA, "docker service ps --filter desired-state=running --format '{{.Node}}' skep_processor");
    assert_eq!(node.trim(), NODES[0].0, "the node of the processor");
    for (name, number) in NODES {
        let page = format!("{}:5556", address(number)).parse().unwrap();
        let mut status = 0;
        lab.until(&format!("the page of {name}"), || {
            status = http::get(page, "/").map_or(0, |answer| answer.status);
            status == 200
        });
        println!("http://{page}/ ({name}): {status}");
    }
}

/// The kernel's security associations have seen packets of the swarm's network.
pub(crate) fn samples_are_encrypted(lab: &Lab) {
    let packets = || {
        let told = lab.uml.run(OTHER.1, "ip -s xfrm state");
        // "    12345(bytes), 67(packets)" stands under "lifetime current:".
        let counts = told.lines().filter_map(|line| line.trim().strip_suffix("(packets)")?.split(' ').nth(1)?.parse::<u64>().ok());
        (told.matches("proto esp").count(), counts.sum::<u64>())
    };
    lab.until("packets are encrypted", || packets().1 > 100);
    let (associations, count) = packets();
    println!("{}: {associations} ESP associations, {count} packets", OTHER.0);
}
