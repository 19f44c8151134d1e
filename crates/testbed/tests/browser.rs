//! The browser of the tests does what the tests ask of it.

use testbed::{Browser, require};

#[test]
fn a_page_is_opened_read_and_its_errors_are_seen() {
    let Some(chromium) = require("chromium", "chromium") else { return };
    let mut browser = Browser::start(&chromium, 800, 600).unwrap();
    browser.open("data:text/html,<p id=a>hello</p><script>setTimeout(() => { throw new Error('planted') }, 0)</script>").unwrap();
    assert!(browser.wait_for("document.getElementById('a')?.textContent === 'hello'", std::time::Duration::from_secs(10)));
    assert!(browser.screenshot().unwrap().starts_with("iVBOR"));
    assert!(browser.problems().iter().any(|problem| problem.contains("planted")), "{:?}", browser.problems());
}
