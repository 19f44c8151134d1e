//! The table of names: what the kernel or Docker calls a thing, the service and attributes of its event, and the line in
//! InfluxDB. Each row goes all the way there and back.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod line_parser;

use event::line::{self, Lines};
use event::msg::{Encoder, events};
use event::{LabelsBuf, Metric, Name, Point, Timestamp, View, mark};

/// A row: the name, its attributes, the service, and the head of the line with the field's key.
struct Row {
    name: Name<'static>,
    attributes: &'static [(&'static str, &'static str)],
    service: &'static str,
    line: &'static str,
}

const fn row(name: Name<'static>, attributes: &'static [(&'static str, &'static str)], service: &'static str, line: &'static str) -> Row {
    Row { name, attributes, service, line }
}

const WEB: &[(&str, &str)] =
    &[("container_name", "shop_web.1"), ("swarm_service", "shop_web"), ("swarm_stack", "shop"), ("task_slot", "1")];
const WEB_ETH0: &[(&str, &str)] = &[("container_name", "shop_web.1"), ("interface", "eth0"), ("network", "eth0")];
const WEB_NET: &[(&str, &str)] = &[("container_name", "shop_web.1"), ("network", "total")];
const WEB_DISK: &[(&str, &str)] = &[("container_name", "shop_web.1"), ("device", "8:0")];
const WEB_DISKS: &[(&str, &str)] = &[("container_name", "shop_web.1"), ("device", "total")];
const WEB_DIED: &[(&str, &str)] =
    &[("action", "die"), ("container_name", "shop_web.1"), ("swarm_service", "shop_web"), ("swarm_stack", "shop")];
const WEB_TAGS: &str = "container_name=shop_web.1,host=node1,swarm_service=shop_web,swarm_stack=shop,task_slot=1";

/// Every row of the table of names, in its order.
const TABLE: &[Row] = &[
    row(Name::plain("cpu", "usage_active"), &[("cpu", "cpu-total")], "cpu/usage_active", "cpu,cpu=cpu-total,host=node1 usage_active"),
    row(Name::of("cpu", "cpu0", "usage_active"), &[("cpu", "cpu0")], "cpu/cpu0/usage_active", "cpu,cpu=cpu0,host=node1 usage_active"),
    row(Name::plain("mem", "used_percent"), &[], "mem/used_percent", "mem,host=node1 used_percent"),
    row(Name::plain("swap", "in"), &[], "swap/in", "swap,host=node1 in"),
    row(Name::plain("system", "load1"), &[], "system/load1", "system,host=node1 load1"),
    row(Name::plain("kernel", "context_switches"), &[], "kernel/context_switches", "kernel,host=node1 context_switches"),
    row(Name::plain("processes", "blocked"), &[], "processes/blocked", "processes,host=node1 blocked"),
    row(
        Name::of("disk", "/", "used_percent"),
        &[("path", "/"), ("device", "vda1"), ("fstype", "ext4")],
        "disk///used_percent",
        "disk,device=vda1,fstype=ext4,host=node1,path=/ used_percent",
    ),
    row(
        Name::of("disk", "/mnt/my data", "used_percent"),
        &[("path", "/mnt/my data"), ("device", "vdb"), ("fstype", "xfs")],
        "disk//mnt/my data/used_percent",
        "disk,device=vdb,fstype=xfs,host=node1,path=/mnt/my\\ data used_percent",
    ),
    row(Name::of("diskio", "vda", "io_util"), &[("name", "vda")], "diskio/vda/io_util", "diskio,host=node1,name=vda io_util"),
    row(Name::of("net", "eth0", "err_in"), &[("interface", "eth0")], "net/eth0/err_in", "net,host=node1,interface=eth0 err_in"),
    row(
        Name::of("pressure", "memory-some", "avg10"),
        &[("resource", "memory"), ("type", "some")],
        "pressure/memory-some/avg10",
        "pressure,host=node1,resource=memory,type=some avg10",
    ),
    row(
        Name::of("procstat", "nginx", "cpu_usage"),
        &[("process_name", "nginx")],
        "procstat/nginx/cpu_usage",
        "procstat,host=node1,process_name=nginx cpu_usage",
    ),
    row(Name::plain("kernel_vmstat", "pgfault"), &[], "kernel_vmstat/pgfault", "kernel_vmstat,host=node1 pgfault"),
    row(Name::plain("nstat", "tcpext_listendrops"), &[], "nstat/tcpext_listendrops", "nstat,host=node1 tcpext_listendrops"),
    row(Name::plain("netstat", "tcp_established"), &[], "netstat/tcp_established", "netstat,host=node1 tcp_established"),
    row(Name::plain("linux_sysctl_fs", "file-nr"), &[], "linux_sysctl_fs/file-nr", "linux_sysctl_fs,host=node1 file-nr"),
    row(Name::plain("conntrack", "ip_conntrack_count"), &[], "conntrack/ip_conntrack_count", "conntrack,host=node1 ip_conntrack_count"),
    row(
        Name::of("temp", "coretemp_core_0", "temp"),
        &[("sensor", "coretemp_core_0")],
        "temp/coretemp_core_0/temp",
        "temp,host=node1,sensor=coretemp_core_0 temp",
    ),
    row(
        Name::of("sensors", "nct6775 fan1", "fan_input"),
        &[("chip", "nct6775"), ("feature", "fan1")],
        "sensors/nct6775 fan1/fan_input",
        "sensors,chip=nct6775,feature=fan1,host=node1 fan_input",
    ),
    row(
        Name::of("linux_cpu", "cpu0", "scaling_cur_freq"),
        &[("cpu", "cpu0")],
        "linux_cpu/cpu0/scaling_cur_freq",
        "linux_cpu,cpu=cpu0,host=node1 scaling_cur_freq",
    ),
    row(Name::of("interrupts", "24", "total"), &[("irq", "24")], "interrupts/24/total", "interrupts,host=node1,irq=24 total"),
    row(
        Name::of("soft_interrupts", "NET_RX", "total"),
        &[("irq", "NET_RX")],
        "soft_interrupts/NET_RX/total",
        "soft_interrupts,host=node1,irq=NET_RX total",
    ),
    row(
        Name::of("hugepages_root", "2048", "free"),
        &[("size_kb", "2048")],
        "hugepages_root/2048/free",
        "hugepages_root,host=node1,size_kb=2048 free",
    ),
    row(
        Name::of("mdstat", "md0", "disks_failed"),
        &[("name", "md0")],
        "mdstat/md0/disks_failed",
        "mdstat,host=node1,name=md0 disks_failed",
    ),
    row(
        Name::of("docker_container_cpu", "shop_web.1", "usage_percent"),
        WEB,
        "docker_container_cpu/shop_web.1/usage_percent",
        "docker_container_cpu,{WEB} usage_percent",
    ),
    row(
        Name::of("docker_container_mem", "shop_web.1", "usage_percent"),
        WEB,
        "docker_container_mem/shop_web.1/usage_percent",
        "docker_container_mem,{WEB} usage_percent",
    ),
    row(
        Name::of("docker_container_status", "shop_web.1", "pids_current"),
        WEB,
        "docker_container_status/shop_web.1/pids_current",
        "docker_container_status,{WEB} pids_current",
    ),
    row(
        Name::of("docker_disk_usage", "shop_web.1", "size_rw"),
        WEB,
        "docker_disk_usage/shop_web.1/size_rw",
        "docker_disk_usage,{WEB} size_rw",
    ),
    row(
        Name::of("prometheus", "node", "up"),
        &[("job", "node"), ("instance", "127.0.0.1:9100")],
        "prometheus/node/up",
        "prometheus,host=node1,instance=127.0.0.1:9100,job=node up",
    ),
    row(Name::of("exec", "raid", "exit_code"), &[("name", "raid")], "exec/raid/exit_code", "exec,host=node1,name=raid exit_code"),
    row(
        Name::of("docker_container_health", "shop_web.1", "failing_streak"),
        WEB,
        "docker_container_health/shop_web.1/failing_streak",
        "docker_container_health,{WEB} failing_streak",
    ),
    row(
        Name::of("docker_container_net", "shop_web.1/eth0", "rx_bytes"),
        WEB_ETH0,
        "docker_container_net/shop_web.1/eth0/rx_bytes",
        "docker_container_net,container_name=shop_web.1,host=node1,interface=eth0,network=eth0 rx_bytes",
    ),
    row(
        Name::of("docker_container_net", "shop_web.1", "rx_bytes"),
        WEB_NET,
        "docker_container_net/shop_web.1/rx_bytes",
        "docker_container_net,container_name=shop_web.1,host=node1,network=total rx_bytes",
    ),
    row(
        Name::of("docker_container_blkio", "shop_web.1/8:0", "io_serviced_recursive_read"),
        WEB_DISK,
        "docker_container_blkio/shop_web.1/8:0/io_serviced_recursive_read",
        "docker_container_blkio,container_name=shop_web.1,device=8:0,host=node1 io_serviced_recursive_read",
    ),
    row(
        Name::of("docker_container_blkio", "shop_web.1", "io_serviced_recursive_read"),
        WEB_DISKS,
        "docker_container_blkio/shop_web.1/io_serviced_recursive_read",
        "docker_container_blkio,container_name=shop_web.1,device=total,host=node1 io_serviced_recursive_read",
    ),
    row(
        Name::of("docker_event", "shop_web.1", "die"),
        WEB_DIED,
        "docker_event/shop_web.1/die",
        "docker_event,action=die,container_name=shop_web.1,host=node1,swarm_service=shop_web,swarm_stack=shop die",
    ),
    row(Name::plain("skep_collector", "heartbeat"), &[], "skep_collector/heartbeat", "skep_collector,host=node1 heartbeat"),
    row(Name::plain("skep_processor", "events"), &[], "skep_processor/events", "skep_processor,host=node1 events"),
    row(
        Name::of("docker_swarm", "shop_web", "tasks_running"),
        &[("swarm_service", "shop_web"), ("service_name", "shop_web"), ("service_mode", "replicated"), ("swarm_stack", "shop")],
        "docker_swarm/shop_web/tasks_running",
        "docker_swarm,host=node1,service_mode=replicated,service_name=shop_web,swarm_service=shop_web,swarm_stack=shop tasks_running",
    ),
    row(
        Name::of("docker_node", "worker1", "ready"),
        &[("node", "worker1"), ("role", "worker")],
        "docker_node/worker1/ready",
        "docker_node,host=node1,node=worker1,role=worker ready",
    ),
    row(Name::plain("consul_agent", "has_leader"), &[], "consul_agent/has_leader", "consul_agent,host=node1 has_leader"),
    row(Name::plain("consul", "members_failed"), &[], "consul/members_failed", "consul,host=node1 members_failed"),
    row(
        Name::of("consul_member", "worker1", "failed"),
        &[("node", "worker1"), ("role", "client")],
        "consul_member/worker1/failed",
        "consul_member,host=node1,node=worker1,role=client failed",
    ),
    row(
        Name::of("consul_health_checks", "worker1:service:web", "critical"),
        &[("check_id", "service:web"), ("node", "worker1"), ("service_name", "web")],
        "consul_health_checks/worker1:service:web/critical",
        "consul_health_checks,check_id=service:web,host=node1,node=worker1,service_name=web critical",
    ),
];

/// The event of a row as it travels.
fn encoded(row: &Row, metric: Metric) -> Vec<u8> {
    let mut labels = LabelsBuf::new();
    labels.mark(mark::SKEP);
    for (key, value) in row.attributes {
        labels.attribute(key.as_bytes(), value.as_bytes());
    }
    let mut encoder = Encoder::new();
    encoder.event(&View {
        time: Some(Timestamp::from_secs(1_795_332_051)),
        service: Some(row.name.to_string().as_bytes()),
        host: Some(b"node1"),
        ttl: Some(5.0),
        metric: Some(metric),
        labels: labels.view(),
        ..View::default()
    });
    encoder.bytes().to_vec()
}

/// The line of an event.
fn written(view: &View<'_>) -> String {
    let (host, service) = (str::from_utf8(view.host.unwrap()).unwrap(), str::from_utf8(view.service.unwrap()).unwrap());
    let point = Point::of(Some(host), Some(service), view.labels, view.labels.has_mark(mark::SKEP), &[] as &[&str]).unwrap();
    let (mut head, mut key, mut lines) = (Vec::new(), Vec::new(), Lines::default());
    line::head(&mut head, point.measurement, &point.tags);
    line::key(&mut key, point.field);
    point.shape.values(view, view.labels, |named, value| {
        lines.field(0, &head, view.time.unwrap(), named.map_or(&key, str::as_bytes), value);
    });
    String::from_utf8(lines.finish().to_vec()).unwrap()
}

#[track_caller]
fn check(row: &Row, metric: Metric) {
    let message = encoded(row, metric);
    let view = events(&message).next().unwrap();
    assert_eq!(view.service, Some(row.service.as_bytes()));
    assert_eq!(Name::split(row.service), Some(row.name));
    let number = match metric {
        Metric::Int(number) => format!("{number}i"),
        Metric::Float(number) => format!("{number:?}"),
    };
    let line = written(&view);
    assert_eq!(line, format!("{}={number} 1795332051000000\n", row.line.replace("{WEB}", WEB_TAGS)));
    // And back: the line's measurement and field are the name's, its tags the attributes and the host.
    let read = line_parser::parse(&line).unwrap().remove(0);
    assert_eq!((read.measurement.as_str(), read.fields[0].0.as_str()), (row.name.measurement, row.name.field));
    let mut tags: Vec<(&str, &str)> = row.attributes.iter().copied().chain([("host", "node1")]).collect();
    tags.sort_unstable();
    assert!(read.tags.iter().map(|(key, value)| (key.as_str(), value.as_str())).eq(tags));
}

#[test]
fn every_row_goes_from_the_name_to_the_line_and_back() {
    for row in TABLE {
        let known = catalogue::find(row.name.measurement, row.name.field).expect(row.service);
        check(row, if known.is_float { Metric::Float(97.5) } else { Metric::Int(97) });
        assert!(
            row.attributes.iter().all(|(key, _)| known.attributes.contains(key)),
            "{}: an attribute that the catalogue lacks",
            row.service
        );
    }
}

#[test]
fn every_measurement_of_the_catalogue_has_a_row() {
    for measurement in catalogue::measurements() {
        assert!(TABLE.iter().any(|row| row.name.measurement == measurement), "{measurement} has no row");
    }
}
