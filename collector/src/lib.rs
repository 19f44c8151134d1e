//! Samples the host and its containers at the cost of reading the kernel's files.

pub mod container;
pub mod kernel;
