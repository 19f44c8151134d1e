//! Rows beside plain lists.

use super::*;

fn event(second: i64, state: &'static str) -> View<'static> {
    View { time: Some(Timestamp::from_secs(second)), state: Some(state.as_bytes()), metric: Some(Metric::Int(second)), ..View::default() }
}

#[test]
fn what_goes_in_comes_out_and_equal_shapes_are_kept_once() {
    let mut row = Events::default();
    let all = [event(1, "ok"), event(2, "ok"), event(3, "bad"), event(4, "ok")];
    all.iter().for_each(|event| row.push(event));
    assert_eq!(row.n_used, 3);
    assert_eq!(row.iter().flatten().collect::<Vec<_>>(), all);
    row.pop();
    row.pop();
    row.push(&event(5, "ok"));
    row.push_none();
    let rest = [Some(event(3, "bad")), Some(event(4, "ok")), Some(event(5, "ok")), None];
    assert_eq!(row.iter().collect::<Vec<_>>(), rest);
    assert_eq!(row.iter().rev().collect::<Vec<_>>(), rest.iter().rev().copied().collect::<Vec<_>>());
    assert_eq!(row.behind.len(), 2);
    row.clear();
    assert!(row.is_empty());
    row.push(&event(6, "bad"));
    assert_eq!(row.get(0), Some(event(6, "bad")));
}

/// One of the things that can be done with a row.
#[derive(Clone, Debug)]
enum Act {
    Push(i64, Option<i64>, bool),
    PushNone,
    Pop,
    Retain(i64),
    Clear,
    Restore,
}

fn acts() -> impl proptest::strategy::Strategy<Value = Vec<Act>> {
    use proptest::prelude::*;
    let push = (0..20i64, proptest::option::of(-5..5i64), any::<bool>()).prop_map(|(time, metric, ok)| Act::Push(time, metric, ok));
    let act = prop_oneof![8 => push, 1 => Just(Act::PushNone), 4 => Just(Act::Pop), 1 => (0..20i64).prop_map(Act::Retain), 1 => Just(Act::Clear), 1 => Just(Act::Restore)];
    proptest::collection::vec(act, 0..100)
}

proptest::proptest! {
    #[test]
    fn a_row_is_as_a_plain_list(acts in acts()) {
        let (mut row, mut list) = (Events::default(), Vec::<Option<View<'_>>>::new());
        for act in acts {
            match act {
                Act::Push(time, metric, is_ok) => {
                    let time = (time > 0).then(|| Timestamp::from_secs(time));
                    let metric = metric.map(|n| if n % 2 == 0 { Metric::Int(n) } else { Metric::Float(n as f64) });
                    let event = View { time, metric, state: is_ok.then_some(b"ok"), ..View::default() };
                    row.push(&event);
                    list.push(Some(event));
                }
                Act::PushNone => {
                    row.push_none();
                    list.push(None);
                }
                Act::Pop => {
                    row.pop();
                    list.drain(..1.min(list.len()));
                }
                Act::Retain(second) => {
                    let cutoff = Timestamp::from_secs(second);
                    row.retain_after(cutoff);
                    list.retain(|event| event.and_then(|event| event.time).is_none_or(|time| time > cutoff));
                }
                Act::Clear => {
                    row.clear();
                    list.clear();
                }
                Act::Restore => {
                    let mut bytes = Vec::new();
                    row.write(&mut Writer::new(&mut bytes));
                    row = Events::read(&mut Reader::new(&bytes)).unwrap();
                }
            }
            proptest::prop_assert_eq!(row.iter().collect::<Vec<_>>(), list.clone());
            proptest::prop_assert_eq!(row.iter().rev().collect::<Vec<_>>(), list.iter().rev().copied().collect::<Vec<_>>());
            for (at, event) in list.iter().enumerate() {
                proptest::prop_assert_eq!(row.get(at), *event);
            }
            let first = list.first().copied().flatten().and_then(|event| event.time);
            proptest::prop_assert_eq!(row.first_time(), first);
        }
    }
}
