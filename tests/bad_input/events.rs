//! Events that are messages, but odd: what they hold is taken as docs/protocol.md says.

use prost::Message as _;
use transport::request::Connection;

use crate::beside;
use crate::common::{PATIENCE, Skep};
use crate::proto::{Attribute, Event, Msg};

fn send(skep: &Skep, events: Vec<Event>) {
    let message = Msg { events, ..Msg::default() };
    let reply = Connection::open(skep.riemann.unwrap(), PATIENCE).unwrap().ask(&message.encode_to_vec()).unwrap();
    assert_eq!(reply, [0x10, 1]);
}

fn event(service: &str) -> Event {
    Event { host: Some(b"odd".to_vec()), service: Some(service.into()), ttl: Some(600.0), ..Event::default() }
}

#[test]
fn nan_infinities_and_bytes_that_are_no_utf8_are_taken() {
    let folder = tempfile::tempdir().unwrap();
    let skep = Skep::start("process", folder.path(), &[]);
    beside::of(&skep, || {
        let floats = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
        send(&skep, (0..3).map(|n| Event { metric_d: Some(floats[n]), ..event(&format!("float/{n}")) }).collect());
        for found in skep.index("service =~ \"float/%\"") {
            assert_eq!(found["metric"], serde_json::Value::Null, "{found}");
        }
        assert_eq!(skep.index("service =~ \"float/%\"").len(), 3);
        let bad = b"b\xffd\xc3".to_vec();
        let attribute = Attribute { key: Some(b"key".to_vec()), value: Some(bad.clone()) };
        send(
            &skep,
            vec![Event {
                host: Some(bad.clone()),
                state: Some(bad.clone()),
                description: Some(bad.clone()),
                tags: vec![bad],
                attributes: vec![attribute],
                ..event("lossy")
            }],
        );
        let found = &skep.index("service = \"lossy\"")[0];
        for key in ["host", "state", "description", "key"] {
            assert_eq!(found[key], "b\u{fffd}d\u{fffd}", "{key}: {found}");
        }
        assert_eq!(found["tags"][0], "b\u{fffd}d\u{fffd}");
    });
    skep.stop();
}

#[test]
fn an_event_of_1970_expires_and_one_of_2100_expires_a_ttl_after_its_arrival() {
    let folder = tempfile::tempdir().unwrap();
    let skep = Skep::start("process", folder.path(), &[]);
    beside::of(&skep, || {
        let year_2100 = 4_102_444_800;
        let at = |service: &str, time: i64, ttl: f32| Event { time: Some(time), ttl: Some(ttl), ..event(service) };
        send(&skep, vec![at("t/1970", 0, 1e6), at("t/2100", year_2100, 600.0), at("t/2100-short", year_2100, 0.5)]);
        send(&skep, vec![at("t/least", i64::MIN, 600.0), at("t/most", i64::MAX, 600.0)]);
        let odd = [f32::NAN, f32::INFINITY, -1.0, f32::MAX];
        send(&skep, odd.iter().enumerate().map(|(n, ttl)| Event { ttl: Some(*ttl), ..event(&format!("ttl/{n}")) }).collect());
        let is_as_said = testbed::wait_until(PATIENCE, || {
            let left = skep.index("service =~ \"t/%\"");
            let mut left: Vec<&str> = left.iter().map(|event| event["service"].as_str().unwrap()).collect();
            left.sort_unstable();
            left == ["t/2100", "t/most"]
        });
        assert!(is_as_said, "{:?}", skep.index("service =~ \"t/%\""));
        let found = &skep.index("service = \"t/2100\"")[0];
        assert!(found["time"].as_str().unwrap().starts_with("2100-01-01T00:00:00"), "{found}");
        assert_eq!(skep.index("service =~ \"ttl/%\"").len(), 4);
    });
    skep.stop();
}
