//! Literal events in, the text out.

use event::{Event, Timestamp, msg};

use super::*;

fn event(host: &str, service: &str, metric: Metric, attributes: &[(&str, &str)]) -> Event {
    let attributes = attributes.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    Event {
        host: Some(host.into()),
        service: Some(service.into()),
        metric: Some(metric),
        time: Some(Timestamp::from_micros(60_500_000)),
        attributes,
        ..Event::default()
    }
}

fn encoded(of: Of, hosts: Hosts<'_>, events: &[Event]) -> String {
    let mut encoder = msg::Encoder::new();
    events.iter().for_each(|event| event.with_view(|view| encoder.event(view)));
    encode(of, hosts, msg::events(encoder.bytes()))
}

#[track_caller]
fn check(of: Of, hosts: Hosts<'_>, events: &[Event], expected: &str) {
    assert_eq!(encoded(of, hosts, events), expected);
}

const INT: fn(i64) -> Metric = Metric::Int;

#[test]
fn hosts_are_told_by_node_exporters_names_in_its_units() {
    let events = [
        event("n1", "cpu/time_idle", Metric::Float(200.5), &[("cpu", "cpu-total")]),
        event("n1", "cpu/cpu0/time_idle", Metric::Float(100.25), &[("cpu", "cpu0")]),
        event("n1", "cpu/cpu0/time_user", Metric::Float(7.0), &[("cpu", "cpu0")]),
        event("n1", "cpu/usage_active", Metric::Float(7.0), &[("cpu", "cpu-total")]),
        event("n1", "system/uptime", INT(5), &[]),
        event("n1", "disk//var/free", INT(70), &[("path", "/var"), ("device", "/dev/vda"), ("fstype", "ext4")]),
        event("n1", "disk//var/reserved", INT(5), &[("path", "/var"), ("device", "/dev/vda"), ("fstype", "ext4")]),
        event("n1", "diskio/vda/io_time", INT(1500), &[("name", "vda")]),
        event("n1", "net/eth0/bytes_recv", INT(9), &[("interface", "eth0")]),
        event("n1", "net/eth0/speed", INT(1000), &[("interface", "eth0")]),
        event("n1", "net/all/udp_noports", INT(4), &[("interface", "all")]),
        event("n1", "pressure/io-full/total", INT(2_500_000), &[("resource", "io"), ("type", "full")]),
        event("n2", "net/eth0/bytes_recv", INT(1), &[("interface", "eth0")]),
        event("n1", "mem/cached", INT(3), &[]),
        event("n1", "nonsense", INT(3), &[]),
    ];
    check(
        Of::Host,
        Hosts::Of("n1"),
        &events,
        r#"# HELP node_cpu_seconds_total Seconds each processor spent in each mode.
# TYPE node_cpu_seconds_total counter
node_cpu_seconds_total{cpu="0",mode="idle"} 100.25
node_cpu_seconds_total{cpu="0",mode="user"} 7
# HELP node_time_seconds When this was sampled.
# TYPE node_time_seconds gauge
node_time_seconds 60.5
# HELP node_memory_Cached_bytes Memory that holds contents of files, shared memory included.
# TYPE node_memory_Cached_bytes gauge
node_memory_Cached_bytes 3
# HELP node_filesystem_avail_bytes Space that anybody can fill.
# TYPE node_filesystem_avail_bytes gauge
node_filesystem_avail_bytes{device="/dev/vda",fstype="ext4",mountpoint="/var"} 70
# HELP node_filesystem_free_bytes Space that root can fill.
# TYPE node_filesystem_free_bytes gauge
node_filesystem_free_bytes{device="/dev/vda",fstype="ext4",mountpoint="/var"} 75
# HELP node_disk_io_time_seconds_total Time in which the device had something to do.
# TYPE node_disk_io_time_seconds_total counter
node_disk_io_time_seconds_total{device="vda"} 1.5
# HELP node_network_receive_bytes_total Bytes received.
# TYPE node_network_receive_bytes_total counter
node_network_receive_bytes_total{device="eth0"} 9
# HELP node_network_speed_bytes Speed of the link in bytes per second.
# TYPE node_network_speed_bytes gauge
node_network_speed_bytes{device="eth0"} 125000000
# HELP node_netstat_Udp_NoPorts UDP datagrams received that nobody listened for.
# TYPE node_netstat_Udp_NoPorts counter
node_netstat_Udp_NoPorts 4
# HELP node_pressure_io_stalled_seconds_total Time in which tasks stood still, since boot.
# TYPE node_pressure_io_stalled_seconds_total counter
node_pressure_io_stalled_seconds_total 2.5
"#,
    );
}

#[test]
fn of_several_hosts_each_sample_says_whose_it_is() {
    let events = [event("n1", "system/load1", Metric::Float(0.5), &[]), event("n\"2", "system/load1", Metric::Float(1.0), &[])];
    check(
        Of::Host,
        Hosts::All,
        &events,
        r#"# HELP node_uname_info The node's name.
# TYPE node_uname_info gauge
node_uname_info{nodename="n1",sysname="Linux",instance="n1"} 1
node_uname_info{nodename="n\"2",sysname="Linux",instance="n\"2"} 1
# HELP node_load1 Tasks that ran, wanted to run or waited for a disk, averaged over a minute.
# TYPE node_load1 gauge
node_load1{instance="n1"} 0.5
node_load1{instance="n\"2"} 1
"#,
    );
}

#[test]
fn containers_are_told_by_cadvisors_names_with_id_and_image() {
    let web: &[(&str, &str)] = &[("container_name", "web.1"), ("swarm_service", "web"), ("swarm_stack", "shop"), ("task_slot", "1")];
    let text = |field: &str, text: &str| Event {
        metric: None,
        state: Some(text.into()),
        ..event("n1", &format!("docker_container_status/web.1/{field}"), INT(0), web)
    };
    let part = |key, value| web.iter().copied().chain([(key, value)]).collect::<Vec<_>>();
    let events = [
        event("n1", "docker_container_cpu/web.1/usage_total", INT(2_500_000_000), web),
        event("n1", "docker_container_blkio/web.1/io_serviced_recursive_read", INT(8), &part("device", "total")),
        event("n1", "docker_container_blkio/web.1/8:0/io_serviced_recursive_read", INT(8), &part("device", "8:0")),
        event("n1", "mem/total", INT(1024), &[]),
        text("container_id", "59bfc5f995fa"),
        text("container_image", "shop/web"),
        text("container_version", "2"),
    ];
    let labels = r#"id="/docker/59bfc5f995fa",image="shop/web:2",container_label_com_docker_stack_namespace="shop",container_label_com_docker_swarm_service_name="web",name="web.1""#;
    let expected = format!(
        r#"# HELP machine_memory_bytes Memory that the kernel can use.
# TYPE machine_memory_bytes gauge
machine_memory_bytes 1024
# HELP container_last_seen When it was last sampled.
# TYPE container_last_seen gauge
container_last_seen{{{labels}}} 60.5
# HELP container_cpu_usage_seconds_total Processor time used since the container's start.
# TYPE container_cpu_usage_seconds_total counter
container_cpu_usage_seconds_total{{{labels},cpu="total"}} 2.5
# HELP container_fs_reads_total Reads.
# TYPE container_fs_reads_total counter
container_fs_reads_total{{{labels},device="8:0"}} 8
"#
    );
    check(Of::Containers, Hosts::Of("n1"), &events, &expected);
}

#[test]
fn a_collector_tells_of_itself() {
    let mut encoder = msg::Encoder::new();
    for given in [event("n1", "skep_collector/read_errors", INT(2), &[]), event("n1", "skep_collector/heartbeat", INT(1), &[])] {
        given.with_view(|view| encoder.event(view));
    }
    let text = encode_own(msg::events(encoder.bytes()));
    assert!(text.contains("# TYPE skep_collector_read_errors_total counter\nskep_collector_read_errors_total 2\n"), "{text}");
    assert!(text.contains("# TYPE skep_collector_heartbeat gauge\nskep_collector_heartbeat 1\n"), "{text}");
}

#[test]
fn the_query_asks_for_what_is_told_and_can_be_read() {
    for of in [Of::Host, Of::Containers] {
        engine::query::Query::parse(&of.query()).unwrap();
    }
    assert_eq!((Of::parse("host"), Of::parse("hosts")), (Some(Of::Host), None));
}
