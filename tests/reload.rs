//! Rules that change while skep runs: edited files, SIGHUP, mistakes, and alerts whose rule is gone.

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
use std::path::PathBuf;

use common::Skep;
use common::sender::{Sender, event};
use serde_json::json;
use tempfile::TempDir;
use testbed::{http, wait_until};

/// A processor with a folder of rules.
struct Rules {
    dir: TempDir,
    skep: Skep,
}

impl Rules {
    fn start(text: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("rules")).unwrap();
        fs::write(dir.path().join("rules/app.yaml"), text).unwrap();
        let skep = Skep::start("process", dir.path(), &["--rules", dir.path().join("rules").to_str().unwrap()]);
        Self { dir, skep }
    }

    fn file(&self) -> PathBuf {
        self.dir.path().join("rules/app.yaml")
    }

    fn write(&self, text: &str) {
        fs::write(self.file(), text).unwrap();
    }

    /// The service `app/load` of these hosts, at one load.
    fn send(&self, hosts: &[&str], load: f64) {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64;
        let events: Vec<_> = hosts.iter().map(|host| event(host, "app/load", now, load, 3600.0)).collect();
        Sender::connect(self.skep.riemann.unwrap()).unwrap().send(&events).unwrap();
    }

    /// Sends the load until a query finds something.
    #[track_caller]
    fn send_until(&self, load: f64, query: &str) {
        let found = wait_until(common::PATIENCE, || {
            self.send(&["n1"], load);
            !self.skep.index(query).is_empty()
        });
        assert!(found, "`{query}` finds nothing; skep says:\n{}", self.skep.server.output());
    }

    #[track_caller]
    fn wait_for_log(&self, text: &str) {
        let seen = wait_until(common::PATIENCE, || self.skep.server.output().contains(text));
        assert!(seen, "`{text}` is not in the log:\n{}", self.skep.server.output());
    }
}

fn busy(level: u32) -> String {
    format!("alerts:\n  busy:\n    where: service = \"app/load\"\n    by: [host]\n    crit: metric > {level}\n")
}

#[test]
fn an_edited_file_counts_by_itself_and_keeps_what_is_open() {
    let rules = Rules::start(&busy(90));
    rules.send(&["n1"], 95.0);
    let since = rules.skep.wait_for("service = \"alert/busy\" and state = \"critical\"", 1)[0]["since"].clone();
    rules.write(&(busy(50) + "  quiet:\n    where: service = \"app/load\"\n    crit: metric < 1\n"));
    rules.wait_for_log("the rule files changed: the rules were read again");
    rules.wait_for_log("added quiet; changed busy");
    assert_eq!(rules.skep.index("service = \"alert/busy\"")[0]["since"], since);
    rules.send(&["n2"], 60.0);
    rules.skep.wait_for("service = \"alert/busy\" and state = \"critical\"", 2);
    rules.skep.stop();
}

#[test]
fn a_broken_file_changes_nothing_and_is_an_alert_until_it_is_right() {
    let rules = Rules::start(&busy(90));
    rules.write(&(busy(50) + "    wehn: 5s\n"));
    let invalid = rules.skep.wait_for("service = \"alert/rules-invalid\" and state = \"warning\"", 1);
    let message = invalid[0]["message"].as_str().unwrap();
    assert!(message.contains("app.yaml:6:5: unknown key `wehn`"), "{message}");
    rules.wait_for_log("did you mean `warn`");
    let refused = http::request(rules.skep.http, "POST", "/reload", &[], b"").unwrap();
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("unknown key `wehn`"), "{}", refused.body);
    rules.send(&["n1", "n2"], 60.0);
    rules.send(&["n1"], 95.0);
    rules.skep.wait_for("host = \"n1\" and service = \"alert/busy\"", 1);
    assert_eq!(rules.skep.index("service = \"alert/busy\"").len(), 1);
    rules.write(&busy(50));
    let right = rules.skep.wait_for("service = \"alert/rules-invalid\" and state = \"ok\"", 1);
    assert!(right[0]["message"].as_str().unwrap().ends_with(": first mistake in the rule files: none"), "{right:#?}");
    rules.skep.stop();
}

#[test]
fn sighup_reads_the_rules_again() {
    let rules = Rules::start(&busy(90));
    rules.skep.server.hang_up();
    rules.wait_for_log("SIGHUP: the rules were read again");
    rules.wait_for_log("nothing changed");
    rules.write(&busy(50));
    rules.skep.server.hang_up();
    rules.send_until(60.0, "service = \"alert/busy\" and state = \"critical\"");
    rules.skep.stop();
}

#[test]
fn a_rule_that_is_removed_takes_its_open_alerts_along_without_a_word() {
    let rules = Rules::start(&busy(50));
    let hosts: Vec<String> = (0..200).map(|n| format!("n{n}")).collect();
    rules.send(&hosts.iter().map(String::as_str).collect::<Vec<_>>(), 60.0);
    rules.skep.wait_for("service = \"alert/busy\" and state = \"critical\"", 200);
    let sent = rules.skep.number("skep_processor_notifications_total");
    rules.write("alerts: {}\n");
    let answer = http::request(rules.skep.http, "POST", "/reload", &[], b"").unwrap();
    let told: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!((answer.status, &told["removed"]), (200, &json!(["busy"])));
    assert_eq!(rules.skep.index("service = \"alert/busy\""), [json!(null); 0]);
    assert_eq!(rules.skep.json("/api/v1/alerts"), json!([]));
    assert_eq!(rules.skep.number("skep_processor_notifications_total"), sent);
    let log = rules.skep.stop();
    assert_eq!(log.lines().filter(|line| line.contains("alert busy n")).count(), 200, "{log}");
}

#[test]
fn who_is_told_and_what_is_silenced_is_named_when_it_alone_changes() {
    let telling = |rest: &str| format!("{}    to: ops\nnotify:\n  ops: {{exec: {{command: [/bin/true]}}}}\n{rest}", busy(90));
    let rules = Rules::start(&telling("  old: {exec: {command: [/bin/true]}}\n"));
    let reload = |text: &str| -> serde_json::Value {
        rules.write(text);
        let answer = http::request(rules.skep.http, "POST", "/reload", &[], b"").unwrap();
        serde_json::from_str(&answer.body).unwrap()
    };
    let silence = "silences: [{where: 'host = \"n1\"', every: \"Sat 02:00-04:00\"}]\n";
    let told = reload(&telling(&format!("  default: {{exec: {{command: [/bin/true]}}}}\n{silence}")).replace("ops: {", "ops: {wait: 5s, "));
    let expected =
        json!({"added": ["notifier default", "silence host = \"n1\""], "changed": ["notifier ops"], "removed": ["notifier old"]});
    let of = |told: &serde_json::Value| json!({"added": told["added"], "changed": told["changed"], "removed": told["removed"]});
    assert_eq!(of(&told), expected);
    // The alert alone goes elsewhere.
    let text = telling(&format!("  default: {{exec: {{command: [/bin/true]}}}}\n{silence}")).replace("ops: {", "ops: {wait: 5s, ");
    assert_eq!(of(&reload(&text.replace("to: ops", "to: []"))), json!({"added": [], "changed": ["busy"], "removed": []}));
    rules.wait_for_log("added notifier default, silence host = \"n1\"; changed notifier ops; removed notifier old");
    rules.skep.stop();
}

#[test]
fn each_rule_is_told_with_its_place_its_text_its_tests_and_when_it_was_read() {
    let tested = |level: u32| {
        format!(
            "{}\nstreams:\n  loud:\n    steps: [{{to: [index]}}]\n\ntests:\n  - name: much is too much\n    events: [{{host: n1, service: app/load, metric: 99}}]\n    expect: []\n",
            busy(level)
        )
    };
    let rules = Rules::start(&tested(50));
    let file = rules.file().display().to_string();
    let one = |address: &str| rules.skep.json(&format!("/api/v1/rules?{address}"));
    let told = one("alert=busy");
    let busy_rule = &told["rules"][0];
    assert_eq!((&busy_rule["file"], &busy_rule["line"]), (&json!(file), &json!(2)), "{told}");
    let text = "busy:\n  where: service = \"app/load\"\n  by: [host]\n  crit: metric > 50";
    assert_eq!(busy_rule["written"], json!([{ "file": file, "line": 2, "text": text }]));
    assert_eq!(busy_rule["tests"], json!([{ "name": "much is too much", "file": file, "line": 12 }]));
    assert_eq!(one("stream=loud")["streams"][0]["written"][0]["text"], "loud:\n  steps: [{to: [index]}]");
    let all = rules.skep.json("/api/v1/rules");
    assert_eq!(all["streams"], json!([{ "name": "loud", "enabled": true, "file": file, "line": 8 }]));
    let cpu = one("alert=cpu-high")["rules"][0].clone();
    assert_eq!((&cpu["file"], cpu["tests"].as_array().unwrap().is_empty()), (&json!("<stock>/cpu.yaml"), false), "{cpu}");
    for (address, status, part) in [
        ("alert=bussy", 404, "did you mean `busy`?"),
        ("stream=quiet", 404, "there is no stream `quiet`; there are loud"),
        ("alert=busy&stream=loud", 400, "give one of them"),
    ] {
        let refused = http::get(rules.skep.http, &format!("/api/v1/rules?{address}")).unwrap();
        assert_eq!((refused.status, refused.body.contains(part)), (status, true), "{}", refused.body);
    }
    let at_start = all["last_reload"].clone();
    assert_eq!((&at_start["ok"], &at_start["at"]), (&json!(true), &at_start["since"]), "{at_start}");
    rules.write(&tested(60));
    assert_eq!(http::request(rules.skep.http, "POST", "/reload", &[], b"").unwrap().status, 200);
    let after = one("alert=busy");
    assert!(after["rules"][0]["written"][0]["text"].as_str().unwrap().ends_with("crit: metric > 60"), "{after}");
    assert_ne!(after["last_reload"]["since"], at_start["since"]);
    rules.write("alerts: [");
    assert_eq!(http::request(rules.skep.http, "POST", "/reload", &[], b"").unwrap().status, 422);
    let failed = one("alert=busy");
    assert_eq!((&failed["last_reload"]["ok"], &failed["rules"]), (&json!(false), &after["rules"]));
    assert_ne!(failed["last_reload"]["at"], failed["last_reload"]["since"], "the try is later than what runs");
    rules.skep.stop();
}
