//! What cAdvisor has too.

use super::{Exported, same};

const MICROS: f64 = 1e6;
const NANOS: f64 = 1e9;

const FAULTS_ABOUT: &str = "Page faults.";

const fn cpu(name: &'static str, field: &'static str) -> Exported {
    same(name, "docker_container_cpu", field)
}

const fn mem(name: &'static str, field: &'static str) -> Exported {
    same(name, "docker_container_mem", field)
}

const fn io(name: &'static str, field: &'static str) -> Exported {
    same(name, "docker_container_blkio", field)
}

const fn net(name: &'static str, field: &'static str) -> Exported {
    same(name, "docker_container_net", field)
}

const fn status(name: &'static str, field: &'static str) -> Exported {
    same(name, "docker_container_status", field)
}

/// What cAdvisor has too.
pub const CONTAINERS: &[Exported] = &[
    same("machine_cpu_cores", "system", "n_cpus"),
    same("machine_memory_bytes", "mem", "total"),
    same("machine_swap_bytes", "swap", "total"),
    cpu("container_last_seen", "usage_total").time().about("When it was last sampled."),
    status("container_start_time_seconds", "started_at").per(NANOS),
    cpu("container_cpu_usage_seconds_total", "usage_total").per(NANOS).with(&[("cpu", "total")]),
    cpu("container_cpu_user_seconds_total", "usage_in_usermode").per(NANOS),
    cpu("container_cpu_system_seconds_total", "usage_in_kernelmode").per(NANOS),
    cpu("container_cpu_cfs_periods_total", "throttling_periods"),
    cpu("container_cpu_cfs_throttled_periods_total", "throttling_throttled_periods"),
    cpu("container_cpu_cfs_throttled_seconds_total", "throttling_throttled_time").per(NANOS),
    cpu("container_pressure_cpu_waiting_seconds_total", "pressure_some_total").per(MICROS),
    cpu("container_pressure_cpu_stalled_seconds_total", "pressure_full_total").per(MICROS),
    mem("container_memory_usage_bytes", "usage"),
    mem("container_memory_working_set_bytes", "working_set"),
    mem("container_memory_rss", "rss"),
    mem("container_memory_cache", "cache"),
    mem("container_memory_mapped_file", "mapped_file"),
    mem("container_memory_swap", "swap"),
    mem("container_memory_kernel_usage", "kernel"),
    mem("container_memory_max_usage_bytes", "max_usage"),
    mem("container_memory_failcnt", "failcnt"),
    mem("container_memory_failures_total", "pgfault").with(&[("failure_type", "pgfault"), ("scope", "container")]).about(FAULTS_ABOUT),
    mem("container_memory_failures_total", "pgmajfault")
        .with(&[("failure_type", "pgmajfault"), ("scope", "container")])
        .about(FAULTS_ABOUT),
    mem("container_memory_events_high_total", "events_high"),
    mem("container_oom_events_total", "oom_kill"),
    mem("container_spec_memory_limit_bytes", "limit"),
    mem("container_pressure_memory_waiting_seconds_total", "pressure_some_total").per(MICROS),
    mem("container_pressure_memory_stalled_seconds_total", "pressure_full_total").per(MICROS),
    io("container_fs_reads_bytes_total", "io_service_bytes_recursive_read"),
    io("container_fs_reads_total", "io_serviced_recursive_read"),
    io("container_fs_writes_bytes_total", "io_service_bytes_recursive_write"),
    io("container_fs_writes_total", "io_serviced_recursive_write"),
    net("container_network_receive_bytes_total", "rx_bytes"),
    net("container_network_receive_packets_total", "rx_packets"),
    net("container_network_receive_errors_total", "rx_errors"),
    net("container_network_receive_packets_dropped_total", "rx_dropped"),
    net("container_network_transmit_bytes_total", "tx_bytes"),
    net("container_network_transmit_packets_total", "tx_packets"),
    net("container_network_transmit_errors_total", "tx_errors"),
    net("container_network_transmit_packets_dropped_total", "tx_dropped"),
    status("container_threads", "pids_current"),
    status("container_threads_max", "pids_limit"),
];
