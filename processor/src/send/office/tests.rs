//! Ways that come, go and fail.

use event::Timestamp;

use super::*;
use crate::notify::{Exec, Id, Kind};

fn way(command: &str) -> Way {
    let command = ["/bin/sh", "-c", command].map(str::to_owned).to_vec();
    Way::Exec(Exec { command, timeout: Duration::from_secs(60) })
}

fn office(folder: &Path) -> Office {
    let plan = Plan { notifiers: Vec::new(), ..Plan::default() };
    Office::open(folder, "n1", &plan, Handle::default(), InFlight::default()).unwrap()
}

fn add(office: &mut Office, command: &str) {
    let desk = office.desk("ops-exec", "ops", &way(command)).unwrap();
    office.desks.insert("ops-exec".to_owned(), desk);
}

fn letter(at: Timestamp) -> Letter {
    let id = Id::of_message("ops", Kind::News, at, &[]);
    Letter { id, notifier: "ops".to_owned(), kind: Kind::News, at, thread: None, entries: Vec::new(), n_more: 1 }
}

fn counts(office: &Office) -> crate::send::Counts {
    office.counts.counts().into_iter().next().unwrap().1
}

#[test]
fn a_way_that_is_gone_counts_no_more_and_its_messages_stay_for_its_return() {
    let dir = tempfile::tempdir().unwrap();
    let mut office = office(dir.path());
    add(&mut office, "exit 0");
    office.put(&letter(office.source.read().wall));
    office.sync();
    assert_eq!(counts(&office).waiting, 1);
    assert!(office.load(&Plan::default()).is_empty());
    assert_eq!(office.counts.counts(), []);
    add(&mut office, "exit 0");
    office.sync();
    assert_eq!(office.desks["ops-exec"].line.outbox.n_waiting(), 1);
    assert_eq!(fs::metadata(dir.path()).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn what_a_predecessor_of_the_same_name_settles_is_not_this_ones() {
    let dir = tempfile::tempdir().unwrap();
    let mut office = office(dir.path());
    add(&mut office, "exit 0");
    let before = office.desks["ops-exec"].life;
    office.put(&letter(office.source.read().wall));
    office.load(&Plan::default());
    add(&mut office, "sleep 50");
    office.send_due();
    office.settle(Settled { line: "ops-exec".to_owned(), life: before, result: Ok(()) });
    let line = &office.desks["ops-exec"].line;
    assert!(line.is_busy() && line.outbox.n_waiting() == 1);
}

#[test]
fn a_thread_that_has_ended_is_started_anew_and_the_message_sent_later() {
    let dir = tempfile::tempdir().unwrap();
    let mut office = office(dir.path());
    add(&mut office, "exit 0");
    office.desks.get_mut("ops-exec").unwrap().letters = bounded(1).0;
    office.put(&letter(office.source.read().wall));
    office.send_due();
    assert_eq!((counts(&office).failed, office.desks["ops-exec"].line.is_busy()), (1, false));
    while office.desks["ops-exec"].line.outbox.n_waiting() > 0 {
        office.send_due();
        if let Ok(settled) = office.settled.1.recv_timeout(office.wait().to_std()) {
            office.settle(settled);
        }
    }
    assert_eq!(counts(&office).sent, 1);
}

#[test]
fn a_message_of_yesterday_is_given_up_and_counted() {
    let dir = tempfile::tempdir().unwrap();
    let mut office = office(dir.path());
    add(&mut office, "exit 0");
    office.put(&letter(office.source.read().wall - Duration::from_secs(90_000)));
    office.send_due();
    assert_eq!((counts(&office).given_up, counts(&office).sent, office.desks["ops-exec"].line.outbox.n_waiting()), (1, 0, 0));
}
