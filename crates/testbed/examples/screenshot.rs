//! Takes a picture of a page: `cargo run -p skep-testbed --example screenshot URL FILE.png WIDTH HEIGHT SECONDS [dark|light]`.

#![allow(clippy::expect_used, clippy::disallowed_methods, clippy::print_stdout, reason = "a tool for the documentation, run by hand")]

use std::time::Duration;

use base64::Engine as _;
use testbed::{Browser, require};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, file, width, height, seconds, rest @ ..] = arguments.as_slice() else {
        println!("URL FILE.png WIDTH HEIGHT SECONDS [dark|light]");
        return;
    };
    let number = |text: &String| text.parse::<u32>().expect("a number");
    let chromium = require("chromium", "chromium").expect("chromium");
    let mut browser = Browser::start(&chromium, number(width), number(height)).expect("chromium starts");
    browser.prefer(rest.first().map_or("light", String::as_str)).expect("a colour scheme");
    browser.open(url).expect("the page opens");
    std::thread::sleep(Duration::from_secs(u64::from(number(seconds))));
    let picture = browser.screenshot().expect("a picture");
    std::fs::write(file, base64::engine::general_purpose::STANDARD.decode(picture).expect("base64")).expect("the file is written");
    for problem in browser.problems() {
        println!("problem: {problem}");
    }
}
