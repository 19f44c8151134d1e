//! The pages in a real browser: they move, they break no rule of their own, they ask nobody else.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::panic,
    reason = "a test may stop anywhere, and watches another process, whose time nobody can move"
)]

mod common;

use std::time::Duration;

use common::Skep;
use testbed::{Browser, require};

const SOON: Duration = Duration::from_secs(30);

#[track_caller]
fn check_clean(browser: &Browser, skep: &Skep) {
    assert_eq!(browser.problems(), [""; 0], "the page logged errors");
    let own = format!("http://{}/", skep.http);
    let foreign: Vec<_> = browser.requests().iter().filter(|url| !url.starts_with(&own) && !url.starts_with("about:")).collect();
    assert!(foreign.is_empty(), "the page asked others: {foreign:?}");
}

#[test]
fn the_swarm_page_moves() {
    let Some(chromium) = require("chromium", "chromium") else { return };
    let folder = tempfile::tempdir().unwrap();
    let skep = Skep::start("run", folder.path(), &[]);
    let mut browser = Browser::start(&chromium, 1280, 800).unwrap();
    browser.open(&format!("http://{}/", skep.http)).unwrap();
    assert!(browser.wait_for("document.getElementById('connection')?.textContent === 'live'", SOON), "{:?}", browser.problems());
    assert!(browser.wait_for("document.querySelectorAll('.card').length === 1", SOON));
    let gauges = "[...document.querySelectorAll('.card .number')].map(element => element.textContent)";
    assert!(browser.wait_for(&format!("{gauges}.every(text => text.endsWith('%'))"), SOON), "{:?}", browser.evaluate(gauges));
    let first = browser.evaluate(gauges).unwrap();
    let moved = format!("JSON.stringify({gauges}) !== {}", serde_json::json!(first.to_string()));
    assert!(browser.wait_for(&moved, SOON), "the gauges stand still at {first}");
    check_clean(&browser, &skep);
    skep.stop();
}

#[test]
fn the_page_of_a_node_draws_the_past_and_says_it_in_words() {
    let Some(chromium) = require("chromium", "chromium") else { return };
    let folder = tempfile::tempdir().unwrap();
    let skep = Skep::start("run", folder.path(), &[]);
    let beats = skep.wait_for("service = \"cpu/usage_active\"", 1);
    let mut browser = Browser::start(&chromium, 1280, 800).unwrap();
    browser.open(&format!("http://{}/nodes/{}?range=300", skep.http, beats[0]["host"].as_str().unwrap())).unwrap();
    assert!(browser.wait_for("document.querySelectorAll('.chart:not([hidden]) canvas').length >= 5", SOON), "{:?}", browser.problems());
    assert!(browser.wait_for("document.querySelector('.plot').getAttribute('aria-label').includes('mean')", SOON));
    assert!(browser.wait_for("document.querySelectorAll('.tile').length >= 5", SOON));
    check_clean(&browser, &skep);
    skep.stop();
}

#[test]
fn a_dead_server_is_said_on_the_page() {
    let Some(chromium) = require("chromium", "chromium") else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut skep = Skep::start("run", folder.path(), &[]);
    let mut browser = Browser::start(&chromium, 390, 844).unwrap();
    browser.open(&format!("http://{}/", skep.http)).unwrap();
    assert!(browser.wait_for("document.querySelectorAll('.card').length === 1", SOON), "{:?}", browser.problems());
    assert_eq!(browser.evaluate("document.documentElement.scrollWidth <= 390").unwrap(), true, "a phone must not scroll sideways");
    skep.server.kill();
    assert!(browser.wait_for("document.getElementById('connection').textContent.startsWith('connection lost')", SOON));
}
