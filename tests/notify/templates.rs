//! A webhook's body of one's own, as the documentation shows it, and whom it trusts.

use std::fs;

use serde_json::json;

use crate::common::sender::{Sender, event};
use crate::common::{project, run};
use crate::servers::PostBox;
use crate::ways::{now, start};

const ALERTS: &str = "alerts:
  queue-long:
    where: service = \"queue\"
    by: [host]
    crit: metric > 50
    message: 'queue \"in\" has {{metric}}'
    to: [tickets, lines]
";

#[test]
fn the_documented_bodies_of_ones_own_arrive_as_they_are_written() {
    let folder = tempfile::tempdir().unwrap();
    let Some(post_box) = PostBox::start(&folder.path().join("box")) else { return };
    fs::write(folder.path().join("password"), "secret\n").unwrap();
    let page = fs::read_to_string(project("docs/notifiers.md")).unwrap();
    let example = page.split("```yaml\n").filter_map(|rest| rest.split("```").next()).find(|yaml| yaml.contains("  tickets:")).unwrap();
    let notify = example
        .replace("https://tickets.example.org/events", &post_box.url("/events"))
        .replace("http://lines.example.org/in", &post_box.url("/in"))
        .replace("/run/secrets/tickets", folder.path().join("password").to_str().unwrap())
        .replace("/etc/skep/tickets-ca.pem", project("processor/tests/tls/ca.pem").to_str().unwrap());
    let skep = start(folder.path(), &format!("{ALERTS}{notify}"));
    let events = ["n1", "n2"].map(|host| event(host, "queue", now(), 90.0, 86_400.0));
    Sender::connect(skep.riemann.unwrap()).unwrap().send(&events).unwrap();
    let posts = post_box.wait_for(2, &skep);
    let of = |path: &str| posts.iter().find(|post| post["path"] == path).unwrap_or_else(|| panic!("nothing came to {path}: {posts:#?}"));

    let alert = |host: &str| json!({"what": "queue-long", "where": host, "text": "queue \"in\" has 90", "value": 90});
    let tickets = of("/events");
    let title = "2 changes of queue-long: 2 opened";
    assert_eq!(tickets["body"], json!({"title": title, "level": "critical", "alerts": [alert("n1"), alert("n2")]}));
    assert_eq!((&tickets["method"], &tickets["headers"]["content-type"]), (&"PUT".into(), &"application/json".into()));
    // `skep:secret`
    assert_eq!(tickets["headers"]["authorization"], "Basic c2tlcDpzZWNyZXQ=");

    let lines = of("/in");
    assert_eq!((&lines["method"], &lines["headers"]["content-type"]), (&"POST".into(), &"text/plain".into()));
    let told: Vec<_> = lines["body"].as_str().unwrap().lines().collect();
    assert!(told.len() == 2 && told[0].starts_with("critical n1 since 20") && told[1].ends_with("Z: queue \"in\" has 90"), "{told:?}");
    skep.stop();
}

#[test]
fn a_webhook_trusts_whom_its_file_names_and_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let Some(post_box) = PostBox::start_https(&folder.path().join("box")) else { return };
    let (url, ca) = (post_box.https_url("/hook"), project("processor/tests/tls/ca.pem"));
    let rules =
        format!("notify:\n  good: {{webhook: {{url: \"{url}\", ca_file: {}}}}}\n  bad: {{webhook: {{url: \"{url}\"}}}}\n", ca.display());
    let file = folder.path().join("rules.yaml");
    fs::write(&file, rules).unwrap();
    let test = |name: &str| run(&["notify-test", name, "--rules", file.to_str().unwrap()]);
    let (code, out, error) = test("bad");
    assert!(code == 1 && out.starts_with("webhook: failed: "), "{code} {out} {error}");
    assert_eq!(post_box.posts().len(), 0);
    let (code, out, error) = test("good");
    assert_eq!((code, out.as_str()), (0, "webhook: taken by the other side\n"), "{error}");
    assert_eq!(post_box.posts().len(), 1);
}
