//! What node_exporter has too.

use super::{Exported, same};

const MILLIS: f64 = 1e3;
const MICROS: f64 = 1e6;

const CPU_ABOUT: &str = "Seconds each processor spent in each mode.";
const GUEST_ABOUT: &str = "Seconds each processor spent in virtual machines, in each mode.";
const FREE_ABOUT: &str = "Space that root can fill.";

const fn mode(field: &'static str, labels: &'static [(&'static str, &'static str)]) -> Exported {
    same("node_cpu_seconds_total", "cpu", field).with(labels).about(CPU_ABOUT)
}

const fn mem(name: &'static str, field: &'static str) -> Exported {
    same(name, "mem", field)
}

const fn disk(name: &'static str, field: &'static str) -> Exported {
    same(name, "diskio", field)
}

const fn net(name: &'static str, field: &'static str) -> Exported {
    same(name, "net", field)
}

const fn protocol(name: &'static str, field: &'static str) -> Exported {
    same(name, "net", field).of("all")
}

const fn stalled(name: &'static str, instance: &'static str) -> Exported {
    same(name, "pressure", "total").of(instance).per(MICROS)
}

/// What node_exporter has too.
pub const HOST: &[Exported] = &[
    mode("time_user", &[("mode", "user")]),
    mode("time_nice", &[("mode", "nice")]),
    mode("time_system", &[("mode", "system")]),
    mode("time_idle", &[("mode", "idle")]),
    mode("time_iowait", &[("mode", "iowait")]),
    mode("time_irq", &[("mode", "irq")]),
    mode("time_softirq", &[("mode", "softirq")]),
    mode("time_steal", &[("mode", "steal")]),
    same("node_cpu_guest_seconds_total", "cpu", "time_guest").with(&[("mode", "user")]).about(GUEST_ABOUT),
    same("node_cpu_guest_seconds_total", "cpu", "time_guest_nice").with(&[("mode", "nice")]).about(GUEST_ABOUT),
    same("node_cpu_scaling_frequency_hertz", "linux_cpu", "scaling_cur_freq").times(1e3),
    same("node_uname_info", "system", "load1").node().with(&[("sysname", "Linux")]).about("The node's name."),
    same("node_load1", "system", "load1"),
    same("node_load5", "system", "load5"),
    same("node_load15", "system", "load15"),
    same("node_time_seconds", "system", "uptime").time().about("When this was sampled."),
    same("node_boot_time_seconds", "kernel", "boot_time"),
    same("node_context_switches_total", "kernel", "context_switches"),
    same("node_intr_total", "kernel", "interrupts"),
    same("node_forks_total", "kernel", "processes_forked"),
    same("node_entropy_available_bits", "kernel", "entropy_avail"),
    same("node_procs_running", "processes", "running"),
    same("node_procs_blocked", "processes", "blocked"),
    mem("node_memory_MemTotal_bytes", "total"),
    mem("node_memory_MemFree_bytes", "free"),
    mem("node_memory_MemAvailable_bytes", "available"),
    mem("node_memory_Buffers_bytes", "buffered"),
    mem("node_memory_Cached_bytes", "cached"),
    mem("node_memory_SwapCached_bytes", "swap_cached"),
    mem("node_memory_Active_bytes", "active"),
    mem("node_memory_Inactive_bytes", "inactive"),
    mem("node_memory_AnonPages_bytes", "anon"),
    mem("node_memory_Mapped_bytes", "mapped"),
    mem("node_memory_Shmem_bytes", "shared"),
    mem("node_memory_Slab_bytes", "slab"),
    mem("node_memory_SReclaimable_bytes", "sreclaimable"),
    mem("node_memory_SUnreclaim_bytes", "sunreclaim"),
    mem("node_memory_PageTables_bytes", "page_tables"),
    mem("node_memory_Dirty_bytes", "dirty"),
    mem("node_memory_Writeback_bytes", "write_back"),
    mem("node_memory_CommitLimit_bytes", "commit_limit"),
    mem("node_memory_Committed_AS_bytes", "committed_as"),
    mem("node_memory_Hugepagesize_bytes", "huge_page_size"),
    mem("node_memory_HugePages_Total", "huge_pages_total"),
    mem("node_memory_HugePages_Free", "huge_pages_free"),
    same("node_memory_SwapTotal_bytes", "swap", "total"),
    same("node_memory_SwapFree_bytes", "swap", "free"),
    same("node_vmstat_pgpgin", "kernel_vmstat", "pgpgin"),
    same("node_vmstat_pgpgout", "kernel_vmstat", "pgpgout"),
    same("node_vmstat_pswpin", "kernel_vmstat", "pswpin"),
    same("node_vmstat_pswpout", "kernel_vmstat", "pswpout"),
    same("node_vmstat_pgfault", "kernel_vmstat", "pgfault"),
    same("node_vmstat_pgmajfault", "kernel_vmstat", "pgmajfault"),
    same("node_vmstat_oom_kill", "kernel_vmstat", "oom_kill"),
    same("node_filefd_allocated", "linux_sysctl_fs", "file-nr"),
    same("node_filefd_maximum", "linux_sysctl_fs", "file-max"),
    same("node_filesystem_size_bytes", "disk", "total"),
    same("node_filesystem_avail_bytes", "disk", "free"),
    same("node_filesystem_free_bytes", "disk", "free").part().about(FREE_ABOUT),
    same("node_filesystem_free_bytes", "disk", "reserved").part().about(FREE_ABOUT),
    same("node_filesystem_files", "disk", "inodes_total"),
    same("node_filesystem_files_free", "disk", "inodes_free"),
    disk("node_disk_reads_completed_total", "reads"),
    disk("node_disk_reads_merged_total", "merged_reads"),
    disk("node_disk_read_bytes_total", "read_bytes"),
    disk("node_disk_read_time_seconds_total", "read_time").per(MILLIS),
    disk("node_disk_writes_completed_total", "writes"),
    disk("node_disk_writes_merged_total", "merged_writes"),
    disk("node_disk_written_bytes_total", "write_bytes"),
    disk("node_disk_write_time_seconds_total", "write_time").per(MILLIS),
    disk("node_disk_io_now", "iops_in_progress"),
    disk("node_disk_io_time_seconds_total", "io_time").per(MILLIS),
    disk("node_disk_io_time_weighted_seconds_total", "weighted_io_time").per(MILLIS),
    net("node_network_receive_bytes_total", "bytes_recv"),
    net("node_network_receive_packets_total", "packets_recv"),
    net("node_network_receive_errs_total", "err_in"),
    net("node_network_receive_drop_total", "drop_in"),
    net("node_network_transmit_bytes_total", "bytes_sent"),
    net("node_network_transmit_packets_total", "packets_sent"),
    net("node_network_transmit_errs_total", "err_out"),
    net("node_network_transmit_drop_total", "drop_out"),
    net("node_network_speed_bytes", "speed").times(125e3).about("Speed of the link in bytes per second."),
    net("node_network_up", "up"),
    protocol("node_netstat_Icmp_InMsgs", "icmp_inmsgs"),
    protocol("node_netstat_Icmp_InErrors", "icmp_inerrors"),
    protocol("node_netstat_Icmp_OutMsgs", "icmp_outmsgs"),
    protocol("node_netstat_Tcp_ActiveOpens", "tcp_activeopens"),
    protocol("node_netstat_Tcp_PassiveOpens", "tcp_passiveopens"),
    protocol("node_netstat_Tcp_CurrEstab", "tcp_currestab"),
    protocol("node_netstat_Tcp_InSegs", "tcp_insegs"),
    protocol("node_netstat_Tcp_OutSegs", "tcp_outsegs"),
    protocol("node_netstat_Tcp_RetransSegs", "tcp_retranssegs"),
    protocol("node_netstat_Tcp_InErrs", "tcp_inerrs"),
    protocol("node_netstat_Tcp_OutRsts", "tcp_outrsts"),
    protocol("node_netstat_Udp_InDatagrams", "udp_indatagrams"),
    protocol("node_netstat_Udp_NoPorts", "udp_noports"),
    protocol("node_netstat_Udp_InErrors", "udp_inerrors"),
    protocol("node_netstat_Udp_OutDatagrams", "udp_outdatagrams"),
    protocol("node_netstat_Udp_RcvbufErrors", "udp_rcvbuferrors"),
    protocol("node_netstat_Udp_SndbufErrors", "udp_sndbuferrors"),
    same("node_netstat_TcpExt_ListenOverflows", "nstat", "tcpext_listenoverflows"),
    same("node_netstat_TcpExt_ListenDrops", "nstat", "tcpext_listendrops"),
    same("node_netstat_TcpExt_SyncookiesSent", "nstat", "tcpext_syncookiessent"),
    same("node_netstat_TcpExt_TCPTimeouts", "nstat", "tcpext_tcptimeouts"),
    same("node_netstat_TcpExt_TCPSynRetrans", "nstat", "tcpext_tcpsynretrans"),
    same("node_netstat_IpExt_InOctets", "nstat", "ipext_inoctets"),
    same("node_netstat_IpExt_OutOctets", "nstat", "ipext_outoctets"),
    same("node_sockstat_sockets_used", "netstat", "sockets_used"),
    same("node_sockstat_TCP_inuse", "netstat", "tcp_inuse"),
    same("node_sockstat_TCP_orphan", "netstat", "tcp_orphan"),
    same("node_sockstat_TCP_tw", "netstat", "tcp_tw"),
    same("node_sockstat_TCP_alloc", "netstat", "tcp_alloc"),
    same("node_sockstat_TCP_mem", "netstat", "tcp_mem"),
    same("node_sockstat_UDP_inuse", "netstat", "udp_socket"),
    same("node_sockstat_UDP_mem", "netstat", "udp_mem"),
    same("node_nf_conntrack_entries", "conntrack", "ip_conntrack_count"),
    same("node_nf_conntrack_entries_limit", "conntrack", "ip_conntrack_max"),
    stalled("node_pressure_cpu_waiting_seconds_total", "cpu-some"),
    stalled("node_pressure_io_waiting_seconds_total", "io-some"),
    stalled("node_pressure_io_stalled_seconds_total", "io-full"),
    stalled("node_pressure_memory_waiting_seconds_total", "memory-some"),
    stalled("node_pressure_memory_stalled_seconds_total", "memory-full"),
];
