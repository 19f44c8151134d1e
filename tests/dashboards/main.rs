//! Grafana's boards: made from the catalogue, checked without a Grafana, and every query answered from what a real swarm wrote.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::panic,
    reason = "a test may stop anywhere, and watches other processes, whose time nobody can move"
)]

mod ask;
mod board;
mod clicks;
#[path = "../common/mod.rs"]
mod common;
mod faults;
mod lint;
mod names;
mod provisioning;
mod rows;
mod sources;

use std::collections::BTreeSet;

use board::Board;

/// The uids of all boards, to which links may lead.
fn uids() -> BTreeSet<String> {
    Board::all().into_iter().map(|board| board.name).collect()
}

#[test]
fn every_board_has_what_a_board_must_have() {
    let boards = Board::all();
    let names: Vec<&str> = boards.iter().map(|board| board.name.as_str()).collect();
    assert_eq!(names, ["swarm-alerts", "swarm-container", "swarm-node", "swarm-overview", "swarm-pipeline", "swarm-service"]);
    let found: Vec<String> = boards.iter().flat_map(|board| lint::findings(board, &uids())).collect();
    assert!(found.is_empty(), "{} findings:\n{}", found.len(), found.join("\n"));
}
