//! Pieces of a text are read as the whole is.

use event::Event;
use proptest::prelude::*;

use super::*;

const NOW: Timestamp = Timestamp::from_secs(100);

/// The events of a text that comes in pieces of so many bytes.
fn read(text: &[u8], unit: i64, size: usize) -> (Vec<Event>, Outcome) {
    let mut events = Vec::new();
    let mut put = |view: &View<'_>| events.push(Event::from(view));
    let mut reader = Reader::new(unit, NOW, false);
    text.chunks(size).for_each(|piece| reader.feed(piece, &mut put));
    let outcome = reader.finish(&mut put);
    (events, outcome)
}

#[test]
fn a_point_is_a_sample_for_each_of_its_fields() {
    let (events, outcome) = read(b"disk,host=n2,path=/var,state=x used=12i,free=1.5,ok=t,kind=\"ext4\" 7\nload1 value=3", 1_000_000_000, 5);
    let services: Vec<_> = events.iter().map(|event| event.service.as_deref().unwrap()).collect();
    let named = ["used", "free", "ok", "kind"].map(|field| format!("disk/path=%2Fvar,state=x/{field}"));
    assert_eq!(services[..4], named);
    assert_eq!(services[4], "load1/value");
    assert_eq!(events[0].attributes, [("path".to_owned(), "/var".to_owned()), ("tag_state".to_owned(), "x".to_owned())]);
    let metrics = events.iter().map(|event| event.metric).collect::<Vec<_>>();
    let (int, float) = (|n| Some(Metric::Int(n)), |n| Some(Metric::Float(n)));
    assert_eq!(metrics, [int(12), float(1.5), int(1), None, float(3.0)]);
    assert_eq!(events[3].state.as_deref(), Some("ext4"));
    assert_eq!(events.iter().map(|event| event.time.unwrap()).collect::<Vec<_>>()[3..], [Timestamp::from_secs(7), NOW]);
    assert_eq!(outcome, Outcome { n_points: 2, ..Outcome::default() });
}

#[test]
fn wrong_lines_are_told_with_their_numbers_and_the_others_count() {
    let (events, outcome) = read(b"a x=1\ncpu\n\n# no\nb x=2 9223372036854775807\nc x=\nd x=4", 1_000, 4);
    assert_eq!(events.len(), 2);
    assert_eq!((outcome.n_points, outcome.n_refused), (2, 3));
    assert_eq!(
        outcome.mistakes,
        [
            "line 2: expected the key of a field, found the end of the line",
            "the time 9223372036854775807 of a point of `b` is out of range",
            "line 6: expected the value of a field, found the end of the line",
        ]
    );
}

#[test]
fn a_line_without_end_is_refused_once_and_the_next_is_read() {
    let mut text = vec![b'a'; 3 * MAX_LINE];
    text.extend_from_slice(b" x=1\nb x=2\nnonsense");
    let (events, outcome) = read(&text, 1, 64 << 10);
    assert_eq!(events.len(), 1);
    let expected = ["line 1: it has more than 1048576 bytes", "line 3: expected the key of a field, found the end of the line"];
    assert_eq!(outcome.mistakes, expected);
}

#[test]
fn what_is_late_says_so() {
    let mut marks = Vec::new();
    Reader::new(1, NOW, true).feed(b"a x=1\n", &mut |view| marks.push(Event::from(view).marks));
    assert_eq!(marks, [["skep", "late"]]);
}

proptest! {
    #[test]
    fn pieces_change_nothing(text in "([abx,= 1i\"\\\\#\n]|\\PC){0,80}", size in 1usize..20) {
        prop_assert_eq!(read(text.as_bytes(), 1, size), read(text.as_bytes(), 1, text.len().max(1)));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200), size in 1usize..20) {
        let (_, outcome) = read(&bytes, 3_600_000_000_000, size);
        prop_assert!(outcome.mistakes.len() as u64 <= outcome.n_refused);
    }

    #[test]
    fn every_written_point_comes_back(values in prop::collection::vec((any::<i64>(), 0i64..1 << 40), 1..20), size in 1usize..40) {
        let text: String = values.iter().map(|(value, second)| format!("m,host=h,k=v f={value}i {second}\n")).collect();
        let (events, outcome) = read(text.as_bytes(), 1_000, size);
        let found: Vec<_> = events.iter().map(|event| (event.metric.unwrap(), event.time.unwrap())).collect();
        let given: Vec<_> = values.iter().map(|(value, micros)| (Metric::Int(*value), Timestamp::from_micros(*micros))).collect();
        prop_assert_eq!(found, given);
        prop_assert_eq!(outcome.n_refused, 0);
    }
}
