//! What becomes of datagrams: beside what `write_riemann` sent, rates, bounds, any bytes.

use event::{Event, Metric, msg};
use proptest::prelude::*;

use super::super::packet::Value;
use super::super::written::{Packet, encrypt, sign};
use super::super::{Security, Settings, Types, Users};
use super::*;

fn settings() -> Settings {
    Settings {
        listen: "127.0.0.1:25826".parse().unwrap(),
        security: Security::None,
        users: Users::default(),
        types: Types::default(),
        max_series: 100,
    }
}

fn inbox() -> Inbox {
    Inbox::new(&settings(), Lists::default())
}

/// What waits, and is taken by this.
fn told(inbox: &mut Inbox) -> Vec<Event> {
    let mut taken = Encoder::new();
    inbox.exchange(&mut taken);
    msg::events(taken.bytes()).map(|view| Event::from(&view)).collect()
}

fn metrics(inbox: &mut Inbox) -> Vec<f64> {
    told(inbox).iter().map(|event| event.metric.unwrap().as_f64()).collect()
}

/// Events that the real `write_riemann` sent.
fn sent_by_write_riemann() -> Vec<Event> {
    let mut rest = include_bytes!("../../../../crates/event/tests/fixtures/collectd-write_riemann.bin").as_slice();
    let mut events = Vec::new();
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let (message, next) = after.split_at(u32::from_be_bytes(*length) as usize);
        events.extend(msg::events(message).map(|view| Event::from(&view)));
        rest = next;
    }
    events
}

fn attribute<'a>(event: &'a Event, key: &str) -> &'a str {
    event.attributes.iter().find(|(found, _)| found == key).map_or("", |(_, value)| value)
}

/// The packet of a row that `write_riemann` sent as these events; each value of a rate is one.
fn packet(row: &[Event], time_micros: i64, number: u64) -> Vec<u8> {
    let first = &row[0];
    let names = ["plugin", "plugin_instance", "type", "type_instance"].map(|key| attribute(first, key));
    let values: Vec<Value> = row
        .iter()
        .map(|event| match attribute(event, "ds_type") {
            "gauge" => Value::Gauge(event.metric.map_or(f64::NAN, Metric::as_f64)),
            "derive:rate" => Value::Derive(number as i64),
            other => panic!("{other}"),
        })
        .collect();
    let ticks = |micros: i64| ((micros as u128) << 30).div_ceil(1_000_000) as u64;
    let identity = [first.host.as_deref().unwrap(), names[0], names[1], names[2], names[3]];
    let interval = f64::from(first.ttl.unwrap()) / 2.0;
    Packet::default().identity(identity).at(0.0, interval).number(8, ticks(time_micros)).values(&values).0
}

#[test]
fn events_are_those_that_write_riemann_makes_of_the_same_values() {
    let is_aggregated = |event: &Event| !attribute(event, "aggregation:created").is_empty();
    let sent: Vec<Event> = sent_by_write_riemann().into_iter().filter(|event| !event.marks.contains(&"notification".to_owned())).collect();
    let mut n_seen = 0;
    for row in sent.chunk_by(|_, next| attribute(next, "ds_index") != "0").filter(|row| !is_aggregated(&row[0])) {
        let mut inbox = inbox();
        let time = row[0].time.unwrap().micros();
        inbox.take(&mut packet(row, time - 1_000_000, 7)).unwrap();
        told(&mut inbox);
        inbox.take(&mut packet(row, time, 14)).unwrap();
        let expected: Vec<Event> = row
            .iter()
            .map(|event| match attribute(event, "ds_type") {
                "gauge" => event.clone(),
                _ => Event { metric: Metric::float(7.0), ..event.clone() },
            })
            .filter(|event| event.metric.is_some())
            .collect();
        assert_eq!(told(&mut inbox), expected);
        assert_eq!(inbox.counts.unnamed, 0);
        n_seen += expected.len();
    }
    assert!(n_seen > 1000, "{n_seen} events");
}

/// Takes a value of each of these at 0 s, 10 s, 20 s …, and compares what is told of all.
#[track_caller]
fn check(values: &[Value], expected: &[f64]) {
    let mut inbox = inbox();
    for (at, value) in values.iter().enumerate() {
        let packet = Packet::default().identity(["node1", "p", "", "t", ""]).at(1e9 + 10.0 * at as f64, 10.0);
        inbox.take(&mut packet.values(&[*value]).0).unwrap();
    }
    assert_eq!(metrics(&mut inbox), expected);
}

#[test]
fn rates_are_those_of_collectds_cache() {
    use Value::{Absolute, Counter, Derive, Gauge};
    check(&[Gauge(1.5), Gauge(f64::NAN), Gauge(-2.0)], &[1.5, -2.0]);
    check(&[Derive(100), Derive(150), Derive(50), Derive(60)], &[5.0, 1.0]);
    check(&[Absolute(100), Absolute(50)], &[10.0, 5.0]);
    check(&[Counter(100), Counter(150)], &[5.0]);
    // One that is full, at 32 or at 64 bits, goes on at 0.
    check(&[Counter(0xffff_ffff), Counter(9)], &[1.0]);
    check(&[Counter(0xffff_ffff_ffff_fff0), Counter(4)], &[2.0]);
    check(&[Counter(0xffff_fff0), Counter(0x1_0000_0004)], &[2.0]);
    check(&[Counter(0xc000_0001), Counter(0x3fff_ffff)], &[f64::from(0x7fff_fffe_u32) / 10.0]);
}

#[test]
fn a_counter_that_began_anew_gives_no_rate() {
    use Value::Counter;
    check(&[Counter(1000), Counter(5), Counter(25)], &[2.0]);
    check(&[Counter(0xbfff_ffff), Counter(5)], &[]);
    check(&[Counter(0xffff_ffff), Counter(0x4000_0000)], &[]);
    check(&[Counter(0x1_0000_0000), Counter(5)], &[]);
    check(&[Counter(0xbfff_ffff_ffff_ffff), Counter(5)], &[]);
    check(&[Counter(u64::MAX), Counter(1 << 62), Counter((1 << 62) + 10)], &[1.0]);
}

#[test]
fn bounds_of_a_types_file_leave_out_rates_beyond_them() {
    let mut types = Types::default();
    types.add("t value:COUNTER:0:100").unwrap();
    let mut inbox = Inbox::new(&Settings { types, ..settings() }, Lists::default());
    for (at, value) in [(0.0, 1000), (10.0, 1500), (20.0, 9000), (30.0, 10_000)] {
        let packet = Packet::default().identity(["node1", "p", "", "t", ""]).at(1e9 + at, 10.0);
        inbox.take(&mut packet.values(&[Value::Counter(value)]).0).unwrap();
    }
    assert_eq!(metrics(&mut inbox), [50.0, 100.0]);
}

fn gauge(identity: [&str; 5], at: f64) -> Packet {
    Packet::default().identity(identity).at(at, 10.0).values(&[Value::Gauge(1.0)])
}

#[test]
fn what_is_not_newer_is_late() {
    let mut inbox = inbox();
    for at in [1000.0, 1000.0, 990.0, 1010.0] {
        inbox.take(&mut gauge(["node1", "p", "", "t", ""], at).0).unwrap();
    }
    assert_eq!((told(&mut inbox).len(), inbox.counts.late, inbox.counts.values), (2, 2, 4));
}

#[test]
fn series_beyond_the_most_are_dropped_and_silent_ones_make_room() {
    let mut inbox = Inbox::new(&Settings { max_series: 2, ..settings() }, Lists::default());
    for (name, at) in [("a", 1.0), ("b", 1.0), ("c", 1.0), ("a", 2.0)] {
        inbox.take(&mut gauge(["node1", name, "", "t", ""], at).0).unwrap();
    }
    assert_eq!((told(&mut inbox).len(), inbox.counts.dropped, inbox.n_series()), (3, 1, 2));
    for sweep in 0..=SILENT_SWEEPS {
        inbox.take(&mut gauge(["node1", "a", "", "t", ""], 3.0 + f64::from(sweep)).0).unwrap();
        inbox.sweep();
    }
    assert_eq!(inbox.n_series(), 1);
    inbox.take(&mut gauge(["node1", "c", "", "t", ""], 1.0).0).unwrap();
    assert_eq!((inbox.counts.dropped, inbox.n_series()), (1, 2));
}

#[test]
fn whoever_claims_a_long_interval_holds_no_room_for_long() {
    let mut inbox = Inbox::new(&Settings { max_series: 1, ..settings() }, Lists::default());
    let values = [Value::Gauge(1.0)];
    let of = |name: &str| Packet::default().identity(["node1", name, "", "t", ""]);
    inbox.take(&mut of("a").at(1.0, 1e9).values(&values).0).unwrap();
    (0..100).for_each(|_| inbox.sweep());
    assert_eq!(inbox.n_series(), 1);
    inbox.sweep();
    assert_eq!(inbox.n_series(), 0);
}

#[test]
fn names_of_more_than_512_bytes_together_are_dropped() {
    let mut inbox = inbox();
    let [name, rest] = ["n".repeat(255), "r".repeat(251)];
    for host in ["h", "hh"] {
        inbox.take(&mut gauge([host, &name, &rest, "type", "i"], 1.0).0).unwrap();
        let packet = Packet::default().identity([host, &name, &rest, "type", "i"]).at(1.0, 10.0);
        inbox.take(&mut packet.notification(1, "full").0).unwrap();
    }
    let hosts: Vec<_> = told(&mut inbox).into_iter().filter_map(|event| event.host).collect();
    assert_eq!((hosts, inbox.counts.dropped, inbox.n_series()), (vec!["h".to_owned(), "h".to_owned()], 2, 1));
}

#[test]
fn a_notification_that_is_sent_again_is_late() {
    let mut inbox = inbox();
    let of = |at: f64, host: &str| Packet::default().identity([host, "load", "", "load", ""]).at(at, 10.0).notification(1, "load is 14");
    for (at, host) in [(10.0, "node1"), (10.0, "node1"), (10.0, "node2"), (20.0, "node1"), (10.0, "node1")] {
        inbox.take(&mut of(at, host).0).unwrap();
    }
    let Counts { notifications, late, .. } = inbox.counts;
    assert_eq!((told(&mut inbox).len(), notifications, late), (3, 5, 2));
}

#[test]
fn a_row_whose_type_changed_at_its_sender_begins_anew() {
    let mut inbox = inbox();
    let identity = ["node1", "p", "", "if_octets", ""];
    let at = |secs: f64| Packet::default().identity(identity).at(secs, 10.0);
    inbox.take(&mut at(10.0).values(&[Value::Counter(1), Value::Counter(1)]).0).unwrap();
    inbox.take(&mut at(20.0).values(&[Value::Derive(1), Value::Derive(1)]).0).unwrap();
    inbox.take(&mut at(30.0).values(&[Value::Derive(11), Value::Derive(21)]).0).unwrap();
    let services: Vec<_> = told(&mut inbox).into_iter().map(|event| (event.service.unwrap(), event.metric.unwrap().as_f64())).collect();
    assert_eq!(services, [("p/if_octets/rx".to_owned(), 1.0), ("p/if_octets/tx".to_owned(), 2.0)]);
    assert_eq!(inbox.n_series(), 2);
}

#[test]
fn several_values_of_a_type_that_nobody_named_are_numbered_and_counted() {
    let mut inbox = inbox();
    let packet = Packet::default().identity(["node1", "mine", "a", "own", "b"]).at(10.0, 10.0);
    inbox.take(&mut packet.values(&[Value::Gauge(1.0), Value::Gauge(2.0)]).0).unwrap();
    let services: Vec<_> = told(&mut inbox).into_iter().filter_map(|event| event.service).collect();
    assert_eq!((services, inbox.counts.unnamed), (vec!["mine-a/own-b/0".to_owned(), "mine-a/own-b/1".to_owned()], 2));
}

#[test]
fn a_notification_is_an_event_with_a_state() {
    let mut inbox = inbox();
    let packet = Packet::default().identity(["node1", "load", "", "load", ""]).at(10.0, 10.0).notification(1, "load is 14");
    inbox.take(&mut packet.0.clone()).unwrap();
    let expected = Event {
        time: Some(event::Timestamp::from_secs(10)),
        state: Some("critical".into()),
        service: Some("load/load".into()),
        host: Some("node1".into()),
        description: Some("load is 14".into()),
        ttl: Some(60.0),
        metric: None,
        marks: vec!["notification".into(), "collectd".into()],
        attributes: vec![("plugin".into(), "load".into()), ("type".into(), "load".into())],
    };
    assert_eq!((told(&mut inbox), inbox.counts.notifications), (vec![expected], 1));
}

#[test]
fn metrics_that_are_not_wanted_are_not_told() {
    let deny = vec![event::Pattern::new("swap")];
    let mut inbox = Inbox::new(&settings(), Lists { allow: Vec::new(), deny });
    inbox.take(&mut gauge(["node1", "swap", "", "swap", "used"], 1.0).0).unwrap();
    inbox.take(&mut gauge(["node1", "memory", "", "memory", "used"], 1.0).0).unwrap();
    let services: Vec<_> = told(&mut inbox).into_iter().filter_map(|event| event.service).collect();
    assert_eq!(services, ["memory/memory-used"]);
}

#[test]
fn refused_and_broken_datagrams_are_counted_apart() {
    let users = Users::parse("node1: one").unwrap();
    let mut inbox = Inbox::new(&Settings { security: Security::Sign, users, ..settings() }, Lists::default());
    let plain = gauge(["node1", "p", "", "t", ""], 1.0).0;
    assert_eq!(inbox.take(&mut plain.clone()), Err(Refusal::Unsigned));
    assert_eq!(inbox.take(&mut sign(&plain, "node1", "two")), Err(Refusal::WrongPassword));
    assert_eq!(inbox.take(&mut encrypt(&plain, "node1", "two")), Err(Refusal::WrongPassword));
    assert_eq!(inbox.take(&mut sign(&plain[..20], "node1", "one")), Err(Refusal::Malformed));
    assert_eq!(inbox.take(&mut []), Err(Refusal::Malformed));
    assert_eq!(inbox.take(&mut sign(&plain, "node1", "one")), Ok(()));
    let Counts { packets, refused, malformed, values, .. } = inbox.counts;
    assert_eq!((packets, refused, malformed, values, told(&mut inbox).len()), (6, 3, 2, 1, 1));
}

#[test]
fn events_that_no_turn_takes_are_dropped_at_the_limit() {
    let mut inbox = inbox();
    let mut secs = 0.0;
    while inbox.counts.dropped < 100 {
        secs += 1.0;
        inbox.take(&mut gauge(["node1", &"p".repeat(200), &"i".repeat(200), "t", ""], secs).0).unwrap();
    }
    assert!(inbox.waiting.bytes().len() < MAX_WAITING + 2000);
    assert_eq!(told(&mut inbox).len() as u64, inbox.counts.values - inbox.counts.dropped);
}

proptest! {
    #[test]
    fn no_row_of_parts_makes_it_panic(parts in prop::collection::vec((0u16..12, prop::collection::vec(any::<u8>(), 0..40)), 0..20)) {
        let mut inbox = inbox();
        let packet = parts.iter().fold(Packet::default(), |packet, (kind, body)| packet.part(*kind, body));
        let _ = inbox.take(&mut packet.0.clone());
    }

    #[test]
    fn whatever_is_counted_is_told_only_as_finite_numbers(values in prop::collection::vec((any::<u64>(), any::<i64>(), any::<f64>(), any::<u64>()), 1..20)) {
        let mut inbox = inbox();
        for (at, (counter, derive, gauge, absolute)) in values.iter().enumerate() {
            let values = [Value::Counter(*counter), Value::Derive(*derive), Value::Gauge(*gauge), Value::Absolute(*absolute)];
            let packet = Packet::default().identity(["node1", "p", "", "t", ""]).at(1e9 + at as f64, 1.0);
            inbox.take(&mut packet.values(&values).0).unwrap();
        }
        for event in told(&mut inbox) {
            prop_assert!(event.metric.is_some_and(|metric| metric.as_f64().is_finite()));
        }
    }
}
