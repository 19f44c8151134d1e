//! What collectd 5.12 sent, captured: clean, with notifications, and as the released version corrupts it (collectd #4050).
//!
//! Each `.jsonl` tells what an independent decoder saw in the `.bin` beside it: NaN as "nan", bytes that are not UTF-8 as
//! `\xNN`.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::path::Path;

use event::msg::{Encoder, Msg, events};
use event::{Event, Metric, Timestamp, View, collectd};
use serde_json::Value;

/// A capture: the messages without their length, and what stands in each.
fn capture(name: &str) -> Vec<(Vec<u8>, Vec<Value>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let framed = std::fs::read(folder.join(name).with_extension("bin")).unwrap();
    let told = std::fs::read_to_string(folder.join(name).with_extension("jsonl")).unwrap();
    let mut rest = framed.as_slice();
    let messages: Vec<Vec<u8>> = std::iter::from_fn(|| {
        let (len, tail) = rest.split_first_chunk::<4>()?;
        let (message, tail) = tail.split_at(u32::from_be_bytes(*len) as usize);
        rest = tail;
        Some(message.to_vec())
    })
    .collect();
    let told: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(messages.len(), told.len());
    messages.into_iter().zip(told.into_iter().map(|message| message["events"].as_array().unwrap().clone())).collect()
}

/// Every event of a capture beside what is told of it.
#[track_caller]
fn check(name: &str, n_events: usize, each: impl Fn(&View<'_>, &Value)) {
    let mut found = 0;
    for (message, told) in capture(name) {
        let decoded = Msg::decode(&message).unwrap();
        assert_eq!(decoded.n_events, told.len());
        assert_eq!(decoded.events().count(), told.len());
        decoded.events().zip(&told).for_each(|(view, told)| each(&view, told));
        found += told.len();
    }
    assert_eq!(found, n_events);
}

fn text(bytes: Option<&[u8]>) -> Option<String> {
    bytes.map(|bytes| {
        let chunk = |chunk: std::str::Utf8Chunk<'_>| {
            let escaped: String = chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}")).collect();
            chunk.valid().to_owned() + &escaped
        };
        bytes.utf8_chunks().map(chunk).collect()
    })
}

fn filled<'a>(told: &'a Value, key: &str) -> Option<&'a str> {
    told[key].as_str().filter(|text| !text.is_empty())
}

fn has_told_fields(view: &View<'_>, told: &Value) {
    assert_eq!(text(view.host).as_deref(), filled(told, "host"), "{told}");
    assert_eq!(text(view.service).as_deref(), filled(told, "service"), "{told}");
    assert_eq!(text(view.state).as_deref(), told["state"].as_str(), "{told}");
    assert_eq!(text(view.description).as_deref(), told["description"].as_str(), "{told}");
    let micros = told["time_micros"].as_i64().map(Timestamp::from_micros);
    assert_eq!(view.time, micros.or(told["time"].as_i64().map(Timestamp::from_secs)), "{told}");
    assert_eq!(view.ttl.map(f64::from), told["ttl"].as_f64(), "{told}");
    assert!(is_metric(view.metric, told), "{:?} {told}", view.metric);
    let marks: Vec<Value> = view.labels.marks().map(|mark| text(Some(mark)).unwrap().into()).collect();
    assert_eq!(Value::from(marks), told.get("tags").cloned().unwrap_or(Value::Array(vec![])), "{told}");
    let attribute = |(key, value)| vec![text(Some(key)).unwrap(), text(Some(value)).unwrap()];
    let attributes: Vec<Vec<String>> = view.labels.attributes().map(attribute).collect();
    assert_eq!(Value::from(attributes), told["attributes"], "{told}");
}

/// NaN is no metric. The decimal text was read by another parser, so the last bit may differ.
fn is_metric(metric: Option<Metric>, told: &Value) -> bool {
    let near = |told: &Value| match (metric, told.as_f64()) {
        (Some(Metric::Float(found)), Some(told)) => (found - told).abs() <= f64::EPSILON * told.abs(),
        (None, None) => told.as_str() == Some("nan"),
        _ => false,
    };
    match (&told["metric_sint64"], &told["metric_d"], &told["metric_f"]) {
        (Value::Number(int), ..) => metric == int.as_i64().map(Metric::Int),
        (_, Value::Null, Value::Null) => metric.is_none(),
        (_, Value::Null, float) => near(float),
        (_, double, _) => near(double),
    }
}

fn rebuilt(view: &View<'_>) -> Option<String> {
    let mut service = Vec::new();
    collectd::service(&view.labels, &mut service).then(|| String::from_utf8(service).unwrap())
}

#[test]
fn no_event_of_the_clean_capture_is_lost() {
    check("collectd-write_riemann", 1874, has_told_fields);
}

#[test]
fn no_notification_is_lost() {
    check("collectd-write_riemann-notifications", 947, has_told_fields);
}

#[test]
fn the_corrupt_capture_is_decoded_all_the_same() {
    check("collectd-write_riemann-corrupt", 1374, has_told_fields);
}

#[test]
fn the_service_can_be_rebuilt_from_the_attributes() {
    for (name, n_events) in [("collectd-write_riemann", 1874), ("collectd-write_riemann-notifications", 947)] {
        check(name, n_events, |view, told| assert_eq!(rebuilt(view).as_deref(), told["service"].as_str(), "{told}"));
    }
}

#[test]
fn a_service_that_collectd_lost_is_rebuilt() {
    let (intact, lost) = (RefCell::new(HashSet::new()), RefCell::new(Vec::new()));
    check("collectd-write_riemann", 1874, |view, _| intact.borrow_mut().extend(rebuilt(view)));
    let scribbled = Cell::new(0);
    check("collectd-write_riemann-corrupt", 1374, |view, _| {
        let service = rebuilt(view).unwrap();
        match view.service {
            None => lost.borrow_mut().push(service),
            // Once there is a stray byte instead; nobody can tell that it is no service.
            Some(found) if found != service.as_bytes() => scribbled.set(scribbled.get() + 1),
            Some(_) => drop(intact.borrow_mut().insert(service)),
        }
    });
    let (intact, lost) = (intact.into_inner(), lost.into_inner());
    assert_eq!((lost.len(), scribbled.get()), (115, 1));
    lost.iter().for_each(|service| assert!(intact.contains(service), "{service}"));
}

#[test]
fn an_event_is_the_same_after_another_round() {
    for name in ["collectd-write_riemann", "collectd-write_riemann-corrupt"] {
        for (message, _) in capture(name) {
            let mut encoder = Encoder::new();
            events(&message).for_each(|view| encoder.event(&view));
            assert!(events(encoder.bytes()).eq(events(&message)));
            let owned: Vec<Event> = events(&message).map(|view| Event::from(&view)).collect();
            let again: Vec<Event> = owned.iter().map(|event| event.with_view(|view| Event::from(view))).collect();
            assert_eq!(again, owned);
        }
    }
}
