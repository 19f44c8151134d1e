//! `docs/metrics.md` is this table, printed: `UPDATE=1 cargo test -p skep-catalogue` writes it anew.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod peers;

use std::fmt::Write;
use std::path::Path;

use catalogue::{Kind, Metric, Pace, Unit, fields, measurements};

const HEAD: &str = "# Metrics

<!-- Printed from crates/catalogue by `UPDATE=1 cargo test -p skep-catalogue`; do not edit it here. -->

Every metric that skep makes itself; `skep catalogue` prints the same list, `skep catalogue --json` for scripts.

A metric is an event whose service is `MEASUREMENT/FIELD`, or `MEASUREMENT/INSTANCE/FIELD` where there are several: `mem/used_percent`, `disk//var/used_percent`, `docker_container_cpu/web.1/usage_percent`.
In InfluxDB the measurement and the field have the same names, and the attributes are tags beside `host`; the names are Telegraf's where Telegraf has the metric.
A counter only grows, until what it counts starts anew; percentages go from 0 to 100 unless the sentence says otherwise.
A text has no number: it is the `state` of its event, and a string field in InfluxDB.
What a metric needs stands in brackets; without it the metric is absent, never 0.
Sizes are in bytes.

Alerts are stored under the measurement `alert`, with the tags `name` and what the rule is `by`, and the fields `level` (0 ok, 1 info, 2 warning, 3 critical), `state`, `value`, `since` and `message`, and `changed`, which is 1 at the moment of a change: what is open is stored again every 30 s.
";

const PEERS: &str = "
## Side by side

What the systems that skep replaces call these, and what each of them lacks.
`*` marks the plugins of collectd that Debian's package switches on; of cAdvisor the names are those of 0.60.
A `-` of skep says why.
Of the opt-in extras there are `irq`, `softirq`, `hugepages` and `md` (`collector.samplers`); the others (details of connections followed, NUMA nodes, free blocks, NFS, System V IPC) are left out on purpose, each with its reason below; chrony and ping because they talk to the network, and the collector reads the kernel alone.
";

/// What is to be known of a measurement as a whole.
fn about(measurement: &str) -> &'static str {
    match measurement {
        "cpu" => "Of all processors together (no instance, `cpu=cpu-total`), and of each (`cpu/cpu0/…`).",
        "mem" => "The host's memory.",
        "swap" => "The host's swap.",
        "system" => "Load and uptime.",
        "kernel" => "What the kernel counts.",
        "processes" => "Tasks by state.",
        "procstat" => {
            "Processes chosen in `collector.processes`, those of one choice added up; the instance is the choice's name. What a process had used stays in the counters when it ends; they begin anew with the collector."
        }
        "pressure" => {
            "How long tasks stood still for want of a resource. The instance is `RESOURCE-TYPE`: `cpu`, `memory` or `io`; `some` for at least one task, `full` for all."
        }
        "disk" => "Each filesystem that is mounted from a disk; the instance is its path.",
        "diskio" => "Each block device; the instance is its name.",
        "net" => "Each network interface of the host; the instance is its name. What IP, ICMP, TCP and UDP count is of the instance `all`.",
        "kernel_vmstat" => "Paging, by the kernel's own names; `/proc/vmstat`.",
        "linux_sysctl_fs" => "Open files, inodes and names of files; Telegraf's names with `_` for `-`.",
        "interrupts" => "Each kind of interrupt, all processors together; the instance is its number or name. An opt-in extra.",
        "soft_interrupts" => "Each kind of soft interrupt, all processors together. An opt-in extra.",
        "hugepages_root" => "The pools of huge pages; the instance is the size of a page in KiB. An opt-in extra.",
        "mdstat" => "Each array of disks that the kernel makes (RAID); the instance is its name. An opt-in extra.",
        "temp" => "Each thermometer that the kernel knows; the instance is its chip and label.",
        "sensors" => "Each fan; the instance is its chip and number.",
        "linux_cpu" => "The frequency of each processor.",
        "nstat" => "What TCP and IP count beyond `net/all`: the kernel's names in small letters; `/proc/net/netstat`.",
        "netstat" => "Sockets, and TCP sockets by state, both families.",
        "conntrack" => "Connections that the firewall follows.",
        "docker_container_cpu" => {
            "Each container; the instance is its name: `SERVICE.SLOT` for a replicated service's task, `SERVICE` for a global one's, else Docker's name."
        }
        "docker_container_mem" => "Each container.",
        "docker_container_net" => {
            "Each interface of a container (`CONTAINER/eth0`), and all together (the container alone, `network=total`)."
        }
        "docker_container_blkio" => {
            "Each device that a container uses (`CONTAINER/8:0`), and all together (the container alone, `device=total`)."
        }
        "docker_container_status" => "What Docker says of each container, and its processes.",
        "docker_disk_usage" => "The files of each container; off unless `collector.container_sizes` says how often Docker shall look.",
        "docker_container_health" => "Each container that runs and has a health check. (dockerd calls every one unhealthy that has ended.)",
        "docker_event" => {
            "What happened to a container, or, told by the swarm's leader, to a service or a node (the host is then the swarm's name): an event with metric 1, kept in the index for a minute."
        }
        "docker_swarm" => "The swarm (no instance), and each service of it; told by the leader alone, and the host is the swarm's name.",
        "docker_node" => {
            "Each node of the swarm; told by the leader alone, and the host is the swarm's name. Where two entries have one name the lesser is `NAME~ID4`."
        }
        "consul_agent" => "The Consul agent of a node, told by `skep registrar --to` beside it.",
        "consul" => {
            "Consul's data centre, whose name is the host; told by the registrar beside the server that leads, or by every one with `--whole`."
        }
        "consul_member" => "Each agent of the data centre; the host is the data centre's name.",
        "consul_health_checks" => {
            "Each check of a service or node in Consul; the instance is `NODE:CHECK`, the host the data centre's name. A check of a node has no `service_name`."
        }
        "prometheus" => {
            "Each endpoint of Prometheus that is scraped; the instance is its name. What the endpoint tells comes beside these, under its own names and as floating numbers: see [inputs.md](inputs.md)."
        }
        "exec" => {
            "Each program of `collector.exec`; the instance is its name. What it prints comes beside these, under its own names: see [inputs.md](inputs.md)."
        }
        "skep_collector" => "What the collector measures about itself.",
        "skep_processor" => {
            "What the processor measures about itself; `GET /metrics` shows the same. The instance of a metric with the attribute `sink` is the address of the InfluxDB."
        }
        other => panic!("write here what {other} is about"),
    }
}

fn document() -> String {
    let mut text = HEAD.to_owned();
    for measurement in measurements() {
        write!(text, "\n## {measurement}\n\n{}\n", about(measurement)).unwrap();
        let mut attributes: &[&str] = &[];
        for metric in fields(measurement) {
            if metric.attributes != attributes {
                attributes = metric.attributes;
                let quoted: Vec<String> = attributes.iter().map(|key| format!("`{key}`")).collect();
                writeln!(text, "Attributes: {}.", quoted.join(", ")).unwrap();
            }
        }
        text += "\n| field | unit | kind | |\n|---|---|---|---|\n";
        for metric in fields(measurement) {
            text += &row(metric);
        }
    }
    text += PEERS;
    for (title, rows) in [("The host", peers::HOST), ("Containers and the swarm", peers::CONTAINERS)] {
        write!(text, "\n### {title}\n\n| | collectd | cAdvisor | Telegraf | skep |\n|---|---|---|---|---|\n").unwrap();
        for row in rows {
            writeln!(text, "| {} |", row.join(" | ")).unwrap();
        }
    }
    text
}

/// The names between backquotes.
fn quoted(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

#[test]
fn the_side_by_side_table_names_metrics_that_exist() {
    for [what, .., ours] in peers::HOST.iter().chain(peers::CONTAINERS) {
        let names = quoted(ours);
        for name in &names {
            let (measurement, field) = name.split_once('/').unwrap_or_else(|| panic!("{what}: `{name}` is no `measurement/field`"));
            assert!(catalogue::find(measurement, field).is_some(), "{what}: {name} is not in the catalogue");
        }
        let is_left_out = ours.strip_prefix("-: ").is_some_and(|reason| reason.len() > 10);
        assert!(is_left_out || !(names.is_empty() || ours.starts_with('-')), "{what}: name a metric, or say why there is none");
        assert!(!ours.contains("later"), "{what}: later is no reason");
    }
}

#[test]
fn every_measurement_of_the_host_and_of_containers_stands_in_the_side_by_side_table() {
    let rows: Vec<&str> = peers::HOST.iter().chain(peers::CONTAINERS).map(|[.., ours]| *ours).collect();
    for measurement in measurements().filter(|name| !name.starts_with("skep_") && !["prometheus", "exec"].contains(name)) {
        let names_it = |cell: &&str| quoted(cell).iter().any(|name| name.split('/').next() == Some(measurement));
        assert!(rows.iter().any(names_it), "add {measurement} to peers/mod.rs");
    }
}

fn row(metric: &Metric) -> String {
    let unit = match metric.unit {
        Unit::Percent => "%",
        Unit::Number | Unit::Text => "",
        Unit::Flag => "0 or 1",
        Unit::UnixSeconds => "s since 1970",
        Unit::UnixNanoseconds => "ns since 1970",
        Unit::Microseconds => "µs",
        unit @ (Unit::Bytes | Unit::Seconds | Unit::Milliseconds | Unit::Nanoseconds) => unit.name(),
    };
    let kind = match (metric.kind, metric.is_float) {
        (Kind::Gauge | Kind::Counter, true) => format!("{}, float", metric.kind.name()),
        (Kind::Gauge | Kind::Counter, false) => format!("{}, integer", metric.kind.name()),
        (Kind::Text | Kind::Event, _) => metric.kind.name().to_owned(),
    };
    let pace = match metric.pace {
        Pace::Seconds(seconds) => format!(" Every {seconds} s."),
        Pace::Turn | Pace::Event => String::new(),
    };
    let needs = metric.needs.map_or_else(String::new, |needs| format!(" (Needs {needs}.)"));
    format!("| `{}` | {unit} | {kind} | {}{pace}{needs} |\n", metric.field, metric.about)
}

#[test]
fn the_documentation_is_this_table() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/metrics.md");
    let wanted = document();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, &wanted).unwrap();
    }
    let found = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(found == wanted, "docs/metrics.md is not what the catalogue says; run `UPDATE=1 cargo test -p skep-catalogue`");
}
