//! Arithmetic in streams: what comes out of a rule file's steps, and what is dropped and counted.

use std::sync::Arc;

use engine::rules::{Plan, Settings};
use engine::streams::{Outgoing, Signal};
use engine::{Effects, Engine, Kind, Limits, Message, Series, SeriesId, Transition};
use event::msg::Encoder;
use event::{Event, Metric, Timestamp, View};
use processor::config::{Report, read_rules};

/// What a stream's taps got.
#[derive(Default)]
struct Taps(Vec<Event>);

impl Effects for Taps {
    fn event(&mut self, _: Series<'_>, _: &View<'_>, _: Kind) {}
    fn expired(&mut self, _: Series<'_>, _: Timestamp) {}
    fn forgotten(&mut self, _: SeriesId) {}
    fn transition(&mut self, _: &Transition<'_>) {}
    fn message(&mut self, _: &Message<'_>) {}

    fn outgoing(&mut self, out: &Outgoing<'_>) {
        match out.signal {
            Signal::One(event) => self.0.push(Event::from(event)),
            Signal::Many(events) => self.0.extend(events.iter().flatten().map(|event| Event::from(&event))),
        }
    }
}

fn event(service: &str, metric: i64, attributes: &[(&str, &str)]) -> Event {
    Event {
        host: Some("h".to_owned()),
        service: Some(service.to_owned()),
        metric: Some(Metric::Int(metric)),
        ttl: Some(60.0),
        attributes: attributes.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
        ..Event::default()
    }
}

/// What the tap of a stream of these steps gets of the events, and how many of them a step dropped.
fn run(steps: &str, events: &[Event]) -> (Vec<Event>, u64) {
    let yaml = format!("streams:\n  s:\n    steps:\n{steps}\n      - tap: out\n");
    let mut report = Report::default();
    let rules = read_rules(&[("my.yaml".to_owned(), yaml)], &mut report);
    assert!(rules.is_some(), "{}", report.text(false));
    let rules = rules.expect("it is there");
    let plan = Plan::new(Vec::new(), Settings::default()).with_streams(&rules.streams);
    let mut engine = Engine::new(Arc::new(plan), Limits::default());
    let mut taps = Taps::default();
    let mut encoder = Encoder::new();
    events.iter().for_each(|event| event.with_view(|view| encoder.event(view)));
    engine.on_batch(Timestamp::from_secs(1_795_540_000), encoder.bytes(), &mut taps);
    (taps.0, engine.counters().unfit)
}

#[track_caller]
fn metrics(steps: &str, events: &[Event], expected: &[Metric], unfit: u64) {
    let (events, dropped) = run(steps, events);
    assert_eq!(events.iter().filter_map(|event| event.metric).collect::<Vec<_>>(), expected);
    assert_eq!(dropped, unfit);
}

#[test]
fn a_number_is_set_by_arithmetic_over_the_event_as_it_came() {
    let steps = "      - set: {metric: metric * 8 / 1000, ttl: ttl * 2, state: ok}";
    let (events, dropped) = run(steps, &[event("net", 4500, &[])]);
    assert_eq!((events.len(), dropped), (1, 0));
    assert_eq!((events[0].metric, events[0].ttl, events[0].state.as_deref()), (Some(Metric::Int(36)), Some(120.0), Some("ok")));
}

#[test]
fn a_missing_field_and_a_division_by_zero_drop_the_event_and_are_counted() {
    let events =
        [event("a", 10, &[("limit", "4")]), event("a", 10, &[("limit", "0")]), event("a", 10, &[]), event("a", 10, &[("limit", "x")])];
    metrics("      - set: {metric: metric / limit}", &events, &[Metric::Float(2.5)], 3);
    metrics("      - set: {metric: limit}", &events, &[Metric::Int(4), Metric::Int(0)], 2);
}

#[test]
fn what_has_a_number_is_not_worked_out_by_default() {
    let events = [event("a", 10, &[])];
    metrics("      - default: {metric: limit * 2}", &events, &[Metric::Int(10)], 0);
}

#[test]
fn a_text_has_arithmetic_between_braces() {
    let steps = r#"      - set: {description: "{{host}} is {{metric * 8 / 1000}}", usage: "{{round(metric / limit * 100)}} %"}"#;
    let (events, _) = run(steps, &[event("net", 45, &[("limit", "60")]), event("net", 45, &[])]);
    let told: Vec<_> =
        events.iter().map(|event| (event.description.as_deref(), event.attributes.last().map(|(_, value)| value.as_str()))).collect();
    assert_eq!(told, [(Some("h is 0.36"), Some("75 %")), (Some("h is 0.36"), Some("- %"))]);
}

#[test]
fn the_queries_of_a_join_have_names_and_their_value_is_arithmetic() {
    let steps = r#"      - join: {queries: {desired: service = "desired", running: service = "running"}, value: desired - running}"#;
    let events = [event("desired", 3, &[]), event("other", 9, &[]), event("running", 1, &[]), event("running", 3, &[])];
    metrics(steps, &events, &[Metric::Int(2), Metric::Int(0)], 0);
    let steps = r#"      - join: {queries: {done: service = "done", all: service = "all"}, value: "min(done / all, 1)"}"#;
    let events = [event("done", 3, &[]), event("all", 0, &[]), event("all", 6, &[]), event("all", 2, &[])];
    metrics(steps, &events, &[Metric::Float(0.5), Metric::Int(1)], 1);
}
