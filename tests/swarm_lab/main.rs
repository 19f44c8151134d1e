//! A swarm of three managers and two workers with both stacks on it, broken in all the ways that skep is there to tell of: each is seen
//! in the index, as an alert, as a message and in InfluxDB, and nothing of the swarm stays.
//!
//! Not part of `cargo test`, for it takes minutes: `make swarm-test` runs it, as root.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::panic,
    reason = "a test may stop anywhere, and watches other processes, whose time nobody can move"
)]

#[path = "../common/mod.rs"]
mod common;
mod influx;
mod kills;
mod lab;
mod nodes;
mod post_box;
mod services;
mod traces;
mod upgrade;

use std::thread;

use lab::{Lab, clock};
use traces::Traces;

#[test]
fn whatever_breaks_is_told_and_nothing_is_left_behind() {
    let traces = Traces::default();
    // The swarm's network is entered by a thread of its own, with which it goes.
    let story = thread::spawn({
        let traces = traces.clone();
        move || {
            if let Some(mut lab) = Lab::start(traces) {
                tell(&mut lab);
            }
        }
    });
    let ended = story.join();
    let left = traces.left();
    if let Err(panic) = ended {
        println!("left behind: {left:?}");
        std::panic::resume_unwind(panic);
    }
    assert_eq!(left, Vec::<String>::new(), "nothing is left behind");
}

fn tell(lab: &mut Lab) {
    nodes::collectors_appear(lab);
    lab.stage("collectors on all nodes, one leader tells of the swarm");
    services::scaled(lab);
    lab.stage("scaled");
    services::updated(lab);
    lab.stage("updated");
    upgrade::of_skep(lab);
    lab.stage("skep upgraded");
    services::crashes(lab);
    lab.stage("crashed");
    let leader = nodes::the_leader_dies(lab);
    lab.stage("leader killed, and back");
    let worker = nodes::a_worker_is_cut_off(lab);
    lab.stage("worker cut off, and back");
    let kills_from = clock();
    kills::of_the_processor(lab);
    lab.stage("processor killed");
    lab.told_once(&[leader, worker], kills_from);
}
