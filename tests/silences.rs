//! Silences and acknowledgements over HTTP and by the commands: what is held back, what is told later, what outlives a crash.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::panic,
    reason = "a test may stop anywhere, and watches another process, whose time nobody can move"
)]

mod common;

use std::fs;

use common::Skep;
use common::sender::{Sender, event};
use serde_json::{Value, json};
use tempfile::TempDir;
use testbed::{http, wait_until};

const BUSY: &str = "alerts:\n  busy:\n    where: service = \"app/load\"\n    by: [host]\n    warn: metric > 20\n    crit: metric > 50\n";

fn start(dir: &TempDir) -> Skep {
    start_with(dir, BUSY)
}

fn start_with(dir: &TempDir, rules: &str) -> Skep {
    let folder = dir.path().join("rules");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("app.yaml"), rules).unwrap();
    Skep::start("process", dir.path(), &["--rules", folder.to_str().unwrap()])
}

/// The service `app/load` of a host.
fn send(skep: &Skep, host: &str, load: f64) {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64;
    Sender::connect(skep.riemann.unwrap()).unwrap().send(&[event(host, "app/load", now, load, 3600.0)]).unwrap();
}

fn post(skep: &Skep, path: &str, body: &Value) -> (u16, Value) {
    let answer = http::request(skep.http, "POST", path, &[], body.to_string().as_bytes()).unwrap();
    (answer.status, serde_json::from_str(&answer.body).unwrap())
}

#[track_caller]
fn wait_for_log(skep: &Skep, text: &str) {
    let seen = wait_until(common::PATIENCE, || skep.server.output().contains(text));
    assert!(seen, "`{text}` is not in the log:\n{}", skep.server.output());
}

/// `skep …` with the address of a running one.
fn command(skep: &Skep, words: &[&str]) -> (i32, String, String) {
    let url = format!("http://{}", skep.http);
    common::run(&[words, &["--url", &url]].concat())
}

#[test]
fn what_is_silenced_shows_and_is_told_once_the_silence_ends() {
    let dir = tempfile::tempdir().unwrap();
    let skep = start(&dir);
    let (code, out, error) = command(&skep, &["silence", "add", "alert = \"busy\" and host = \"n1\"", "--for", "1h", "--why", "disk swap"]);
    assert_eq!((code, out.starts_with("silence 1 until 20")), (0, true), "{out}{error}");
    for host in ["n1", "n2", "n3"] {
        send(&skep, host, 60.0);
    }
    wait_for_log(&skep, "alert busy n2: critical");
    let by_silence = |event: &Value| (event["host"].clone(), event["silenced"].clone());
    let mut events: Vec<_> = skep.index("service = \"alert/busy\" and state = \"critical\"").iter().map(by_silence).collect();
    events.sort_by_key(|(host, _)| host.to_string());
    assert_eq!(events, [(json!("n1"), json!("1")), (json!("n2"), Value::Null), (json!("n3"), Value::Null)]);
    let alerts = skep.json("/api/v1/alerts");
    let silenced: Vec<_> = alerts.as_array().unwrap().iter().filter(|alert| alert["silenced"] == true).collect();
    assert_eq!((silenced.len(), &silenced[0]["host"], &silenced[0]["silenced_by"]), (1, &json!("n1"), &json!("1")));
    let (_, list, _) = command(&skep, &["silence", "list"]);
    assert!(list.starts_with("1  on  alert = \"busy\" and host = \"n1\"  until 20") && list.contains("disk swap"), "{list}");
    assert!(!skep.server.output().contains("alert busy n1"), "{}", skep.server.output());
    let (code, out, error) = command(&skep, &["silence", "end", "1"]);
    assert_eq!((code, out.as_str()), (0, "silence 1 has ended\n"), "{error}");
    wait_for_log(&skep, "alert busy n1: critical");
    assert_eq!(skep.json("/api/v1/silences"), json!([]));
    skep.stop();
}

/// `service`, `state` and a rack that no event has, in `by`: an alert's event has a service and a state of its own.
#[test]
fn the_query_of_an_instance_silences_it_and_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let skep = start_with(
        &dir,
        "alerts:\n  errors:\n    where: service =~ \"app/%\"\n    by: [host, service, state, rack]\n    crit: metric > 50\n",
    );
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64;
    let places = [("n1", "app/in"), ("n1", "app/out"), ("n1", "app/a \"\\ \t b"), ("web\nINFO forged", "app/odd")];
    let mut sender = Sender::connect(skep.riemann.unwrap()).unwrap();
    sender.send(&places.map(|(host, service)| event(host, service, now, 60.0, 3600.0))).unwrap();
    skep.wait_for("service =~ \"alert/errors/%\" and state = \"critical\"", 4);
    wait_for_log(&skep, "web\\nINFO forged");
    assert!(!skep.server.output().contains("\nINFO forged"), "an event wrote a line of the log:\n{}", skep.server.output());
    for (n, (_, service)) in (1..).zip(places) {
        let alerts = skep.json("/api/v1/alerts");
        let wanted = alerts.as_array().unwrap().iter().find(|alert| alert["fields"]["service"] == service).unwrap();
        let (status, made) = post(&skep, "/api/v1/silences", &json!({"where": wanted["query"], "for": "1h"}));
        assert_eq!((status, &made["warnings"]), (201, &json!([])), "{made}");
        let silenced = |alert: &Value| alert["silenced"] == true;
        let alerts = skep.json("/api/v1/alerts");
        let alerts = alerts.as_array().unwrap();
        assert_eq!(alerts.iter().filter(|alert| silenced(alert)).count(), n, "{made}: {alerts:?}");
        assert!(alerts.iter().any(|alert| alert["fields"]["service"] == service && silenced(alert)));
    }
    let explained = skep.json("/api/v1/explain/errors");
    assert_eq!(explained["instances"][1]["query"], skep.json("/api/v1/alerts")[1]["query"]);
    skep.stop();
}

#[test]
fn silences_and_what_they_hold_back_outlive_a_crash() {
    let dir = tempfile::tempdir().unwrap();
    let mut skep = start(&dir);
    let (status, made) = post(&skep, "/api/v1/silences", &json!({"where": "host = \"n1\"", "for": "1h", "author": "ann"}));
    assert_eq!((status, &made["id"], &made["warnings"]), (201, &json!("1"), &json!([])), "{made}");
    send(&skep, "n1", 60.0);
    skep.wait_for("service = \"alert/busy\" and state = \"critical\"", 1);
    skep.server.kill();
    let skep = start(&dir);
    assert_eq!(skep.json("/api/v1/silences")[0]["author"], "ann");
    assert_eq!(skep.json("/api/v1/alerts")[0]["silenced_by"], "1");
    // From the journal before, from the snapshot of an end in order now.
    skep.stop();
    let skep = start(&dir);
    let ended = http::request(skep.http, "DELETE", "/api/v1/silences/1", &[], b"").unwrap();
    assert_eq!((ended.status, ended.body.as_str()), (200, "{\"ended\":\"1\"}"));
    wait_for_log(&skep, "alert busy n1: critical");
    assert_eq!(http::request(skep.http, "DELETE", "/api/v1/silences/1", &[], b"").unwrap().status, 404);
    skep.stop();
}

#[test]
fn a_silence_of_its_own_end_lets_go_by_the_clock_and_forgets_what_came_and_went() {
    let dir = tempfile::tempdir().unwrap();
    let skep = start(&dir);
    let (status, made) = post(&skep, "/api/v1/silences", &json!({"where": "alert = \"busy\"", "for": "4s"}));
    assert_eq!(status, 201, "{made}");
    send(&skep, "n1", 60.0);
    send(&skep, "n2", 60.0);
    send(&skep, "n2", 1.0);
    wait_for_log(&skep, "alert busy n1: critical");
    assert_eq!(skep.json("/api/v1/silences"), json!([]));
    let log = skep.stop();
    assert!(!log.contains("alert busy n2"), "{log}");
}

#[test]
fn each_mistake_of_a_silence_says_what_to_write() {
    let dir = tempfile::tempdir().unwrap();
    let skep = start(&dir);
    for (wish, status, part) in [
        (json!({"where": "host ="}), 400, "`where` is no query"),
        (json!({"where": "true"}), 400, "it never ends: give `for: 2h`"),
        (json!({"where": "true", "for": "2 hours"}), 400, "`2 hours` is no duration"),
        (json!({"where": "true", "for": "99999999d"}), 400, "`99999999d` is too long; a silence lasts at most 3650d"),
        (json!({"where": "true", "until": "tomorrow"}), 400, "`tomorrow` is no time"),
        (json!({"where": "true", "until": "2020-01-01T00:00:00Z"}), 400, "it would have ended at 2020-01-01T00:00:00Z already"),
        (json!({"where": "true", "every": "Sat 2-4"}), 400, "`2-4` are no hours"),
        (json!({"where": "true", "untl": "x"}), 400, "unknown field `untl`"),
    ] {
        let (found, told) = post(&skep, "/api/v1/silences", &wish);
        assert_eq!((found, told["error"].as_str().unwrap().contains(part)), (status, true), "{wish}: {told}");
    }
    let (_, told) = post(&skep, "/api/v1/silences", &json!({"where": "alert = busy and host = \"n9\"", "for": "1h"}));
    assert_eq!(told["warnings"], json!(["`busy` without quotes is a field of the event (if it is a text, write `\"busy\"`)"]));
    let (code, out, error) = command(&skep, &["silence", "add", "alert = \"bsuy\"", "--for", "1h", "--why", "a\u{1b}[31m\nforged"]);
    assert_eq!((code, error.as_str()), (0, "warning: no alert is called `bsuy`; did you mean `busy`?\n"), "{out}");
    let (_, list, _) = command(&skep, &["silence", "list"]);
    assert!(list.contains("a\\u{1b}[31m\\nforged"), "{list}");
    let (code, _, error) = command(&skep, &["silence", "add", "metric > 90%", "--for", "1h"]);
    assert_eq!((code, error.contains("`%` is not part of a query")), (2, true), "{error}");
    let (code, _, error) = command(&skep, &["silence", "end", "9"]);
    assert_eq!((code, error.contains("there is no silence `9`")), (2, true), "{error}");
    skep.stop();
}

#[test]
fn an_acknowledgement_shows_and_ends_with_a_higher_level() {
    let dir = tempfile::tempdir().unwrap();
    let skep = start(&dir);
    send(&skep, "n1", 30.0);
    skep.wait_for("service = \"alert/busy\" and state = \"warning\"", 1);
    let (code, out, error) = command(&skep, &["ack", "busy", "host=n1", "--note", "on it", "--author", "ann"]);
    assert_eq!((code, out.as_str()), (0, "1 of busy acknowledged\n"), "{error}");
    let acknowledged = skep.json("/api/v1/alerts")[0]["acknowledged"].clone();
    assert_eq!((&acknowledged["note"], &acknowledged["author"]), (&json!("on it"), &json!("ann")));
    for (words, part) in [
        (["ack", "busy", "host=n9"], "no instance of `busy` with these fields is open"),
        (["ack", "busy", "path=/"], "`path` is not in the `by` of busy, which has host"),
        (["ack", "bussy", "host=n1"], "no alert `bussy` is on"),
        (["ack", "busy", "n1"], "write FIELD=VALUE"),
    ] {
        let (code, _, error) = command(&skep, &words);
        assert_eq!((code, error.contains(part)), (2, true), "{words:?}: {error}");
    }
    send(&skep, "n1", 60.0);
    skep.wait_for("service = \"alert/busy\" and state = \"critical\"", 1);
    assert_eq!(skep.json("/api/v1/alerts")[0]["acknowledged"], json!(null));
    skep.stop();
}

#[test]
fn the_history_has_every_change_of_the_time_that_is_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let skep = start(&dir);
    for load in [60.0, 30.0, 1.0] {
        send(&skep, "n1", load);
    }
    let mut told = Vec::new();
    let seen = wait_until(common::PATIENCE, || {
        let history = skep.json("/api/v1/alerts/history?alert=busy");
        told = history.as_array().unwrap().iter().map(|change| format!("{} {}", change["from"], change["to"])).collect();
        told.len() == 3
    });
    assert!(seen, "{told:?}");
    assert_eq!(told, ["\"ok\" \"critical\"", "\"critical\" \"warning\"", "\"warning\" \"ok\""]);
    assert_eq!(skep.json("/api/v1/alerts/history?to=1000"), json!([]));
    assert_eq!(skep.json("/api/v1/alerts/history?host=n9"), json!([]));
    assert_eq!(http::get(skep.http, "/api/v1/alerts/history?from=noon").unwrap().status, 400);
    skep.stop();
}

#[test]
fn a_silence_of_a_rule_file_lasts_as_long_as_it_stands_there() {
    let dir = tempfile::tempdir().unwrap();
    let skep = start_with(&dir, &format!("{BUSY}silences:\n  - where: host = \"n1\"\n    every: daily 00:00-00:00\n    why: always\n"));
    send(&skep, "n1", 60.0);
    skep.wait_for("service = \"alert/busy\" and state = \"critical\"", 1);
    let silence = skep.json("/api/v1/silences")[0].clone();
    let id = silence["id"].as_str().unwrap();
    assert!(id.ends_with("app.yaml:8") && silence["active"] == true, "{silence}");
    let refused = http::request(skep.http, "DELETE", &format!("/api/v1/silences/{}", http::encode(id)), &[], b"").unwrap();
    assert_eq!((refused.status, refused.body.contains("stands in a rule file")), (409, true), "{}", refused.body);
    assert_eq!(skep.json("/api/v1/alerts")[0]["silenced"], true);
    assert!(!skep.server.output().contains("alert busy n1"), "{}", skep.server.output());
    fs::write(dir.path().join("rules/app.yaml"), BUSY).unwrap();
    assert_eq!(http::request(skep.http, "POST", "/reload", &[], b"").unwrap().status, 200);
    wait_for_log(&skep, "alert busy n1: critical");
    skep.stop();
}

#[test]
fn a_disabled_rule_shows_who_and_why_and_tells_nobody_until_it_is_enabled() {
    let dir = tempfile::tempdir().unwrap();
    let mut skep = start(&dir);
    let (code, out, error) = command(&skep, &["disable", "busy", "--why", "too loud", "--author", "ann"]);
    assert_eq!((code, out.as_str()), (0, "busy is disabled, as silence 1; `skep enable busy` ends that\n"), "{error}");
    send(&skep, "n1", 60.0);
    skep.wait_for("service = \"alert/busy\" and state = \"critical\"", 1);
    skep.server.kill();
    let skep = start(&dir);
    let rules = skep.json("/api/v1/rules")["rules"].clone();
    let disabled = rules.as_array().unwrap().iter().filter(|rule| !rule["disabled"].is_null()).collect::<Vec<_>>();
    let by = &disabled[0]["disabled"];
    assert_eq!((disabled.len(), &disabled[0]["name"], &by["why"], &by["author"]), (1, &json!("busy"), &json!("too loud"), &json!("ann")));
    assert_eq!(&skep.json("/api/v1/explain/busy")["disabled"], by);
    assert_eq!(skep.json("/api/v1/alerts")[0]["silenced_by"], "1");
    let (_, list, _) = command(&skep, &["silence", "list"]);
    assert_eq!(list, "1  on  alert = \"busy\"  until skep enable busy  too loud  ann\n");
    let (_, explained, _) = command(&skep, &["explain", "busy"]);
    assert!(explained.contains("  disabled   since 20") && explained.contains(" by ann: too loud\n"), "{explained}");
    for (path, body, status, part) in [
        ("disable", json!({"alert": "busy"}), 409, "`busy` is disabled already; `skep enable busy` ends that"),
        ("disable", json!({"alert": "bussy"}), 404, "no alert `bussy` is on; did you mean `busy`?"),
        ("disable", json!({"alert": "busy", "until": "noon"}), 400, "unknown field `until`"),
        ("enable", json!({"alert": "bussy"}), 404, "`bussy` is not disabled"),
    ] {
        let (found, told) = post(&skep, &format!("/api/v1/rules/{path}"), &body);
        assert_eq!((found, told["error"].as_str().unwrap().contains(part)), (status, true), "{body}: {told}");
    }
    assert!(!skep.server.output().contains("alert busy n1"), "{}", skep.server.output());
    let (code, out, error) = command(&skep, &["enable", "busy"]);
    assert_eq!((code, out.as_str()), (0, "busy is enabled\n"), "{error}");
    wait_for_log(&skep, "alert busy n1: critical");
    assert_eq!(skep.json("/api/v1/explain/busy")["disabled"], json!(null));
    skep.stop();
}

#[test]
fn all_that_keeps_an_open_alert_quiet_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let down = "  down:\n    where: service = \"app/load\"\n    by: [host]\n    crit: metric > 90\n";
    let rules = format!("{BUSY}    unless: {{alert: down, same: [host]}}\n{down}");
    let skep = start_with(&dir, &rules);
    send(&skep, "n1", 60.0);
    send(&skep, "n2", 60.0);
    skep.wait_for("service = \"alert/busy\" and state = \"critical\"", 2);
    let muted = |host: &str| {
        let alerts = skep.json("/api/v1/alerts");
        let found = alerts.as_array().unwrap().iter().find(|one| one["alert"] == "busy" && one["host"] == host).cloned().unwrap();
        (found["muted"].clone(), found["fields"].clone(), found["why"][0].clone())
    };
    let (free, fields, why) = muted("n1");
    assert_eq!((free, fields), (json!([]), json!({"host": "n1"})));
    assert!(why.as_str().unwrap().starts_with("`crit: metric > 50` holds"), "{why}");
    for (path, body) in [
        ("/api/v1/silences", json!({"where": "host = \"n1\"", "for": "1h"})),
        ("/api/v1/rules/disable", json!({"alert": "busy"})),
        ("/api/v1/alerts/ack", json!({"alert": "busy", "fields": {"host": "n1"}, "author": "ann"})),
    ] {
        let (status, told) = post(&skep, path, &body);
        assert!(status < 300, "{told}");
    }
    send(&skep, "n1", 99.0);
    skep.wait_for("service = \"alert/down\" and state = \"critical\"", 1);
    let [silence, disabled] = [json!({"by": "silence", "id": "1"}), json!({"by": "disabled", "id": "2"})];
    let unless = json!({"by": "alert", "alert": "down", "instance": "n1"});
    let acknowledged = json!({"by": "acknowledgement", "author": "ann"});
    assert_eq!(muted("n1").0, json!([silence, disabled, unless, acknowledged]));
    assert_eq!(muted("n2").0, json!([disabled]));
    skep.stop();
}

#[test]
fn what_was_held_back_of_a_rule_that_is_gone_is_not_told_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let skep = start(&dir);
    let (status, made) = post(&skep, "/api/v1/silences", &json!({"where": "host = \"n1\"", "for": "1h"}));
    assert_eq!(status, 201, "{made}");
    send(&skep, "n1", 60.0);
    skep.wait_for("service = \"alert/busy\" and state = \"critical\"", 1);
    skep.stop();
    let skep = start_with(&dir, &BUSY.replace("busy", "hot"));
    assert_eq!(http::request(skep.http, "DELETE", "/api/v1/silences/1", &[], b"").unwrap().status, 200);
    send(&skep, "n1", 60.0);
    wait_for_log(&skep, "alert hot n1: critical");
    let log = skep.stop();
    assert!(!log.contains("alert busy n1"), "{log}");
}
