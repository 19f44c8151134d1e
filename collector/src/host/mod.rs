//! Samplers of the host, a file for each measurement.
//!
//! Where one kernel file feeds several measurements it is read once: `stat` reads for `cpu`, `kernel` and `processes`,
//! `memory` for `mem` and `swap`.

mod cpu;
mod disk;
mod diskio;
mod hugepages;
mod interrupts;
mod kernel;
mod keyed;
mod listed;
mod mdstat;
mod mem;
mod memory;
mod mounts;
mod net;
mod open;
mod os;
mod own;
mod pressure;
mod process;
mod process_files;
mod process_list;
mod process_states;
mod processes;
mod procstat;
mod sensors;
mod sight;
mod stat;
mod swap;
mod sysctl;
mod sysinfo_host;
mod system;
mod tcp_states;

pub use open::{name, samplers};
pub(crate) use own::{Own, Tally};
