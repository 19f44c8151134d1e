//! The hand-written decoder and encoder against prost.
//!
//! We differ in two things: an attribute without key is refused (the schema requires it, as Riemann does), and groups
//! inside unknown fields may be nested as deep as prost allows for the outermost message.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod proto;

use event::msg::{DecodeError, Encoder, Msg, events};
use event::{Labels, LabelsBuf, Metric, Timestamp, View};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use prost::Message;
use proto::{Attribute, Event, Query, check_bytes};

fn text() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![6 => vec(any::<u8>(), 0..20), 1 => vec(any::<u8>(), 120..135), 1 => Just(b"swarm-worker-0012".to_vec())]
}

fn whole() -> impl Strategy<Value = i64> {
    prop_oneof![any::<i64>(), (0..63u32).prop_map(|bits| 1 << bits), (0..63u32).prop_map(|bits| -(1 << bits)), 0..200i64]
}

fn attribute() -> impl Strategy<Value = Attribute> {
    (text(), of(text())).prop_map(|(key, value)| Attribute { key: Some(key), value })
}

prop_compose! {
    fn event()(
        time in of(whole()), state in of(text()), service in of(text()), host in of(text()), description in of(text()),
        tags in vec(text(), 0..4), ttl in of(any::<f32>()), attributes in vec(attribute(), 0..4), time_micros in of(whole()),
        metric in (of(whole()), of(any::<f64>()), of(any::<f32>())),
    ) -> Event {
        let (metric_sint64, metric_d, metric_f) = metric;
        Event { time, state, service, host, description, tags, ttl, attributes, time_micros, metric_sint64, metric_d, metric_f }
    }
}

prop_compose! {
    fn message()(ok in of(any::<bool>()), error in of(text()), query in of(of(text())), events in vec(event(), 0..5)) -> proto::Msg {
        proto::Msg { ok, error, query: query.map(|string| Query { string }), events }
    }
}

/// Fields of an encoded message in any order, some of them again, some that nobody knows, some with a wrong type.
fn fields() -> impl Strategy<Value = Vec<u8>> {
    let field = prop_oneof![
        8 => event().prop_map(|event| event.encode_to_vec()),
        1 => (any::<u32>(), any::<u64>()).prop_map(|(tag, value)| [varint(u64::from(tag)), varint(value)].concat()),
        1 => (0..200u64, text()).prop_map(|(tag, text)| [varint(tag), varint(text.len() as u64), text].concat()),
        1 => vec(any::<u8>(), 0..4),
        1 => (16..20u64).prop_map(|group| [varint(group << 3 | 3), varint(group << 3 | 4)].concat()),
    ];
    vec(field, 0..5).prop_map(|fields| fields.concat())
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

fn in_message(event: &[u8]) -> Vec<u8> {
    [vec![0x32], varint(event.len() as u64), event.to_vec()].concat()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn what_prost_encodes_is_decoded(message in message()) {
        let bytes = message.encode_to_vec();
        let ours = Msg::decode(&bytes).unwrap();
        prop_assert_eq!(ours.ok, message.ok);
        prop_assert_eq!(ours.error.map(<[u8]>::to_vec), message.error);
        prop_assert_eq!(ours.query.map(<[u8]>::to_vec), message.query.and_then(|query| query.string));
        prop_assert_eq!(ours.n_events, message.events.len());
        prop_assert_eq!(ours.events().count(), message.events.len());
        ours.events().zip(&message.events).for_each(|(ours, theirs)| theirs.check(&ours));
    }

    #[test]
    fn what_we_encode_prost_decodes(events in vec(event(), 0..5), error in ".{0,20}", query in ".{0,200}", ok in any::<bool>()) {
        let bytes: Vec<Vec<u8>> = events.iter().map(Message::encode_to_vec).collect();
        let mut encoder = Encoder::new();
        encoder.ok(ok);
        encoder.error(&error);
        encoder.query(&query);
        bytes.iter().for_each(|bytes| encoder.event(&View::decode(bytes).unwrap()));
        prop_assert_eq!(encoder.n_events(), events.len());
        let theirs = proto::Msg::decode(encoder.bytes()).unwrap();
        prop_assert_eq!((theirs.ok, theirs.error, theirs.query), (Some(ok), Some(error.into()), Some(Query { string: Some(query.into()) })));
        for (again, bytes) in theirs.events.iter().zip(&bytes) {
            let view = View::decode(bytes).unwrap();
            again.check(&view);
            prop_assert_eq!(again.time, view.time.map(Timestamp::secs));
        }
    }

    #[test]
    fn an_answer_has_a_float_beside_its_metric(event in event()) {
        let bytes = event.encode_to_vec();
        let view = View::decode(&bytes).unwrap();
        let mut encoder = Encoder::new();
        encoder.answer(&view);
        let theirs = proto::Msg::decode(encoder.bytes()).unwrap();
        theirs.events[0].check(&view);
        let float = view.metric.map(|metric| metric.as_f64() as f32).filter(|float| float.is_finite());
        prop_assert_eq!(theirs.events[0].metric_f, float);
    }

    #[test]
    fn bytes_are_taken_as_prost_takes_them(bytes in vec(any::<u8>(), 0..60)) {
        check_bytes(&bytes);
        check_bytes(&in_message(&bytes));
    }

    #[test]
    fn fields_in_any_order_are_taken_as_prost_takes_them(fields in fields()) {
        check_bytes(&in_message(&fields));
        check_bytes(&fields);
    }

    #[test]
    fn a_damaged_message_is_taken_as_prost_takes_it(message in message(), at in any::<prop::sample::Index>(), with in any::<u8>(), cut in any::<bool>()) {
        let mut bytes = message.encode_to_vec();
        if bytes.is_empty() {
            return Ok(());
        }
        let at = at.index(bytes.len());
        bytes[at] = with;
        if cut {
            bytes.truncate(at);
        }
        check_bytes(&bytes);
    }

    #[test]
    fn labels_are_the_same_whatever_stands_between_them(labels in vec(attribute(), 0..5), tags in vec(text(), 0..3), between in vec(event(), 0..5)) {
        let mut plain = LabelsBuf::new();
        let mut mixed = Vec::new();
        for tag in &tags {
            plain.mark(tag);
            mixed.extend(Event { tags: vec![tag.clone()], ..Event::default() }.encode_to_vec());
        }
        let mut between = between.into_iter().map(|event| Event { tags: vec![], attributes: vec![], ..event });
        for label in &labels {
            plain.attribute(label.key.as_ref().unwrap(), label.value.as_deref().unwrap_or_default());
            mixed.extend(between.next().unwrap_or_default().encode_to_vec());
            mixed.extend(Event { attributes: vec![label.clone()], ..Event::default() }.encode_to_vec());
        }
        let view = View::decode(&mixed).unwrap();
        prop_assert!(view.labels.same(&plain.view()));
        // In another event they must not bring along what stood between them, kept bytes of them neither.
        for labels in [view.labels, Labels::new(view.labels.as_bytes())] {
            let mut encoder = Encoder::new();
            encoder.event(&View { labels, metric: Some(Metric::Int(7)), ..View::default() });
            let again = events(encoder.bytes()).next().unwrap();
            prop_assert_eq!(again, View { labels: plain.view(), metric: Some(Metric::Int(7)), ..View::default() });
        }
    }
}

#[track_caller]
fn check_refused(event: &[u8], error: DecodeError) {
    assert_eq!(View::decode(event).unwrap_err(), error);
    assert_eq!(Msg::decode(&in_message(event)).unwrap_err(), error);
    assert_eq!(events(&in_message(event)).count(), usize::from(error == DecodeError::AttributeKey), "the iterator ends there");
}

#[test]
fn each_mistake_has_its_error() {
    check_refused(&[0x1a, 5, b'a'], DecodeError::Truncated);
    check_refused(&[0x08], DecodeError::Truncated);
    check_refused(&[0x71, 0, 0], DecodeError::Truncated);
    check_refused(&[0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2], DecodeError::Varint);
    check_refused(&[0x00, 0x00], DecodeError::FieldNumber);
    check_refused(&[0xff, 0xff, 0xff, 0xff, 0x1f, 0], DecodeError::FieldNumber);
    check_refused(&[0x18, 0], DecodeError::WireType(3));
    check_refused(&[0x4a, 2, 0x12, 0], DecodeError::AttributeKey);
}

#[test]
fn groups_that_nobody_knows_are_passed_over_to_a_depth() {
    let nested = |depth: usize| [[0x83, 0x01].repeat(depth), [0x84, 0x01].repeat(depth), vec![0x1a, 1, b's']].concat();
    assert_eq!(View::decode(&nested(90)).unwrap().service, Some(&b"s"[..]));
    assert_eq!(View::decode(&nested(1000)).unwrap_err(), DecodeError::Nesting);
    assert_eq!(View::decode(&[0x83, 0x01, 0x8c, 0x01]).unwrap_err(), DecodeError::WireType(17), "another group's end");
}

#[test]
fn an_attribute_without_value_is_empty() {
    let view = View::decode(&[0x4a, 3, 0x0a, 1, b'k']).unwrap();
    assert_eq!(view.labels.attributes().collect::<Vec<_>>(), [(&b"k"[..], &b""[..])]);
    assert!(view.labels.same(&LabelsBuf::new().attribute(b"k", b"").view()));
    assert!(!view.labels.same(&LabelsBuf::new().attribute(b"k", b"v").view()));
}

#[test]
fn labels_differ_in_order_kind_and_text() {
    let mut one = LabelsBuf::new();
    one.mark(b"a").mark(b"b").attribute(b"k", b"v");
    let differs = |other: &mut LabelsBuf| !one.view().same(&other.view());
    assert!(differs(LabelsBuf::new().mark(b"b").mark(b"a").attribute(b"k", b"v")));
    assert!(differs(LabelsBuf::new().mark(b"a").mark(b"b")));
    assert!(differs(LabelsBuf::new().mark(b"a").mark(b"b").attribute(b"k", b"v").mark(b"c")));
    assert!(differs(LabelsBuf::new().mark(b"a").mark(b"b").attribute(b"k", b"w")));
    assert!(!differs(LabelsBuf::new().attribute(b"k", b"v").mark(b"a").mark(b"b")), "marks among themselves, attributes among themselves");
}
