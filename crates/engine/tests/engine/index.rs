//! The index: last events, variants, expiry, limits.

use engine::Limits;
use event::{Event, Metric};

use crate::timeline::{self, Timeline, at};

fn event(host: &str, service: &str, metric: f64) -> Event {
    Event { host: Some(host.to_owned()), service: Some(service.to_owned()), metric: Metric::float(metric), ..Event::default() }
}

#[test]
fn the_last_event_of_a_key_is_kept_also_an_older_one() {
    let mut timeline = Timeline::new(&[]);
    timeline.batch(at("20s"), &[Event { time: Some(at("20s")), ..event("n1", "cpu", 1.0) }]);
    timeline.batch(at("20s"), &[Event { time: Some(at("10s")), ..event("n1", "cpu", 2.0) }]);
    assert_eq!(timeline.index("true"), ["n1 cpu - 2"]);
}

#[test]
fn everything_about_the_last_event_is_kept() {
    let mut timeline = Timeline::new(&[]);
    let whole = Event {
        time: Some(at("3s")),
        state: Some("odd".to_owned()),
        description: Some("why".to_owned()),
        ttl: Some(12.5),
        metric: Some(Metric::Int(-3)),
        marks: vec!["a".to_owned(), "b".to_owned()],
        attributes: vec![("key".to_owned(), "value".to_owned()), ("none".to_owned(), String::new())],
        ..event("n1", "cpu", 0.0)
    };
    let bare = Event { state: None, description: None, ttl: None, metric: None, ..whole.clone() };
    for event in [whole, bare] {
        timeline.batch(at("5s"), std::slice::from_ref(&event));
        let mut found = Vec::new();
        timeline.engine.query(&timeline::query("true"), |entry| found.push(Event::from(&entry.event)));
        assert_eq!(found, [event]);
    }
}

#[test]
fn an_event_without_time_has_the_time_of_its_arrival() {
    let mut timeline = Timeline::new(&[]);
    timeline.batch(at("7s"), &[event("n1", "cpu", 1.0)]);
    assert_eq!(timeline.out.events, ["7s Live n1 cpu - 1"]);
}

#[test]
fn a_query_for_one_host_and_one_service_finds_one() {
    let mut timeline = Timeline::new(&[]);
    timeline.batch(at("0s"), &[event("n1", "cpu", 1.0), event("n2", "cpu", 2.0), event("n1", "mem", 3.0)]);
    assert_eq!(timeline.index("host = \"n1\" and service = \"cpu\""), ["n1 cpu - 1"]);
    assert_eq!(timeline.index("service = \"cpu\" and host = \"n2\" and metric > 1"), ["n2 cpu - 2"]);
    assert_eq!(timeline.index("service = \"cpu\" and host = \"n2\" and metric > 2"), [""; 0]);
    assert_eq!(timeline.index("host = \"n3\" and service = \"cpu\""), [""; 0]);
    assert_eq!(timeline.index("service = \"cpu\""), ["n1 cpu - 1", "n2 cpu - 2"]);
}

#[test]
fn host_and_service_may_be_missing() {
    let mut timeline = Timeline::new(&[]);
    let bare = |host: Option<&str>, service: Option<&str>| Event {
        host: host.map(str::to_owned),
        service: service.map(str::to_owned),
        metric: Some(Metric::Int(1)),
        ..Event::default()
    };
    timeline.batch(at("0s"), &[bare(None, None), bare(Some("ab"), None), bare(None, Some("ab")), bare(Some(""), Some("ab"))]);
    assert_eq!(timeline.index("true"), ["- - - 1", "ab - - 1", "- ab - 1"]);
    assert_eq!(timeline.index("host = nil and service = \"ab\""), ["- ab - 1"]);
}

#[test]
fn other_labels_are_another_variant_of_the_same_entry() {
    let mut timeline = Timeline::new(&[]);
    let labelled = |value: &str, metric| Event { attributes: vec![("a".to_owned(), value.to_owned())], ..event("n1", "cpu", metric) };
    for (value, metric) in [("x", 1.0), ("y", 2.0), ("x", 3.0)] {
        timeline.batch(at("0s"), &[labelled(value, metric)]);
        assert_eq!(timeline.index("true"), [format!("n1 cpu - {metric}")]);
        assert_eq!(timeline.index(&format!("a = \"{value}\"")).len(), 1);
    }
    assert_eq!((timeline.engine.n_series(), timeline.engine.counters().variants_replaced), (1, 0));
}

#[test]
fn of_many_variants_a_few_are_kept() {
    let mut timeline = Timeline::new(&[]);
    for round in 0..10 {
        let attributes = vec![("round".to_owned(), round.to_string())];
        timeline.batch(at("0s"), &[Event { attributes, ..event("n1", "cpu", 1.0) }, event("n2", "cpu", 1.0)]);
    }
    assert_eq!(timeline.engine.n_series(), 2);
    assert_eq!(timeline.engine.counters().variants_replaced, 6);
    assert_eq!(timeline.index("host = \"n1\""), ["n1 cpu - 1"]);
    assert_eq!(timeline.index("round = \"9\""), ["n1 cpu - 1"]);
    assert_eq!(timeline.out.forgotten, [0, 2, 3, 4, 0, 2]);
    timeline.run("2m");
    assert_eq!((timeline.out.forgotten.len(), timeline.engine.n_series()), (6 + 5, 0));
}

#[test]
fn an_entry_leaves_in_the_second_after_its_ttl() {
    let mut timeline = Timeline::new(&[]);
    timeline.rows(&["n1 cpu ttl 10s: 1 1", "n2 cpu: 1"]).run("2m");
    assert_eq!(timeline.out.expired, ["21s n1 cpu", "1m1s n2 cpu"]);
    assert_eq!(timeline.engine.counters().expired, 2);
    assert_eq!(timeline.engine.next_deadline(), None);
}

#[test]
fn an_event_from_the_future_expires_ttl_after_its_arrival() {
    let mut timeline = Timeline::new(&[]);
    timeline.batch(at("0s"), &[Event { time: Some(at("1h")), ttl: Some(10.0), ..event("n1", "cpu", 1.0) }]);
    timeline.run("2m");
    assert_eq!(timeline.out.expired, ["11s n1 cpu"]);
}

#[test]
fn an_expired_event_deletes_its_entry_and_is_published() {
    let mut timeline = Timeline::new(&[]);
    timeline.rows(&["n1 cpu: 1 expired"]);
    assert_eq!(timeline.out.events, ["0s Live n1 cpu - 1", "10s Live n1 cpu expired -"]);
    assert_eq!(timeline.out.expired, ["10s n1 cpu"]);
    assert_eq!(timeline.engine.n_series(), 0);
}

#[test]
fn rules_see_the_expired_events_of_the_reaper() {
    let rule = "where: service = \"cpu\" and state = \"expired\"\n by: host\n warn: true";
    let mut timeline = Timeline::new(&[rule]);
    timeline.rows(&["n1 cpu ttl 10s: 1"]).run("20s");
    assert_eq!(timeline.out.transitions, ["11s a n1 warning -"]);
}

#[test]
fn a_rule_about_numbers_takes_an_expired_event_for_the_end_not_for_a_sample() {
    let rule = "where: service = \"cpu\"\n by: host\n warn: not metric < 90";
    let mut timeline = Timeline::new(&[rule]);
    timeline.rows(&["n1 cpu ttl 30s: 50", "n2 cpu ttl 30s: 95 expired"]).run("5m");
    assert_eq!(timeline.out.transitions, ["0s a n2 warning 95", "10s a n2 expired -"]);
}

#[test]
fn late_events_go_to_the_sinks_only() {
    let mut timeline = Timeline::new(&["where: service = \"cpu\"\n by: host\n warn: metric > 90"]);
    timeline.rows(&["n1 cpu late: 95"]);
    assert_eq!(timeline.out.events, ["0s Late n1 cpu - 95"]);
    assert_eq!((timeline.engine.n_series(), timeline.engine.counters().late), (0, 1));
    assert_eq!(timeline.out.transitions, [""; 0]);
}

#[test]
fn beyond_max_series_events_go_to_the_sinks_only_and_an_alert_says_so() {
    let mut timeline = Timeline::with_limits(&[], Limits { max_series: 2, ..Limits::default() });
    timeline.rows(&["n1 cpu: 1x3", "n2 cpu: 1x3", "n3 cpu: 1x2"]).run("5m");
    assert_eq!(timeline.out.events[2], "0s Overflow n3 cpu - 1");
    assert_eq!(timeline.out.events[3], "0s Live swarm alert/series-limit warning 2");
    assert_eq!(timeline.out.transitions, ["0s series-limit  warning 2", "1m10s series-limit  ok 3"]);
    assert_eq!(timeline.engine.counters().overflow, 2);
}

#[test]
fn what_is_not_utf_8_is_taken_lossily() {
    let mut timeline = Timeline::new(&[]);
    let mut labels = event::LabelsBuf::new();
    labels.mark(b"m\xff").attribute(b"k", b"v\xff");
    let view = event::View {
        host: Some(b"n\xff"),
        service: Some(b"cpu"),
        state: Some(b"s\xff"),
        description: Some(b"d\xff"),
        labels: labels.view(),
        ..event::View::default()
    };
    let mut encoder = event::msg::Encoder::new();
    encoder.event(&view);
    encoder.event(&view);
    timeline.engine.on_batch(at("0s"), encoder.bytes(), &mut timeline.out);
    assert_eq!(timeline.index("tagged \"m\u{fffd}\" and k = \"v\u{fffd}\" and description = \"d\u{fffd}\""), ["n\u{fffd} cpu s\u{fffd} -"]);
    assert_eq!(timeline.engine.n_series(), 1);
}

#[test]
fn a_service_that_collectd_lost_is_made_of_its_attributes() {
    let mut timeline = Timeline::new(&[]);
    let attributes = [("plugin", "memory"), ("type", "memory"), ("type_instance", "used"), ("ds_name", "value")];
    let whole = Event {
        attributes: attributes.map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
        ..event("n1", "memory/memory-used", 1.0)
    };
    let lost = Event { service: Some(String::new()), metric: Some(Metric::Int(2)), ..whole.clone() };
    timeline.batch(at("0s"), &[whole, lost]);
    assert_eq!(timeline.engine.counters().rebuilt, 1);
    assert_eq!(timeline.index("true"), ["n1 memory/memory-used - 2"]);
}

#[test]
fn more_states_than_are_kept_once_are_kept_with_their_series() {
    let mut timeline = Timeline::new(&[]);
    let events: Vec<Event> = (0..2000).map(|n| Event { state: Some(format!("s{n}")), ..event(&format!("n{n}"), "job", 1.0) }).collect();
    timeline.batch(at("0s"), &events);
    assert_eq!(timeline.index("state = \"s1999\""), ["n1999 job s1999 1"]);
    timeline.batch(at("0s"), &[Event { state: Some("s0".to_owned()), ..event("n1999", "job", 1.0) }]);
    assert_eq!(timeline.index("state = \"s1999\""), [""; 0]);
}

#[test]
fn an_alert_that_opens_by_an_expiry_stays_in_the_index_also_when_its_last_event_expires_with_it() {
    let mut timeline = Timeline::new(&["name: gone\nwhere: service = \"job\"\nby: host\ncrit: state = \"expired\""]);
    let job = |ttl| Event { ttl: Some(ttl), ..event("n1", "job", 1.0) };
    // Told again while it is away, the job closes the alert; both entries then have a ttl of 90 s from the same moment.
    for (start, ttl, expiry) in [("0s", 10.0, "11s"), ("20s", 90.0, "111s"), ("120s", 90.0, "211s")] {
        timeline.batch(at(start), &[job(ttl)]);
        timeline.run(expiry);
        assert_eq!(timeline.index("state = \"critical\""), ["n1 alert/gone critical -"], "at {expiry}");
    }
}
