//! What an outbox holds after restarts, replays, floods and damage.

use engine::rules::Said;
use engine::{Change, State};

use super::*;
use crate::notify::{Entry, What};

fn at(secs: i64) -> Timestamp {
    Timestamp::from_secs(secs)
}

fn letter(kind: Kind, host: &str, secs: i64) -> Letter {
    let entry = Entry::from(What {
        rule: "cpu-high".to_owned(),
        instance: host.to_owned(),
        fields: vec![("host".to_owned(), Some(host.to_owned()))],
        host: Some(host.to_owned()),
        state: State::Critical,
        change: Change::Opened,
        since: at(secs),
        value: Some(97.0),
        text: "CPU at 97 %".to_owned(),
        said: Said { runbook: Some("https://example.org".to_owned()), ..Said::default() },
    });
    let id = Id::of_message("ops", kind, at(secs), std::slice::from_ref(&entry));
    Letter { id, notifier: "ops".to_owned(), kind, at: at(secs), thread: None, entries: vec![entry], n_more: 0 }
}

#[track_caller]
fn put(outbox: &mut Outbox, letter: Letter) -> Option<usize> {
    let (taken, written) = outbox.put(letter);
    written.unwrap();
    taken
}

fn waiting(outbox: &Outbox) -> Vec<Letter> {
    outbox.waiting.iter().map(|waiting| (*waiting.letter).clone()).collect()
}

#[test]
fn what_was_not_sent_waits_after_a_restart_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ops-mail.outbox");
    let mut outbox = Outbox::open(&path, at(9)).unwrap();
    let (first, second) = (letter(Kind::News, "n1", 1), letter(Kind::News, "n2", 2));
    assert_eq!(put(&mut outbox, first.clone()), Some(0));
    assert_eq!(put(&mut outbox, second.clone()), Some(0));
    let number = outbox.first().unwrap().number;
    outbox.end(number).unwrap();
    outbox.sync(at(3)).unwrap();
    let outbox = Outbox::open(&path, at(9)).unwrap();
    assert_eq!(waiting(&outbox), [second]);
}

#[test]
fn what_a_replay_brings_again_is_dropped_and_what_is_new_in_it_is_kept() {
    for restarted in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ops-mail.outbox");
        let mut outbox = Outbox::open(&path, at(9)).unwrap();
        let first = letter(Kind::News, "n1", 1);
        assert_eq!(put(&mut outbox, first.clone()), Some(0));
        outbox.end(0).unwrap();
        if restarted {
            outbox = Outbox::open(&path, at(9)).unwrap();
        }
        assert_eq!(put(&mut outbox, first.clone()), None);
        let mut both = letter(Kind::News, "n2", 1);
        both.entries.extend(first.entries.clone());
        assert_eq!(put(&mut outbox, both), Some(0));
        assert_eq!(waiting(&outbox)[0].entries.iter().map(|entry| entry.instance.as_str()).collect::<Vec<_>>(), ["n2"]);
        // A reminder tells the same again, and is itself told once.
        assert_eq!(put(&mut outbox, letter(Kind::Reminder, "n1", 9)), Some(0));
        assert_eq!(put(&mut outbox, letter(Kind::Reminder, "n1", 9)), None);
    }
}

#[test]
fn beyond_the_bound_reminders_go_first_and_then_the_oldest() {
    let dir = tempfile::tempdir().unwrap();
    let mut outbox = Outbox::open(&dir.path().join("ops-mail.outbox"), at(9)).unwrap();
    assert_eq!(put(&mut outbox, letter(Kind::News, "first", 0)), Some(0));
    assert_eq!(put(&mut outbox, letter(Kind::Reminder, "first", 1)), Some(0));
    for secs in 2..MAX_LETTERS as i64 {
        assert_eq!(put(&mut outbox, letter(Kind::News, "n1", secs)), Some(0));
    }
    assert_eq!(put(&mut outbox, letter(Kind::News, "n1", 20_000)), Some(1));
    assert_eq!((outbox.n_waiting(), waiting(&outbox).iter().filter(|letter| letter.kind == Kind::Reminder).count()), (MAX_LETTERS, 0));
    assert_eq!(waiting(&outbox)[0].entries[0].instance, "first");
    assert_eq!(put(&mut outbox, letter(Kind::News, "n1", 20_001)), Some(1));
    assert_eq!(waiting(&outbox)[0].entries[0].instance, "n1");
}

#[test]
fn the_file_stays_short_while_messages_come_and_go_and_keys_are_kept_for_a_day() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ops-mail.outbox");
    let mut outbox = Outbox::open(&path, at(0)).unwrap();
    put(&mut outbox, letter(Kind::News, "old", 0));
    outbox.end(0).unwrap();
    let (mut longest, mut shrank) = (0, false);
    for secs in 90_000..97_000 {
        assert_eq!(put(&mut outbox, letter(Kind::News, "n1", secs)), Some(0));
        let number = outbox.first().unwrap().number;
        outbox.end(number).unwrap();
        let before = outbox.n_file;
        if secs % 100 == 0 {
            outbox.sync(at(secs)).unwrap();
        }
        shrank |= outbox.n_file < before;
        longest = longest.max(fs::metadata(&path).unwrap().len() as usize);
    }
    assert!(shrank && longest < 2 * KEY_LINE * 14_000 + SLACK + (1 << 17), "{longest} bytes");
    let mut outbox = Outbox::open(&path, at(97_001)).unwrap();
    assert_eq!(outbox.n_waiting(), 0);
    assert_eq!(put(&mut outbox, letter(Kind::News, "n1", 96_999)), None);
    assert_eq!(put(&mut outbox, letter(Kind::News, "old", 0)), Some(0));
}

#[test]
fn a_long_file_is_written_anew_when_it_is_opened_and_only_its_owner_reads_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ops-mail.outbox");
    put(&mut Outbox::open(&path, at(9)).unwrap(), letter(Kind::News, "n1", 1));
    let mut bytes = fs::read(&path).unwrap();
    bytes.extend(b"{\"end\":77}\n".repeat(200_000));
    fs::write(&path, &bytes).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    let outbox = Outbox::open(&path, at(9)).unwrap();
    assert_eq!(outbox.n_waiting(), 1);
    let file = fs::metadata(&path).unwrap();
    assert!(file.len() < 2000, "{} bytes", file.len());
    assert_eq!(file.permissions().mode() & 0o777, 0o600);
}

#[test]
fn what_cannot_be_read_is_passed_over() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ops-mail.outbox");
    put(&mut Outbox::open(&path, at(9)).unwrap(), letter(Kind::News, "n1", 1));
    let whole = fs::read(&path).unwrap();
    let torn = [b"\xff\x00 garbage\n{\"put\":[7,{}]}\n".as_slice(), &whole, &whole[..whole.len() / 2]].concat();
    fs::write(&path, torn).unwrap();
    let mut outbox = Outbox::open(&path, at(9)).unwrap();
    assert_eq!(outbox.n_waiting(), 1);
    put(&mut outbox, letter(Kind::News, "n2", 2));
    assert_eq!(Outbox::open(&path, at(9)).unwrap().n_waiting(), 2);
}

#[test]
fn what_a_full_disk_refused_is_written_once_there_is_room() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ops-mail.outbox");
    let mut outbox = Outbox::open(&path, at(9)).unwrap();
    put(&mut outbox, letter(Kind::News, "n1", 1));
    let full = OpenOptions::new().append(true).open("/dev/full").unwrap();
    let file = std::mem::replace(&mut outbox.file, full);
    let (taken, written) = outbox.put(letter(Kind::News, "n2", 2));
    assert_eq!((taken, written.unwrap_err().kind()), (Some(0), io::ErrorKind::StorageFull));
    // As much of a line as there was room for.
    (&file).write_all(b"{\"put\":[1,{\"id").unwrap();
    outbox.file = file;
    assert!(outbox.put(letter(Kind::News, "n3", 3)).1.is_err(), "it must not be glued to half a line");
    outbox.sync(at(4)).unwrap();
    put(&mut outbox, letter(Kind::News, "n4", 5));
    let outbox = Outbox::open(&path, at(9)).unwrap();
    let hosts: Vec<_> = waiting(&outbox).into_iter().map(|letter| letter.entries[0].instance.clone()).collect();
    assert_eq!(hosts, ["n1", "n2", "n3", "n4"]);
}
