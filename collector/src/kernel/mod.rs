//! Parsers of the kernel's texts: text in, numbers out; something else opens the files.

pub mod cgroup;
pub mod cgroup_place;
pub mod cgroup_v1;
pub mod cgroup_v2;
