//! What becomes of messages that the other side puts off or refuses.

use std::fs;

use serde_json::Value;
use testbed::wait_until;

use crate::common::PATIENCE;
use crate::common::sender::{Sender, event};
use crate::servers::PostBox;
use crate::ways::{ALERTS, now, send, start};

/// The hosts of PagerDuty's events, in the order in which they came.
fn hosts(posts: &[Value]) -> Vec<&str> {
    posts.iter().map(|post| post["body"]["payload"]["source"].as_str().unwrap()).collect()
}

#[test]
fn an_event_that_pagerduty_refuses_stops_nobody_and_a_further_try_begins_where_the_last_one_failed() {
    let folder = tempfile::tempdir().unwrap();
    let Some(post_box) = PostBox::start(&folder.path().join("box")) else { return };
    fs::write(folder.path().join("key"), "0123456789abcdef0123456789abcdef\n").unwrap();
    let key = folder.path().join("key");
    let notify = format!(
        "notify: {{ops: {{pagerduty: {{routing_key_file: {}, url: \"{}\"}}, wait: 300ms}}}}\n",
        key.display(),
        post_box.url("/v2/enqueue")
    );
    post_box.script(&["202", "400", "429 Retry-After: 1", "202", "202"]);
    let skep = start(folder.path(), &format!("{ALERTS}{notify}"));
    let events = ["n1", "n2", "n3", "n4"].map(|host| event(host, "queue", now(), 9.0, 86_400.0));
    Sender::connect(skep.riemann.unwrap()).unwrap().send(&events).unwrap();
    skep.wait_for("service = \"skep_processor/ops/notify_given_up\" and metric = 1", 1);
    let posts = post_box.wait_for(5, &skep);
    assert_eq!(hosts(&posts), ["n1", "n2", "n3", "n3", "n4"]);
    let log = skep.stop();
    assert!(log.contains("pagerduty failed, tried again in 1s: HTTP 429 ok"), "{log}");
    assert!(log.contains("pagerduty failed for good (1 of 4 parts were refused: HTTP 400 ok); given up: 4 changes of queue-long"), "{log}");
}

#[test]
fn nobody_follows_to_another_address_and_the_log_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let Some(post_box) = PostBox::start(&folder.path().join("box")) else { return };
    let notify = format!("notify: {{ops: {{webhook: {{url: \"{}\"}}}}}}\n", post_box.url("/hook"));
    let elsewhere = format!("307 Location: {}?token=abc", post_box.url("/elsewhere"));
    post_box.script(&[&elsewhere]);
    let skep = start(folder.path(), &format!("{ALERTS}{notify}"));
    send(&skep, "n1", 9.0);
    skep.wait_for("service = \"skep_processor/ops/notify_sent\" and metric = 1", 1);
    assert!(post_box.posts().iter().all(|post| post["path"] == "/hook"), "{:#?}", post_box.posts());
    let told = format!("HTTP 307 to {}, which is not followed", post_box.url("/elsewhere"));
    assert!(wait_until(PATIENCE, || skep.server.output().contains(&told)), "{}", skep.server.output());
    skep.stop();
}
