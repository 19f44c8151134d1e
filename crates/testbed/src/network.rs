//! Moves a test into the network that its servers have to themselves.

use std::fs::File;
use std::os::fd::AsFd as _;
use std::path::Path;

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

/// From here on the calling thread, and what it starts, is on the network of a process instead of the machine's.
///
/// # Panics
/// Without the right to do so.
pub(crate) fn enter(pid: u32) {
    enter_named(Path::new(&format!("/proc/{pid}/ns/net")));
}

/// The same by the namespace's file, which `ip netns` keeps in `/run/netns`.
///
/// # Panics
/// Without the right to do so, or when it is gone.
pub fn enter_named(namespace: &Path) {
    let file = File::open(namespace).expect("the namespace is there");
    move_into_link_name_space(file.as_fd(), Some(LinkNameSpaceType::Network)).expect("root may change its network");
}
