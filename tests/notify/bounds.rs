//! Reminders, bounds and ends, at real servers.

use testbed::wait_until;

use crate::common::sender::{Sender, event};
use crate::common::{PATIENCE, Skep};
use crate::servers::{Alertmanager, MailServer};
use crate::ways::{ALERTS, now, send, start};

/// All three in one batch: what comes of them comes at one instant.
fn send_three(skep: &Skep, metric: f64) {
    let events = ["n1", "n2", "n3"].map(|host| event(host, "queue", now(), metric, 86_400.0));
    Sender::connect(skep.riemann.unwrap()).unwrap().send(&events).unwrap();
}

#[test]
fn mails_beyond_the_bound_are_one_digest_and_so_are_the_ends() {
    let folder = tempfile::tempdir().unwrap();
    let Some(server) = MailServer::start(&folder.path().join("smtp")) else { return };
    let mail = format!("mail: {{to: ops@example.org, smtp: \"127.0.0.1:{}\"}}", server.port);
    let skep = start(folder.path(), &format!("{ALERTS}notify: {{ops: {{{mail}, group: [host], at_most: 1 per 3s}}}}\n"));
    send_three(&skep, 9.0);
    server.wait_for(2, &skep);
    send_three(&skep, 1.0);
    let hosts = ["n1", "n2", "n3"];
    // A digest is a message too: the ends come in one digest, or behind the first one where the bound's time was over.
    let told = |state: &str, host: &str| {
        let bodies: String = server.mails().iter().map(|mail| mail.body().to_owned()).collect();
        bodies.matches(&format!("{state} queue-long {host}\n")).count()
    };
    let all = wait_until(PATIENCE, || hosts.iter().all(|host| told("RESOLVED", host) > 0));
    let subjects: Vec<_> = server.mails().iter().map(|mail| mail.header("Subject").unwrap()).collect();
    assert!(all, "{subjects:#?}\n{}", skep.server.output());
    assert_eq!(subjects[1], "Digest: 2 changes of queue-long: 2 opened");
    assert!(subjects[0].starts_with("WARNING queue-long n") && subjects.last().unwrap().ends_with(" resolved"), "{subjects:#?}");
    for host in hosts {
        assert_eq!((told("WARNING", host), told("RESOLVED", host)), (1, 1), "{host}: {subjects:#?}");
    }
    skep.stop();
}

#[test]
fn a_mail_is_sent_again_while_something_is_open_and_the_end_is_the_last() {
    let folder = tempfile::tempdir().unwrap();
    let Some(server) = MailServer::start(&folder.path().join("smtp")) else { return };
    let mail = format!("mail: {{to: ops@example.org, smtp: \"127.0.0.1:{}\"}}", server.port);
    let skep = start(folder.path(), &format!("{ALERTS}notify: {{ops: {{{mail}, repeat: 1s}}}}\n"));
    send(&skep, "n1", 9.0);
    server.wait_for(3, &skep);
    send(&skep, "n1", 1.0);
    let has_ended = || server.mails().iter().any(|mail| mail.header("Subject").unwrap().starts_with("RESOLVED"));
    assert!(wait_until(PATIENCE, has_ended), "{:#?}\n{}", server.mails(), skep.server.output());
    // Another one opens and is told of twice: time enough for a reminder of what has ended.
    let n_before = server.mails().len();
    send(&skep, "n2", 9.0);
    let mails = server.wait_for(n_before + 3, &skep);
    let subjects: Vec<_> = mails.iter().map(|mail| mail.header("Subject").unwrap()).collect();
    let end = subjects.iter().position(|subject| subject == "RESOLVED queue-long n1: n1: 1 wait").unwrap();
    assert_eq!(subjects[0], "WARNING queue-long n1: n1: 9 wait");
    assert!(end >= 3 && subjects[1..end].iter().all(|subject| subject == "Still open: WARNING queue-long n1: n1: 9 wait"), "{subjects:#?}");
    assert!(subjects[end + 1..].iter().all(|subject| subject.contains(" n2: ")), "{subjects:#?}");
    let ids: std::collections::BTreeSet<_> = mails.iter().map(|mail| mail.header("Message-ID")).collect();
    assert_eq!(ids.len(), mails.len(), "each is a mail of its own");
    assert_eq!(mails[end].header("In-Reply-To"), mails[0].header("Message-ID"));
    skep.stop();
}

#[test]
fn the_end_of_an_alert_reaches_an_alertmanager_beyond_the_bound_too() {
    let folder = tempfile::tempdir().unwrap();
    let Some(alertmanager) = Alertmanager::start(&folder.path().join("am")) else { return };
    let way = format!("alertmanager: {{url: \"http://127.0.0.1:{}\"}}", alertmanager.port);
    let skep = start(folder.path(), &format!("{ALERTS}notify: {{ops: {{{way}, group: [host], at_most: 1 per 2s, repeat: 1s}}}}\n"));
    send_three(&skep, 9.0);
    let hosts = || {
        let mut hosts: Vec<_> = alertmanager.alerts().iter().map(|alert| alert["labels"]["host"].as_str().unwrap().to_owned()).collect();
        hosts.sort();
        hosts
    };
    assert!(wait_until(PATIENCE, || hosts() == ["n1", "n2", "n3"]), "{:?}\n{}", hosts(), skep.server.output());
    send_three(&skep, 1.0);
    // By themselves they would stay for five minutes.
    assert!(wait_until(PATIENCE, || hosts().is_empty()), "{:#?}\n{}", alertmanager.alerts(), skep.server.output());
    skep.stop();
}
