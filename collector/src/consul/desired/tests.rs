//! Tests of what is wished, each a container and the lines that come of it.

use std::collections::HashMap;

use super::super::seen::Published;
use super::super::{Change, difference};
use super::*;

fn options() -> Options {
    Options {
        node: "n1".to_owned(),
        address: None,
        agent_address: Some("192.0.2.7".parse().unwrap()),
        network: None,
        explicit: false,
        tags: Vec::new(),
        tcp: false,
        ttl: 30,
        forget_after: 600,
    }
}

fn metadata(environment: &[&str]) -> Metadata {
    let environment: Vec<String> = environment.iter().map(ToString::to_string).collect();
    Metadata::read(&environment, &HashMap::new())
}

/// Published: `(in the container, on the node)`.
fn container(ports: &[(u16, u16)], environment: &[&str]) -> Container {
    let port = |(number, port): &(u16, u16)| Port {
        number: *number,
        protocol: Protocol::Tcp,
        published: (*port > 0).then_some(Published { address: None, port: *port }),
    };
    Container {
        id: "f9623002f954".to_owned(),
        name: "shop.1".to_owned(),
        image: "web".to_owned(),
        service: None,
        ports: ports.iter().map(port).collect(),
        networks: vec![("bridge".to_owned(), "172.17.0.2".parse().unwrap()), ("shop".to_owned(), "10.0.1.3".parse().unwrap())],
        metadata: metadata(environment),
        health: Health::Unchecked,
    }
}

fn told(entries: &BTreeMap<String, Entry>) -> Vec<String> {
    difference(entries, &[], "n1").iter().map(Change::to_string).collect()
}

#[track_caller]
fn check(container: &Container, options: &Options, expected: &[&str]) {
    assert_eq!(told(&desired(std::slice::from_ref(container), &[], options)), expected);
}

#[track_caller]
fn check_check(environment: &[&str], options: &Options, expected: Check) {
    let entries = desired(&[container(&[(80, 8080)], environment)], &[], options);
    assert_eq!(entries["n1:shop.1:80"].check, Some(expected));
}

#[test]
fn a_published_port_is_named_after_the_image_a_task_s_after_its_service() {
    let mut web = container(&[(80, 8080), (9000, 0)], &[]);
    check(&web, &options(), &["register n1:shop.1:80 as web, the node's address port 8080, passing"]);
    web.service = Some("shop_web".to_owned());
    check(&web, &options(), &["register n1:shop.1:80 as shop_web, the node's address port 8080, passing"]);
}

#[test]
fn several_ports_are_told_apart_unless_each_has_its_name() {
    check(
        &container(&[(80, 8080), (443, 8443)], &["SERVICE_NAME=shop", "SERVICE_443_NAME=tls", "SERVICE_443_TAGS=a, b,a"]),
        &options(),
        &[
            "register n1:shop.1:443 as tls, the node's address port 8443, passing, tags a,b",
            "register n1:shop.1:80 as shop-80, the node's address port 8080, passing",
        ],
    );
    check(
        &container(&[(80, 8080), (443, 8443)], &["SERVICE_443_IGNORE=1"]),
        &options(),
        &["register n1:shop.1:80 as web, the node's address port 8080, passing"],
    );
    check(
        &container(&[(80, 8080), (443, 8443)], &["SERVICE_ID=x", "SERVICE_NAME=s"]),
        &options(),
        &["register x-443 as s-443, the node's address port 8443, passing", "register x-80 as s-80, the node's address port 8080, passing"],
    );
}

#[test]
fn what_is_to_be_ignored_or_not_named_is_left_out() {
    check(&container(&[(80, 8080)], &["SERVICE_IGNORE=true"]), &options(), &[]);
    let explicit = Options { explicit: true, ..options() };
    check(&container(&[(80, 8080)], &["SERVICE_TAGS=a"]), &explicit, &[]);
    check(
        &container(&[(80, 8080)], &["SERVICE_80_NAME=a"]),
        &explicit,
        &["register n1:shop.1:80 as a, the node's address port 8080, passing"],
    );
}

#[test]
fn a_port_that_is_only_named_is_reached_at_the_container_itself() {
    check(
        &container(&[], &["CONSUL_SERVICE_PORT=6379", "SERVICE_NAME=redis"]),
        &options(),
        &["register n1:shop.1:6379 as redis, 172.17.0.2 port 6379, passing"],
    );
    check(
        &container(&[(80, 8080), (6379, 16379)], &["CONSUL_SERVICE_PORT=6379"]),
        &options(),
        &["register n1:shop.1:6379 as web, the node's address port 16379, passing"],
    );
}

#[test]
fn a_task_behind_the_routing_mesh_is_reached_there_whatever_its_labels_name() {
    let mut task = container(&[], &["SERVICE_80_NAME=web"]);
    task.networks.push(("ingress".to_owned(), "10.0.0.7".parse().unwrap()));
    check(&task, &options(), &[]);
}

#[test]
fn a_network_may_be_asked_for_in_place_of_what_is_published() {
    let overlay = Options { network: Some("shop".to_owned()), ..options() };
    check(&container(&[(80, 8080)], &[]), &overlay, &["register n1:shop.1:80 as web, 10.0.1.3 port 80, passing"]);
    let other = Options { network: Some("other".to_owned()), ..options() };
    check(&container(&[(80, 8080)], &[]), &other, &[]);
}

#[test]
fn health_is_the_state_and_a_container_that_starts_gets_no_traffic_yet() {
    for (health, state) in [(Health::Healthy, "passing"), (Health::Starting, "critical"), (Health::Unhealthy, "critical")] {
        let web = Container { health, ..container(&[(80, 8080)], &[]) };
        check(&web, &options(), &[&format!("register n1:shop.1:80 as web, the node's address port 8080, {state}")]);
    }
}

#[test]
fn checks_are_as_the_words_have_them() {
    let tcp = Options { tcp: true, ..options() };
    let agent = "192.0.2.7:8080".to_owned();
    let each = |interval: &str| interval.to_owned();
    check_check(&[], &options(), Check::Ttl { ttl: 30 });
    check_check(&[], &tcp, Check::Tcp { to: agent.clone(), interval: each("10s"), timeout: None });
    check_check(&["SERVICE_CHECK_TTL=2m"], &tcp, Check::Ttl { ttl: 120 });
    check_check(&["SERVICE_CHECK_TTL=1s"], &options(), Check::Ttl { ttl: 30 });
    check_check(
        &["SERVICE_CHECK_TCP=true", "SERVICE_CHECK_INTERVAL=5s", "SERVICE_CHECK_TIMEOUT=2s"],
        &options(),
        Check::Tcp { to: agent, interval: each("5s"), timeout: Some("2s".to_owned()) },
    );
    let url = "http://192.0.2.7:8080/health".to_owned();
    check_check(&["SERVICE_80_CHECK_HTTP=/health"], &options(), Check::Http { url, interval: each("10s"), timeout: None });
}

#[test]
fn further_words_are_meta_as_far_as_consul_takes_them() {
    let entries = desired(&[container(&[(80, 8080)], &["SERVICE_REGION=eu", "SERVICE_A.B=x", "SERVICE_CHECK_TTL=1m"])], &[], &options());
    let meta: Vec<_> = entries["n1:shop.1:80"].meta.iter().map(|(key, value)| format!("{key}={value}")).collect();
    assert_eq!(meta, ["region=eu"]);
}

#[test]
fn a_manager_registers_what_the_mesh_publishes_as_far_as_tasks_run() {
    let published = Port { number: 80, protocol: Protocol::Tcp, published: Some(Published { address: None, port: 8080 }) };
    let web = |running| Service { name: "web".to_owned(), ports: vec![published], metadata: metadata(&[]), running };
    for (running, state) in [(Some(2), "passing"), (Some(0), "critical"), (None, "passing")] {
        let entries = desired(&[], &[web(running)], &options());
        assert_eq!(told(&entries), [format!("register n1:swarm:web:80 as web, the node's address port 8080, {state}")]);
    }
}
