//! The hub, fed by hand.

use engine::query::Query;
use engine::{Series, SeriesId};
use event::{Duration, Labels, Metric, Timestamp, View};
use tokio::sync::mpsc::{self, Receiver};

use super::hub::MAX_QUERIES;
use super::{Frame, FrameKind, Hub, Subscription, TooMany};

/// A hub whose index is empty when clients come, and its time.
#[derive(Default)]
struct Bench {
    hub: Hub,
    now: i64,
}

fn series(id: u32, service: &str) -> Series<'_> {
    Series { id: Some(SeriesId(id)), host: Some("n1"), service: Some(service), labels: Labels::default(), sample: false }
}

impl Bench {
    fn subscribe(&mut self, query: &str, rate_ms: i64, room: usize) -> Result<Receiver<Frame>, TooMany> {
        let (sender, receiver) = mpsc::channel(room);
        let wish = Subscription { number: 0, query: Query::parse(query).unwrap(), rate_ms, sender };
        self.hub.subscribe(wish, Timestamp::from_secs(self.now), |_, _| {}).map(|()| receiver)
    }

    fn event(&mut self, id: u32, service: &str, metric: i64) {
        let view = View { host: Some(b"n1"), service: Some(service.as_bytes()), metric: Some(Metric::Int(metric)), ..View::default() };
        self.hub.event(&series(id, service), &view);
    }

    /// A second later, what is due has been sent.
    fn flush(&mut self) {
        self.now += 1;
        self.hub.flush(Timestamp::from_secs(self.now));
    }
}

/// What the client has been sent so far: kind, and ids and metrics or ids alone.
#[track_caller]
fn check(client: &mut Receiver<Frame>, expected: &[(FrameKind, &str)]) {
    let mut found = Vec::new();
    while let Ok(frame) = client.try_recv() {
        let json: serde_json::Value = serde_json::from_str(&format!("{{{}}}", str::from_utf8(&frame.body).unwrap())).unwrap();
        let text = match frame.kind {
            FrameKind::Gone => json["ids"].to_string(),
            FrameKind::Snapshot | FrameKind::Delta => {
                let rows = json["rows"].as_array().unwrap().iter();
                rows.map(|row| format!("{}={}", row[0], row[2])).collect::<Vec<_>>().join(" ")
            }
        };
        found.push((frame.kind, text));
    }
    let found: Vec<_> = found.iter().map(|(kind, text)| (*kind, text.as_str())).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_delta_holds_the_latest_value_of_each_changed_row_once() {
    let mut bench = Bench::default();
    let mut client = bench.subscribe("service = \"x\"", 1000, 8).unwrap();
    bench.flush();
    check(&mut client, &[(FrameKind::Snapshot, "")]);
    bench.event(7, "x", 1);
    bench.event(8, "y", 1);
    bench.event(7, "x", 2);
    bench.flush();
    check(&mut client, &[(FrameKind::Delta, "0=2")]);
    bench.flush();
    check(&mut client, &[]);
}

#[test]
fn a_client_that_does_not_read_loses_frames_and_then_gets_all_there_is() {
    let mut bench = Bench::default();
    let mut slow = bench.subscribe("true", 1000, 2).unwrap();
    let mut quick = bench.subscribe("true", 1000, 8).unwrap();
    for metric in 0..4 {
        bench.flush();
        bench.event(7, "x", metric);
    }
    check(&mut slow, &[(FrameKind::Snapshot, ""), (FrameKind::Delta, "0=0")]);
    bench.flush();
    check(&mut slow, &[(FrameKind::Snapshot, "0=3")]);
    assert_eq!(bench.hub.n_lost(), 2, "the delta, and the first try of the snapshot");
    let all = [(FrameKind::Snapshot, ""), (FrameKind::Delta, "0=0"), (FrameKind::Delta, "0=1"), (FrameKind::Delta, "0=2")];
    check(&mut quick, &[&all[..], &[(FrameKind::Delta, "0=3")]].concat());
}

#[test]
fn a_row_that_expires_or_stops_matching_is_gone_and_may_come_back() {
    let mut bench = Bench::default();
    let mut client = bench.subscribe("metric > 5", 1000, 8).unwrap();
    bench.event(7, "x", 9);
    bench.event(8, "y", 9);
    bench.flush();
    check(&mut client, &[(FrameKind::Snapshot, "0=9 1=9")]);
    bench.event(7, "x", 1);
    bench.hub.expired(&series(8, "y"), Timestamp::default());
    bench.event(8, "y", 6);
    bench.flush();
    check(&mut client, &[(FrameKind::Gone, "[0,1]"), (FrameKind::Delta, "1=6")]);
}

#[test]
fn another_variant_of_a_key_is_the_same_row() {
    let mut bench = Bench::default();
    let mut client = bench.subscribe("metric > 5", 1000, 8).unwrap();
    bench.event(7, "x", 9);
    bench.event(12, "x", 8);
    bench.flush();
    check(&mut client, &[(FrameKind::Snapshot, "0=8")]);
    bench.hub.forgotten(SeriesId(7));
    bench.event(12, "x", 1);
    bench.flush();
    check(&mut client, &[(FrameKind::Gone, "[0]")]);
}

#[test]
fn a_number_that_is_given_again_stands_for_the_new_series() {
    let mut bench = Bench::default();
    let mut client = bench.subscribe("service = \"y\"", 1000, 8).unwrap();
    bench.event(7, "x", 1);
    bench.hub.forgotten(SeriesId(7));
    bench.event(7, "y", 2);
    bench.flush();
    check(&mut client, &[(FrameKind::Snapshot, "0=2")]);
}

#[test]
fn clients_with_the_same_query_share_it_and_leave_nothing_behind() {
    let mut bench = Bench::default();
    let first = bench.subscribe("true", 1000, 8).unwrap();
    let second = bench.subscribe("true", 250, 8).unwrap();
    assert_eq!(bench.hub.n_queries(), 1);
    drop(first);
    bench.flush();
    assert_eq!(bench.hub.n_queries(), 1);
    drop(second);
    bench.flush();
    assert!(bench.hub.is_idle());
}

#[test]
fn a_rate_is_rounded_up_to_one_that_clients_share() {
    let mut bench = Bench::default();
    let _client = bench.subscribe("true", 700, 8).unwrap();
    bench.flush();
    assert_eq!(bench.hub.next_due(), Some(Timestamp::from_secs(bench.now) + Duration::from_secs(1)));
}

#[test]
fn one_query_too_many_is_refused() {
    let mut bench = Bench::default();
    let clients: Vec<_> = (0..MAX_QUERIES).map(|n| bench.subscribe(&format!("metric > {n}"), 1000, 8).unwrap()).collect();
    assert_eq!(bench.subscribe("metric > 1000", 1000, 8).err(), Some(TooMany));
    assert!(bench.subscribe("metric > 1", 1000, 8).is_ok());
    drop(clients);
}
