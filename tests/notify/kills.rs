//! `kill -9` at random moments between an alert's opening and its message: every message arrives, and doubles carry the same id.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use testbed::wait_until;

use crate::common::sender::{Sender, event};
use crate::common::{PATIENCE, Skep};
use crate::servers::{Mail, MailServer, PostBox};

/// How often the process is killed; `SKEP_NOTIFY_KILLS` says otherwise.
const KILLS: u32 = 5;

/// Between an alert's opening and its message.
const WAIT_MS: u64 = 300;

/// Between the arrival of a message and the answer that says so: killed in it, the message comes twice.
const ANSWER_MS: u64 = 100;

/// The ids of the messages about each host.
type Told = BTreeMap<String, Vec<String>>;

#[test]
fn no_post_is_lost_and_doubles_are_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let Some(post_box) = PostBox::start(&folder.path().join("box")) else { return };
    post_box.delay(Duration::from_millis(ANSWER_MS));
    check(folder.path(), &format!("webhook: {{url: \"{}\"}}", post_box.url("/hook")), &|| {
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let told = post_box.posts().into_iter().map(|post| (text(&post["body"]["entries"][0]["host"]), text(&post["body"]["id"])));
        told.collect()
    });
}

#[test]
fn no_mail_is_lost_and_doubles_have_the_same_message_id() {
    let folder = tempfile::tempdir().unwrap();
    let Some(server) = MailServer::start_slow(&folder.path().join("smtp"), Duration::from_millis(ANSWER_MS)) else { return };
    check(folder.path(), &format!("mail: {{to: ops@example.org, smtp: \"127.0.0.1:{}\"}}", server.port), &|| {
        let host = |mail: &Mail| mail.header("Subject").unwrap().split([' ', ':']).nth(2).unwrap().to_owned();
        server.mails().iter().map(|mail| (host(mail), mail.header("Message-ID").unwrap())).collect()
    });
}

/// Kills again and again a skep that tells by this way; `arrived` are the hosts and ids of what has come.
fn check(folder: &Path, way: &str, arrived: &dyn Fn() -> Vec<(String, String)>) {
    let rules = format!(
        "alerts: {{level: {{where: service = \"level\", by: [host], crit: metric > 5, to: ops}}}}
notify: {{ops: {{{way}, group: [host], wait: {WAIT_MS}ms}}}}\n"
    );
    fs::create_dir_all(folder.join("rules")).unwrap();
    fs::write(folder.join("rules/rules.yaml"), rules).unwrap();
    fs::write(folder.join("skep.yaml"), "processor: {store: off}\n").unwrap();
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (config, rules) = (path("skep.yaml"), path("rules"));
    let start = || Skep::start("process", folder, &["--config", &config, "--rules", &rules]);

    let kills = std::env::var("SKEP_NOTIFY_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(KILLS);
    for round in 0..kills {
        let mut skep = start();
        let mut sender = Sender::connect(skep.riemann.unwrap()).unwrap();
        sender.send(&[event(&format!("h{round}"), "level", now().as_secs() as i64, 9.0, 86_400.0)]).unwrap();
        // From before the message is made until after it was sent.
        thread::sleep(Duration::from_millis(u64::from(now().subsec_nanos()) % (WAIT_MS + 2 * ANSWER_MS)));
        skep.server.kill();
    }
    let skep = start();
    let hosts: BTreeSet<String> = (0..kills).map(|round| format!("h{round}")).collect();
    let told = || {
        arrived().into_iter().fold(Told::new(), |mut told, (host, id)| {
            told.entry(host).or_default().push(id);
            told
        })
    };
    let all = wait_until(PATIENCE, || told().keys().cloned().collect::<BTreeSet<_>>() == hosts);
    skep.wait_for("service = \"skep_processor/ops/notify_waiting\" and metric = 0", 1);
    let told = told();
    assert!(all, "of {hosts:?} only {:?} were told of\n{}", told.keys(), skep.server.output());
    for (host, ids) in &told {
        assert!(ids.iter().all(|id| *id == ids[0]), "{host} was told of as several: {ids:?}");
    }
    let n_messages: usize = told.values().map(Vec::len).sum();
    println!("{kills} kills, {} messages, {} of them came twice", told.len(), n_messages - told.len());
    skep.stop();
}

fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap()
}
