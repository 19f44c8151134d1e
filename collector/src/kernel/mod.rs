//! Parsers of the kernel's texts: text in, numbers out; something else opens the files.

pub mod cgroup;
pub mod cgroup_place;
pub mod cgroup_v1;
pub mod cgroup_v2;
pub mod cpu_list;
pub mod diskstats;
pub mod interrupts;
pub mod keyed;
pub mod loadavg;
pub mod mdstat;
pub mod meminfo;
pub mod mountinfo;
pub mod net_dev;
pub mod number;
pub mod pid_named;
pub mod pid_stat;
pub mod pressure;
pub mod sock_diag;
pub mod stat;
pub mod sysctl;
pub mod uptime;
pub mod utmp;
pub mod vmstat;
