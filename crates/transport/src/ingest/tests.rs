//! Credits, replies, requests and the end of the channel to the engine.

use super::*;
use crate::reply;

const MIB: usize = 1 << 20;

fn frames(n_bytes: usize) -> Bytes {
    let mut out = Vec::new();
    frames::put(&mut out, &vec![0; n_bytes - frames::HEAD]);
    Bytes::from(out)
}

fn small() -> (Ingest, Requests<&'static str>, Inbox<&'static str>) {
    channel(Limits { memory: 34 * MIB })
}

#[track_caller]
fn delivery(item: Item<&'static str>) -> Delivery {
    match item {
        Item::Delivery(delivery) => delivery,
        Item::Request(request) => panic!("a request: {request}"),
    }
}

#[test]
fn a_dropped_delivery_gives_its_credits_back() {
    let (ingest, _requests, inbox) = small();
    ingest.try_send(frames(10 * MIB), Origin::Line).unwrap();
    assert_eq!(ingest.try_send(frames(10 * MIB), Origin::Line), Err(NotTaken::Full));
    assert_eq!(ingest.bytes_waiting(), 10 * MIB);
    let taken = delivery(inbox.try_recv().unwrap());
    assert_eq!(ingest.try_send(frames(10 * MIB), Origin::Line), Err(NotTaken::Full));
    drop(taken);
    ingest.try_send(frames(10 * MIB), Origin::Line).unwrap();
    assert_eq!(ingest.counters().deliveries.get(), 2);
}

#[test]
fn a_blocked_sender_goes_on_when_there_is_room() {
    let (ingest, _requests, inbox) = small();
    ingest.try_send(frames(10 * MIB), Origin::Udp).unwrap();
    let sender = ingest.clone();
    let thread = std::thread::spawn(move || sender.send_blocking(frames(10 * MIB), Origin::Collector, Duration::from_secs(60)));
    drop(inbox.recv_timeout(Duration::from_secs(60)));
    assert_eq!(delivery(inbox.recv_timeout(Duration::from_secs(60)).unwrap()).origin, Origin::Collector);
    assert_eq!(thread.join().unwrap(), Ok(()));
}

#[test]
fn patience_ends_in_a_refusal() {
    let (ingest, _requests, _inbox) = small();
    ingest.try_send(frames(10 * MIB), Origin::Udp).unwrap();
    let refused = ingest.send_blocking(frames(10 * MIB), Origin::Collector, Duration::from_millis(1));
    assert_eq!(refused, Err(NotTaken::Full));
    assert_eq!(ingest.bytes_waiting(), 10 * MIB);
}

#[test]
fn replies_reach_the_sender_and_a_dropped_delivery_is_a_failure() {
    let (ingest, _requests, inbox) = small();
    let engine = std::thread::spawn(move || {
        delivery(inbox.recv_timeout(Duration::from_secs(60)).unwrap()).reply(reply::acks(1));
        drop(inbox.recv_timeout(Duration::from_secs(60)));
    });
    let patience = Duration::from_secs(60);
    assert_eq!(crate::park::wait(ingest.send(frames(10), Origin::Http), patience), Some(Ok(reply::acks(1))));
    assert_eq!(crate::park::wait(ingest.send(frames(10), Origin::Http), patience), Some(Err(Closed)));
    engine.join().unwrap();
}

#[test]
fn requests_come_first_and_the_inbox_ends_with_the_last_sender() {
    let (ingest, requests, inbox) = small();
    ingest.try_send(frames(10), Origin::Udp).unwrap();
    requests.send("reload").unwrap();
    assert!(matches!(inbox.try_recv(), Ok(Item::Request("reload"))));
    drop(requests);
    drop(delivery(inbox.recv_timeout(Duration::ZERO).unwrap()));
    assert!(matches!(inbox.recv_timeout(Duration::ZERO), Err(RecvTimeoutError::Timeout)));
    drop(ingest);
    assert!(matches!(inbox.recv_timeout(Duration::from_secs(60)), Err(RecvTimeoutError::Disconnected)));
}

#[test]
fn without_an_engine_everything_is_refused() {
    let (ingest, requests, inbox) = small();
    drop(inbox);
    assert_eq!(ingest.try_send(frames(10), Origin::Udp), Err(NotTaken::Closed));
    assert_eq!(requests.send("reload"), Err(NotTaken::Closed));
    assert_eq!(ingest.bytes_waiting(), 0);
}

#[test]
fn long_datagrams_count_by_their_bytes() {
    let (ingest, _requests, _inbox) = channel::<()>(Limits::default());
    let n_taken = (0..1000).take_while(|_| ingest.try_send(frames(64 << 10), Origin::Udp).is_ok()).count();
    assert_eq!(n_taken, 4);
    assert!(ingest.try_send(frames(64 << 10), Origin::Collector).is_ok());
}

#[test]
fn a_flood_of_datagrams_leaves_the_others_their_room() {
    let (ingest, _requests, inbox) = channel::<()>(Limits::default());
    let n_taken = (0..1000).take_while(|_| ingest.try_send(frames(10), Origin::Udp).is_ok()).count();
    assert_eq!(n_taken, MAX_DATAGRAM_BYTES / MIN_DATAGRAM_CHARGE);
    assert!(ingest.try_send(frames(10), Origin::Collector).is_ok());
    drop(inbox.recv_timeout(Duration::from_secs(60)));
    assert!(ingest.try_send(frames(10), Origin::Udp).is_ok(), "one was taken");
    assert!(ingest.try_send(frames(10), Origin::Udp).is_err());
}
