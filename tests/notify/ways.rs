//! An alert opens, rises, is told of again and ends, by each way that can be had here.

use std::fs;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use testbed::wait_until;

use crate::common::sender::{Sender, event};
use crate::common::{PATIENCE, Skep, project, run};
use crate::servers::{Alertmanager, MailServer, PostBox};

pub(crate) const ALERTS: &str = "alerts:
  queue-long:
    where: service = \"queue\"
    by: [host]
    warn: metric > 5
    crit: metric > 50
    message: \"{{host}}: {{metric}} wait\"
    runbook: https://runbooks.example.org/queue
    to: ops
";

/// A skep with these notifiers.
pub(crate) fn start(folder: &Path, rules: &str) -> Skep {
    fs::create_dir_all(folder.join("rules")).unwrap();
    fs::write(folder.join("rules/rules.yaml"), rules).unwrap();
    fs::write(folder.join("skep.yaml"), "processor: {store: off}\ncollector: {host: lab}\n").unwrap();
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    Skep::start("process", folder, &["--config", &path("skep.yaml"), "--rules", &path("rules")])
}

pub(crate) fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64
}

pub(crate) fn send(skep: &Skep, host: &str, metric: f64) {
    Sender::connect(skep.riemann.unwrap()).unwrap().send(&[event(host, "queue", now(), metric, 86_400.0)]).unwrap();
}

#[test]
fn a_mail_tells_of_the_opening_and_the_end_follows_on_it() {
    let folder = tempfile::tempdir().unwrap();
    let Some(server) = MailServer::start(&folder.path().join("smtp")) else { return };
    let notify = format!("notify: {{ops: {{mail: {{to: ops@example.org, smtp: \"127.0.0.1:{}\"}}}}}}\n", server.port);
    let skep = start(folder.path(), &format!("{ALERTS}{notify}"));
    send(&skep, "n1", 9.0);
    let opening = server.wait_for(1, &skep)[0].clone();
    send(&skep, "n1", 90.0);
    server.wait_for(2, &skep);
    send(&skep, "n1", 1.0);
    let mails = server.wait_for(3, &skep);

    let header = |name: &str| opening.header(name).unwrap_or_default();
    assert_eq!(header("Subject"), "WARNING queue-long n1: n1: 9 wait");
    assert_eq!((header("From"), header("To")), ("skep@lab".to_owned(), "ops@example.org".to_owned()));
    let lines: Vec<&str> = opening.body().lines().filter(|line| !line.trim_start().starts_with("since")).collect();
    assert_eq!(lines[..4], ["WARNING queue-long n1", "  n1: 9 wait", "  value 9", "  runbook https://runbooks.example.org/queue"]);
    assert!(header("Message-ID").ends_with("@skep.lab>"));
    assert_eq!((opening.header("In-Reply-To"), opening.header("References")), (None, None));
    let subjects: Vec<_> = mails.iter().filter_map(|mail| mail.header("Subject")).collect();
    assert_eq!(subjects[1..], ["CRITICAL queue-long n1: n1: 90 wait", "RESOLVED queue-long n1: n1: 1 wait"]);
    for later in &mails[1..] {
        assert_eq!(later.header("In-Reply-To"), opening.header("Message-ID"));
        assert_eq!(later.header("References"), opening.header("Message-ID"));
    }
    skep.wait_for("service = \"skep_processor/ops/notify_sent\" and metric = 3", 1);
    skep.stop();
}

#[test]
fn a_mail_server_with_starttls_and_a_password_is_spoken_to_in_the_dark_only() {
    let folder = tempfile::tempdir().unwrap();
    let Some(server) = MailServer::start_guarded(&folder.path().join("smtp")) else { return };
    fs::write(folder.path().join("password"), "secret\n").unwrap();
    fs::write(folder.path().join("wrong"), "wrong\n").unwrap();
    let mail = |tls: &str, password: &str| {
        let (port, ca) = (server.port, project("processor/tests/tls/ca.pem"));
        let (folder, ca) = (folder.path().display(), ca.display());
        format!(
            "{{to: ops@example.org, smtp: \"localhost:{port}\", tls: {tls}, user: skep, password_file: {folder}/{password}, ca_file: {ca}}}"
        )
    };
    let rules = format!(
        "notify:\n  good: {{mail: {}}}\n  bad: {{mail: {}}}\n  clear: {{mail: {}}}\n",
        mail("starttls", "password"),
        mail("starttls", "wrong"),
        mail("off", "password")
    );
    fs::write(folder.path().join("rules.yaml"), rules).unwrap();
    let test = |name: &str| run(&["notify-test", name, "--rules", folder.path().join("rules.yaml").to_str().unwrap()]);
    let (code, out, error) = test("good");
    assert_eq!((code, out.as_str()), (0, "mail: taken by the other side\n"), "{error}");
    let (code, out, _) = test("bad");
    assert!(code == 1 && out.starts_with("mail: failed: "), "{code} {out}");
    let (code, out, _) = test("clear");
    assert!(code == 1 && out.starts_with("mail: failed: "), "{code} {out}");
    assert_eq!(server.mails().len(), 1);
    assert!(server.mails()[0].header("Subject").unwrap().starts_with("Test: INFO notify-test"));
}

#[test]
fn an_alertmanager_holds_what_is_open_and_lets_go_of_what_has_ended() {
    let folder = tempfile::tempdir().unwrap();
    let Some(alertmanager) = Alertmanager::start(&folder.path().join("am")) else { return };
    let notify = format!("notify: {{ops: {{alertmanager: {{url: \"http://127.0.0.1:{}\"}}, repeat: 1s}}}}\n", alertmanager.port);
    let skep = start(folder.path(), &format!("{ALERTS}{notify}"));
    let severities = || {
        let mut open: Vec<_> = alertmanager.alerts().iter().map(|alert| alert["labels"]["severity"].as_str().unwrap().to_owned()).collect();
        open.sort();
        open
    };
    send(&skep, "n1", 9.0);
    assert!(wait_until(PATIENCE, || severities() == ["warning"]), "{:?}\n{}", severities(), skep.server.output());
    let alert = alertmanager.alerts()[0].clone();
    assert_eq!((&alert["labels"]["alertname"], &alert["labels"]["host"]), (&"queue-long".into(), &"n1".into()));
    assert_eq!(alert["annotations"]["summary"], "n1: 9 wait");
    assert_eq!(alert["annotations"]["runbook_url"], "https://runbooks.example.org/queue");
    let first_end = alert["endsAt"].as_str().unwrap().to_owned();
    let refreshed =
        wait_until(PATIENCE, || alertmanager.alerts().first().is_some_and(|alert| alert["endsAt"].as_str() > Some(first_end.as_str())));
    assert!(refreshed, "the alert is not told of again: {}", skep.server.output());
    send(&skep, "n1", 90.0);
    assert!(wait_until(PATIENCE, || severities() == ["critical"]), "{:?}", severities());
    send(&skep, "n1", 1.0);
    assert!(wait_until(PATIENCE, || severities().is_empty()), "{:?}", severities());
    skep.stop();
}

#[test]
fn a_webhook_is_grouped_bounded_and_told_again_and_the_rest_is_a_digest() {
    let folder = tempfile::tempdir().unwrap();
    let Some(post_box) = PostBox::start(&folder.path().join("box")) else { return };
    fs::write(folder.path().join("token"), "Bearer abc\n").unwrap();
    let notify = format!(
        "notify:\n  ops:\n    webhook: {{url: \"{}\", headers: {{X-Team: web, Authorization: {{file: {}/token}}}}}}\n    wait: 300ms\n    \
         at_most: 2 per 4s\n",
        post_box.url("/hook"),
        folder.path().display()
    );
    let skep = start(folder.path(), &format!("{ALERTS}{notify}"));
    for host in ["n1", "n2"] {
        send(&skep, host, 9.0);
    }
    post_box.wait_for(1, &skep);
    send(&skep, "n3", 9.0);
    post_box.wait_for(2, &skep);
    // Beyond the bound: both wait for the digest.
    send(&skep, "n4", 9.0);
    skep.wait_for("service = \"alert/queue-long\" and host = \"n4\"", 1);
    send(&skep, "n1", 1.0);
    let posts = post_box.wait_for(3, &skep);
    let told: Vec<_> =
        posts.iter().map(|post| (post["body"]["kind"].as_str().unwrap(), post["body"]["entries"].as_array().unwrap().len())).collect();
    assert_eq!(told[..2], [("news", 2), ("news", 1)]);
    assert_eq!(told[2], ("digest", 2), "{posts:#?}");
    let entry = &posts[0]["body"]["entries"][0];
    assert_eq!((&entry["alert"], &entry["state"], &entry["change"]), (&"queue-long".into(), &"warning".into(), &"opened".into()));
    assert_eq!((&entry["value"], &entry["message"], &entry["fields"]["host"]), (&9.0.into(), &"n1: 9 wait".into(), &"n1".into()));
    let headers = &posts[0]["headers"];
    assert_eq!((&headers["x-team"], &headers["authorization"]), (&"web".into(), &"Bearer abc".into()));
    skep.stop();
}

#[test]
fn what_is_away_is_tried_again_and_what_refuses_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let Some(post_box) = PostBox::start(&folder.path().join("box")) else { return };
    let notify = format!("notify: {{ops: {{webhook: {{url: \"{}\"}}}}}}\n", post_box.url("/hook"));
    post_box.answer(503);
    let skep = start(folder.path(), &format!("{ALERTS}{notify}"));
    send(&skep, "n1", 9.0);
    post_box.wait_for(2, &skep);
    post_box.answer(404);
    skep.wait_for("service = \"skep_processor/ops/notify_given_up\" and metric = 1", 1);
    post_box.answer(200);
    send(&skep, "n2", 9.0);
    skep.wait_for("service = \"skep_processor/ops/notify_sent\" and metric = 1", 1);
    let posts = post_box.posts();
    let last = posts.last().unwrap();
    assert_eq!(last["body"]["entries"][0]["host"], "n2");
    // All tries of one message carry the same id.
    let ids = |host: &str| {
        posts.iter().filter(|post| post["body"]["entries"][0]["host"] == host).map(|post| post["body"]["id"].clone()).collect::<Vec<_>>()
    };
    assert!(ids("n1").windows(2).all(|pair| pair[0] == pair[1]));
    assert!(skep.stop().contains("given up: WARNING queue-long n1"));
}

#[test]
fn a_program_gets_the_message_and_is_ended_with_all_that_it_started() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().display();
    let notify = format!(
        "notify:\n  ops:\n    exec: {{command: [/bin/sh, -c, \"cat > {path}/got; echo $$ > {path}/pid; sleep 600 & wait\"], timeout: 500ms}}\n"
    );
    let skep = start(folder.path(), &format!("{ALERTS}{notify}"));
    send(&skep, "n1", 9.0);
    let log = || skep.server.output();
    assert!(wait_until(PATIENCE, || log().contains("/bin/sh had not ended within 500ms, and was killed")), "{}", log());
    let got: serde_json::Value = serde_json::from_str(&fs::read_to_string(folder.path().join("got")).unwrap()).unwrap();
    assert_eq!(got["subject"], "WARNING queue-long n1: n1: 9 wait");
    let group = fs::read_to_string(folder.path().join("pid")).unwrap();
    let alive = || run_kill(group.trim());
    skep.stop();
    assert!(wait_until(PATIENCE, || !alive()), "something of group {group} is left");
}

/// Whether the process group has members.
fn run_kill(group: &str) -> bool {
    std::process::Command::new("/bin/sh").args(["-c", &format!("kill -0 -{group}")]).output().unwrap().status.success()
}

#[test]
fn who_outlives_a_program_with_its_pipes_in_hand_costs_no_thread() {
    let folder = tempfile::tempdir().unwrap();
    // In a session of its own it is not killed with the program.
    let command = "[/bin/sh, -c, \"setsid sleep 20 & echo gone wrong >&2; exit 3\"]";
    let skep = start(folder.path(), &format!("{ALERTS}notify: {{ops: {{exec: {{command: {command}}}}}}}\n"));
    send(&skep, "n1", 9.0);
    skep.wait_for("service = \"skep_processor/ops/notify_failed\" and metric >= 3", 1);
    let tasks = fs::read_dir(format!("/proc/{}/task", skep.server.pid())).unwrap();
    let names = tasks.filter_map(|task| fs::read_to_string(task.ok()?.path().join("comm")).ok());
    // A thread that is not named has the name of the one that started it.
    assert_eq!(names.filter(|name| name.trim() == "to ops-exec").count(), 1);
    assert!(skep.stop().contains("/bin/sh ended with exit status: 3 gone wrong"));
}

#[test]
fn a_dead_node_is_not_told_of_for_its_cpu_too() {
    let folder = tempfile::tempdir().unwrap();
    let Some(post_box) = PostBox::start(&folder.path().join("box")) else { return };
    let rules = format!(
        "alerts:
  node-gone:
    where: service = \"beat\"
    by: [host]
    absent: 1s
    to: ops
  cpu-lost:
    where: service = \"queue\"
    by: [host]
    absent: 1s
    unless: {{alert: node-gone, same: [host]}}
    to: ops
notify: {{ops: {{webhook: {{url: \"{}\"}}, group: [alert, host], wait: 500ms}}}}
",
        post_box.url("/hook")
    );
    let skep = start(folder.path(), &rules);
    let mut sender = Sender::connect(skep.riemann.unwrap()).unwrap();
    // The same moment, the CPU first: what tells of the node withdraws what waits of its CPU.
    sender.send(&[event("n1", "queue", now(), 1.0, 600.0), event("n1", "beat", now(), 1.0, 600.0)]).unwrap();
    // Another node whose CPU alone falls silent, later: when it is told, the first node's would have been.
    sender.send(&[event("n2", "queue", now(), 1.0, 600.0), event("n2", "beat", now(), 1.0, 600.0)]).unwrap();
    let beats = || sender.send(&[event("n2", "beat", now(), 1.0, 600.0)]).is_ok();
    let mut beats = beats;
    assert!(wait_until(PATIENCE, || beats() && post_box.posts().len() >= 2), "{:#?}", post_box.posts());
    let mut told: Vec<_> =
        post_box.posts().iter().map(|post| post["body"]["subject"].as_str().unwrap().split(':').next().unwrap().to_owned()).collect();
    told.sort();
    assert_eq!(told, ["CRITICAL cpu-lost n2", "CRITICAL node-gone n1"]);
    skep.stop();
}

#[test]
fn a_secret_that_cannot_be_read_stops_the_start_and_only_warns_in_a_check() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rules.yaml");
    let rules = "notify:\n  pager:\n    pagerduty: {routing_key_file: /nowhere/pagerduty}\n";
    fs::write(&file, rules).unwrap();
    let (rules, data) = (file.to_str().unwrap(), folder.path().join("data"));
    let report = |level: &str| {
        format!(
            "{level}: could not read `/nowhere/pagerduty`: there is no such file or folder\n --> {rules}:3:35\n  |\n3 |     pagerduty: \
             {{routing_key_file: /nowhere/pagerduty}}\n  |                                   ^^^^^^^^^^^^^^^^^^\n"
        )
    };
    let (code, _, error) = run(&["process", "--rules", rules, "--data-dir", data.to_str().unwrap(), "--http", "127.0.0.1:0"]);
    assert_eq!((code, error.trim_end()), (2, report("error").trim_end()));
    let (code, out, error) = run(&["check", rules]);
    assert!(code == 0 && format!("{out}{error}").contains(report("warning").trim_end()), "{code} {out} {error}");
    let (code, _, error) = run(&["notify-test", "pagr", "--rules", rules]);
    assert!(code == 1 && error.contains("there is no notifier `pagr`; did you mean `pager`?"), "{code} {error}");
    let (code, out, _) = run(&["notify-test", "pager", "--rules", rules]);
    assert_eq!((code, out.as_str()), (1, "pagerduty: failed: could not read /nowhere/pagerduty: No such file or directory (os error 2)\n"));
}

#[test]
fn after_a_reload_messages_go_where_the_new_rules_say_and_a_removed_rule_is_told_of_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let Some(post_box) = PostBox::start(&folder.path().join("box")) else { return };
    let notify = |path: &str| format!("notify: {{ops: {{webhook: {{url: \"{}\"}}, repeat: 1s}}}}\n", post_box.url(path));
    let skep = start(folder.path(), &format!("{ALERTS}{}", notify("/old")));
    send(&skep, "n1", 9.0);
    post_box.wait_for(1, &skep);
    let write = |rules: String| {
        fs::write(folder.path().join("rules/rules.yaml"), rules).unwrap();
        let answer = testbed::http::request(skep.http, "POST", "/reload", &[], b"").unwrap();
        assert_eq!(answer.status, 200, "{}", answer.body);
    };
    write(format!("{ALERTS}{}", notify("/new")));
    let told = |path: &str| post_box.posts().iter().filter(|post| post["path"] == path).count();
    assert!(wait_until(PATIENCE, || told("/new") >= 2), "no reminder came: {}", skep.server.output());
    write(format!("alerts: {{other: {{where: service = \"other\", crit: metric > 9, to: ops}}}}\n{}", notify("/last")));
    let mut sender = Sender::connect(skep.riemann.unwrap()).unwrap();
    sender.send(&[event("n2", "other", now(), 90.0, 86_400.0)]).unwrap();
    assert!(wait_until(PATIENCE, || told("/last") >= 3), "no reminder came: {}", skep.server.output());
    let last: Vec<_> = post_box.posts().into_iter().filter(|post| post["path"] == "/last").collect();
    assert!(last.iter().all(|post| post["body"]["entries"][0]["alert"] == "other"), "{last:#?}");
    skep.stop();
}
