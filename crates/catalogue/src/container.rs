//! Containers: their control groups, their network namespaces, and what Docker says of them.

use crate::CONTAINER_ATTRIBUTES;
use crate::metric::{Group, Metric, Pace, Unit};

const PROCESSOR: Group = Group::of("docker_container_cpu", &CONTAINER_ATTRIBUTES);
const MEMORY: Group = Group::of("docker_container_mem", &CONTAINER_ATTRIBUTES);
const NETWORK: Group =
    Group::of("docker_container_net", &["container_name", "swarm_service", "swarm_stack", "task_slot", "interface", "network"]);
const IO: Group = Group::of("docker_container_blkio", &["container_name", "swarm_service", "swarm_stack", "task_slot", "device"]);
const FILES: Group = Group { measurement: "docker_disk_usage", pace: Pace::Seconds(600), ..COUNTED };
const COUNTED: Group = Group::of("docker_container_status", &CONTAINER_ATTRIBUTES);
/// What seldom changes: every ten seconds, and in the turn after a change.
const DOCKER: Group = Group { pace: Pace::Seconds(10), ..COUNTED };
const CHECKED: Group = Group { measurement: "docker_container_health", ..DOCKER };
const STALLED: Pace = Pace::Seconds(10);
const HAPPENED: Group = Group {
    measurement: "docker_event",
    attributes: &["action", "container_name", "swarm_service", "swarm_stack", "task_slot", "exit_code", "planned", "signal"],
    pace: Pace::Event,
};

const QUOTA: &str = "a CPU quota on the container";
const PRESSURE: &str = "a hierarchy of cgroup v2 (it may stand beside v1), and a kernel that keeps pressure";
const SIZES: &str = "`collector.container_sizes`, which says how often";
const V2: &str = "cgroup v2";
const HEALTHCHECK: &str = "a health check on the container";

/// Processor time.
pub(crate) const CPU: &[Metric] = &[
    PROCESSOR.counter("usage_total", Unit::Nanoseconds, "Processor time used since the container's start."),
    PROCESSOR.counter("usage_in_usermode", Unit::Nanoseconds, "Processor time used in programs."),
    PROCESSOR.counter("usage_in_kernelmode", Unit::Nanoseconds, "Processor time used in the kernel on behalf of the container's programs."),
    PROCESSOR.percent("usage_percent", "Processor time used since the last turn, in percent of one processor: two busy ones are 200."),
    PROCESSOR.percent("usage_host_percent", "Processor time used since the last turn, in percent of all the host's processors."),
    PROCESSOR.percent("usage_limit_percent", "Processor time used since the last turn, in percent of the quota.").needs(QUOTA),
    PROCESSOR.counter("throttling_periods", Unit::Number, "Periods of the quota in which the container had something to run.").needs(QUOTA),
    PROCESSOR
        .counter("throttling_throttled_periods", Unit::Number, "Periods in which the container was stopped because its quota was used up.")
        .needs(QUOTA),
    PROCESSOR
        .counter("throttling_throttled_time", Unit::Nanoseconds, "Time for which the container was stopped, added up over processors.")
        .needs(QUOTA),
    PROCESSOR
        .percent("throttling_percent", "Periods since the last turn in which the container was stopped, in percent of all.")
        .needs(QUOTA),
    PROCESSOR
        .percent("pressure_some_avg10", "Time in the last ten seconds in which some process waited for a processor.")
        .pace(STALLED)
        .needs(PRESSURE),
    PROCESSOR
        .counter("pressure_some_total", Unit::Microseconds, "Time in which some process waited for a processor.")
        .pace(STALLED)
        .needs(PRESSURE),
    PROCESSOR
        .percent("pressure_full_avg10", "Time in the last ten seconds in which all processes waited for a processor.")
        .pace(STALLED)
        .needs(PRESSURE),
    PROCESSOR
        .counter("pressure_full_total", Unit::Microseconds, "Time in which all processes waited for a processor.")
        .pace(STALLED)
        .needs(PRESSURE),
];

/// Memory.
pub(crate) const MEM: &[Metric] = &[
    MEMORY.gauge("usage", Unit::Bytes, "Memory in use, page cache included."),
    MEMORY.gauge(
        "working_set",
        Unit::Bytes,
        "Memory in use less the page cache that is given up first; what the limit is held against in practice.",
    ),
    MEMORY.gauge("limit", Unit::Bytes, "The container's limit, or the host's memory where it has none."),
    MEMORY.percent("usage_percent", "Working set in percent of the limit."),
    MEMORY.gauge("max_usage", Unit::Bytes, "The most memory that was in use at one time.").needs("cgroup v1, or v2 with kernel 5.19"),
    MEMORY.counter("failcnt", Unit::Number, "Times that the limit stood in the way of an allocation."),
    MEMORY.counter("oom_kill", Unit::Number, "Processes that the kernel killed because the limit was reached.").needs("kernel 4.13"),
    MEMORY.counter("events_high", Unit::Number, "Times that it was slowed down because it was over memory.high.").needs(V2),
    MEMORY.counter("events_oom", Unit::Number, "Times that the limit was reached and nothing could be taken back.").needs(V2),
    MEMORY.gauge("rss", Unit::Bytes, "Memory of programs that no file stands behind."),
    MEMORY.gauge("cache", Unit::Bytes, "Page cache, shared memory included."),
    MEMORY.gauge("mapped_file", Unit::Bytes, "Contents of files that programs have mapped."),
    MEMORY.gauge("swap", Unit::Bytes, "Memory that was swapped out.").needs("swap accounting in the kernel"),
    MEMORY
        .gauge("kernel", Unit::Bytes, "Memory of the kernel on behalf of the container: stacks, page tables, slab.")
        .needs("cgroup v1, or v2 with kernel 5.18"),
    MEMORY.counter("pgfault", Unit::Number, "Page faults."),
    MEMORY.counter("pgmajfault", Unit::Number, "Page faults that had to read from a disk."),
    MEMORY
        .percent("pressure_some_avg10", "Time in the last ten seconds in which some process waited for memory.")
        .pace(STALLED)
        .needs(PRESSURE),
    MEMORY
        .counter("pressure_some_total", Unit::Microseconds, "Time in which some process waited for memory.")
        .pace(STALLED)
        .needs(PRESSURE),
    MEMORY
        .percent("pressure_full_avg10", "Time in the last ten seconds in which all processes waited for memory.")
        .pace(STALLED)
        .needs(PRESSURE),
    MEMORY
        .counter("pressure_full_total", Unit::Microseconds, "Time in which all processes waited for memory.")
        .pace(STALLED)
        .needs(PRESSURE),
];

/// Network: each interface, and their sum as the container alone (`network=total`).
pub(crate) const NET: &[Metric] = &[
    NETWORK.counter("rx_bytes", Unit::Bytes, "Bytes received."),
    NETWORK.counter("rx_packets", Unit::Number, "Packets received."),
    NETWORK.counter("rx_errors", Unit::Number, "Packets received that were broken."),
    NETWORK.counter("rx_dropped", Unit::Number, "Packets received that were thrown away."),
    NETWORK.counter("tx_bytes", Unit::Bytes, "Bytes sent."),
    NETWORK.counter("tx_packets", Unit::Number, "Packets sent."),
    NETWORK.counter("tx_errors", Unit::Number, "Packets that could not be sent."),
    NETWORK.counter("tx_dropped", Unit::Number, "Packets to be sent that were thrown away."),
    NETWORK.gauge("tcp_inuse", Unit::Number, "TCP sockets, those that listen among them.").pace(STALLED),
    NETWORK.gauge("tcp_tw", Unit::Number, "Ended TCP connections whose last packets are waited for.").pace(STALLED),
    NETWORK.gauge("udp_inuse", Unit::Number, "UDP sockets.").pace(STALLED),
];

/// Block devices: each, and their sum as the container alone (`device=total`).
pub(crate) const BLKIO: &[Metric] = &[
    IO.counter("io_service_bytes_recursive_read", Unit::Bytes, "Bytes read."),
    IO.counter("io_service_bytes_recursive_write", Unit::Bytes, "Bytes written."),
    IO.counter("io_serviced_recursive_read", Unit::Number, "Reads."),
    IO.counter("io_serviced_recursive_write", Unit::Number, "Writes."),
    IO.percent("pressure_some_avg10", "Time in the last ten seconds in which some process waited for a block device.")
        .pace(STALLED)
        .needs(PRESSURE),
    IO.counter("pressure_some_total", Unit::Microseconds, "Time in which some process waited for a block device.")
        .pace(STALLED)
        .needs(PRESSURE),
    IO.percent("pressure_full_avg10", "Time in the last ten seconds in which all processes waited for a block device.")
        .pace(STALLED)
        .needs(PRESSURE),
    IO.counter("pressure_full_total", Unit::Microseconds, "Time in which all processes waited for a block device.")
        .pace(STALLED)
        .needs(PRESSURE),
];

/// What Docker says, and the number of processes.
pub(crate) const STATUS: &[Metric] = &[
    DOCKER.text("container_status", "What the container does: created, running, paused, restarting, removing, exited or dead."),
    DOCKER.text("container_id", "Docker's id of the container that has the name now."),
    DOCKER.text("container_image", "The image it was made from, without the version."),
    DOCKER.text("container_version", "The image's version.").needs("an image named with a version"),
    COUNTED.gauge("pids_current", Unit::Number, "Processes and threads in the container."),
    COUNTED.gauge("pids_limit", Unit::Number, "The most processes and threads that it may have.").needs("a limit on the container"),
    DOCKER.counter("restart_count", Unit::Number, "Times that Docker started it again by its restart policy."),
    DOCKER.gauge("exitcode", Unit::Number, "What its process ended with the last time; 0 while it has not ended."),
    DOCKER.gauge("oomkilled", Unit::Flag, "Whether the kernel killed it for want of memory the last time it ended."),
    DOCKER.gauge("started_at", Unit::UnixNanoseconds, "When its process was started."),
    DOCKER.gauge("uptime_ns", Unit::Nanoseconds, "How long its process has been running."),
];

/// Sizes of files, which Docker has to walk through.
pub(crate) const DISK_USAGE: &[Metric] = &[
    FILES.gauge("size_rw", Unit::Bytes, "Files that the container has written or changed: its writable layer.").needs(SIZES),
    FILES.gauge("size_root_fs", Unit::Bytes, "All files that it sees, those of its image included.").needs(SIZES),
];

/// Health checks.
pub(crate) const HEALTH: &[Metric] = &[
    CHECKED.text("health_status", "The result of its health check: starting, healthy or unhealthy.").needs(HEALTHCHECK),
    CHECKED.gauge("failing_streak", Unit::Number, "Health checks that failed in a row.").needs(HEALTHCHECK),
];

/// What happened, one event each.
pub(crate) const EVENT: &[Metric] = &[
    HAPPENED.event("create", "The container was made."),
    HAPPENED.event("start", "Its process was started."),
    HAPPENED.event("die", "Its process ended; exit_code says with what, planned whether somebody had sent it a signal before: true is a stop, false a crash or its own end."),
    HAPPENED.event("oom", "It ran out of memory."),
    HAPPENED.event("kill", "A signal was sent to it; signal says which."),
    HAPPENED.event("destroy", "The container was taken away."),
    HAPPENED.event("pause", "It was frozen."),
    HAPPENED.event("unpause", "It was thawed."),
    HAPPENED.event("health_status", "Its health check came to another result, which is the event's state."),
];
