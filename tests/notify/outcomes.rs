//! What became of a message is an event that rules see; who keeps books of what is open hears of each end.

use std::fs;

use serde_json::json;
use testbed::wait_until;

use crate::common::PATIENCE;
use crate::common::sender::{Sender, event};
use crate::servers::PostBox;
use crate::ways::{now, send, start};

#[test]
fn a_notifier_that_refuses_is_an_alert_and_what_that_alert_tells_makes_no_circle() {
    let folder = tempfile::tempdir().unwrap();
    let Some(refusing) = PostBox::start(&folder.path().join("refusing")) else { return };
    let Some(taking) = PostBox::start(&folder.path().join("taking")) else { return };
    refusing.answer(404);
    let rules = format!(
        "alerts:
  queue-long:
    where: service = \"queue\"
    by: [host]
    warn: metric > 5
    to: ops
  refused:
    where: service =~ \"skep_processor/%/notify_outcome\"
    by: [notifier, way]
    crit: state = \"critical\"
    message: \"{{{{notifier}}}} does not take `{{{{description}}}}`\"
    to: [ops, night]
notify:
  ops: {{webhook: {{url: \"{}\"}}}}
  night: {{webhook: {{url: \"{}\"}}}}
",
        refusing.url("/hook"),
        taking.url("/hook"),
    );
    let skep = start(folder.path(), &rules);
    send(&skep, "n1", 9.0);
    taking.wait_for(1, &skep);
    // The one that tells of it is refused too, and that is no news.
    let ops = "service = \"skep_processor/ops-webhook/notify_outcome\"";
    let outcome = skep.wait_for(&format!("{ops} and metric = 2"), 1)[0].clone();
    assert_eq!((&outcome["state"], &outcome["outcome"], &outcome["notifier"]), (&json!("critical"), &json!("given_up"), &json!("ops")));
    let since = outcome["time"].as_str().unwrap().to_owned();
    let told_again = || skep.index(ops)[0]["time"].as_str().unwrap() > since.as_str();
    assert!(wait_until(PATIENCE, told_again), "it is told again as long as it stands");
    let night = "service = \"skep_processor/night-webhook/notify_outcome\" and outcome = \"delivered\" and metric = 1";
    assert_eq!(skep.index(&format!("{ops} and metric = 2")).len() + skep.index(night).len(), 2);
    let posts = taking.posts();
    assert_eq!(posts.len(), 1, "{posts:#?}");
    assert_eq!(
        posts[0]["body"]["subject"],
        "CRITICAL refused ops/webhook: ops does not take `WARNING queue-long n1: n1: queue-long is warning (9)`"
    );
    skep.stop();
}

#[test]
fn an_incident_whose_alert_ends_muted_does_not_stay_open() {
    let folder = tempfile::tempdir().unwrap();
    let Some(pagerduty) = PostBox::start(&folder.path().join("pagerduty")) else { return };
    let key = folder.path().join("key");
    fs::write(&key, "secret").unwrap();
    let rules = format!(
        "alerts:
  node-gone: {{where: service = \"gone\", by: [host], crit: metric > 0, to: []}}
  queue-long:
    where: service = \"queue\"
    by: [host]
    warn: metric > 5
    unless: {{alert: node-gone, same: [host]}}
    to: pager
notify:
  pager: {{pagerduty: {{routing_key_file: {}, url: \"{}\"}}}}
",
        key.display(),
        pagerduty.url(""),
    );
    let skep = start(folder.path(), &rules);
    send(&skep, "n1", 9.0);
    pagerduty.wait_for(1, &skep);
    Sender::connect(skep.riemann.unwrap()).unwrap().send(&[event("n1", "gone", now(), 1.0, 600.0)]).unwrap();
    skep.wait_for("service = \"alert/node-gone\" and state = \"critical\"", 1);
    send(&skep, "n1", 1.0);
    pagerduty.wait_for(2, &skep);
    let posts = pagerduty.posts();
    let of = |at: usize| (posts[at]["body"]["event_action"].clone(), posts[at]["body"]["dedup_key"].clone());
    let (opening, end) = (of(0), of(1));
    assert_eq!((&opening.0, &end.0), (&json!("trigger"), &json!("resolve")));
    assert_eq!(opening.1, end.1);
    skep.stop();
}
