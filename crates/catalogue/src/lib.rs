//! Every metric that skep makes: name, unit, kind, attributes and one true sentence. Samplers, documentation, rule
//! checks, dashboards and completion read this table; nothing else lists metrics.
//!
//! How a text travels: an event has one number, so a sample whose field is a [`Kind::Text`] has no metric and carries the
//! text as its `state`.

mod consul;
mod container;
mod cpu;
mod disk;
mod mem;
mod metric;
mod nearest;
mod net;
mod own;
mod pressure;
pub mod prometheus;
mod swarm;
mod system;

pub use metric::{Kind, Metric, Pace, Unit};
pub use nearest::{edits, nearest, nearest_field, nearest_measurement};

/// Names that no attribute has: in Riemann they are fields of the event, which such an attribute would override.
pub const RESERVED: [&str; 8] = ["host", "service", "state", "description", "metric", "time", "ttl", "tags"];

/// Attributes that every sample and event about a container carries, where the container has them.
pub const CONTAINER_ATTRIBUTES: [&str; 4] = ["container_name", "swarm_service", "swarm_stack", "task_slot"];

/// The groups, in the order of the documentation; the metrics of one measurement stand together.
const GROUPS: [&[Metric]; 45] = [
    cpu::CPU,
    mem::MEM,
    mem::SWAP,
    system::SYSTEM,
    system::KERNEL,
    system::PROCESSES,
    system::PROCSTAT,
    system::VMSTAT,
    system::SYSCTL_FS,
    system::INTERRUPTS,
    system::SOFT_INTERRUPTS,
    system::HUGEPAGES,
    system::MDSTAT,
    system::TEMP,
    system::SENSORS,
    system::LINUX_CPU,
    pressure::PRESSURE,
    disk::DISK,
    disk::DISKIO,
    net::NET,
    net::NSTAT,
    net::NETSTAT,
    net::CONNTRACK,
    container::CPU,
    container::MEM,
    container::NET,
    container::BLKIO,
    container::STATUS,
    container::DISK_USAGE,
    container::HEALTH,
    container::EVENT,
    swarm::EVENT,
    swarm::SWARM,
    swarm::NODE,
    consul::AGENT,
    consul::CONSUL,
    consul::MEMBER,
    consul::CHECKS,
    own::SCRAPE,
    own::EXEC,
    own::COLLECTOR,
    own::PROCESSOR,
    own::INGEST,
    own::STORE,
    own::INFLUX,
];

/// All metrics, those of one measurement together.
pub fn metrics() -> impl Iterator<Item = &'static Metric> {
    GROUPS.into_iter().flatten()
}

/// The metric of this measurement and field.
pub fn find(measurement: &str, field: &str) -> Option<&'static Metric> {
    fields(measurement).find(|metric| metric.field == field)
}

/// The metrics of one measurement.
pub fn fields(measurement: &str) -> impl Iterator<Item = &'static Metric> {
    metrics().filter(move |metric| metric.measurement == measurement)
}

/// Every measurement, once.
pub fn measurements() -> impl Iterator<Item = &'static str> {
    let mut last = "";
    metrics().map(|metric| metric.measurement).filter(move |measurement| std::mem::replace(&mut last, measurement) != *measurement)
}
