//! The stack as it is on three machines that User Mode Linux boots: a swarm with virtual addresses, a routing mesh, an encrypted network
//! and control groups v2, none of which the kernel of a machine under test need have.
//!
//! Not part of `cargo test`, for it takes minutes: `make lab-uml` runs it, as root.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may stop anywhere, and watches other machines, whose time nobody can move"
)]

#[path = "../common/mod.rs"]
mod common;
mod containers;
mod lab;
mod network;

use lab::Lab;

#[test]
fn the_stack_runs_on_machines_of_its_own() {
    let Some(lab) = Lab::start() else { return };
    lab.services_converge();
    lab.collectors_appear();
    lab.stage("all services run, all nodes are in the index and in InfluxDB");
    network::names_are_virtual_addresses(&lab);
    lab.stage("services answer at their virtual addresses");
    network::the_mesh_answers(&lab);
    lab.stage("every node has the page");
    network::samples_are_encrypted(&lab);
    lab.stage("what goes between nodes is encrypted");
    containers::are_measured(&lab);
    lab.stage("containers are measured by control groups v2");
}
