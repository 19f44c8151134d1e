//! Random queries and events.

use engine::query::Query;
use event::{Event, Metric, Timestamp};
use proptest::prelude::*;

fn text() -> impl Strategy<Value = String> {
    prop_oneof![Just("a"), Just("b"), Just("ab"), Just(""), Just("a\n\"\\"), Just("é")].prop_map(str::to_owned)
}

fn quoted() -> impl Strategy<Value = String> {
    text().prop_map(|text| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")))
}

fn number() -> impl Strategy<Value = String> {
    let floats = any::<f64>().prop_filter("finite", |value| value.is_finite()).prop_map(|value| format!("{value:?}"));
    let some = prop_oneof![Just("0"), Just("1"), Just("1.0"), Just("-1.5"), Just("5n"), Just("NaN"), Just("Infinity"), Just("-Infinity")];
    prop_oneof![some.prop_map(str::to_owned), any::<i64>().prop_map(|value| value.to_string()), floats]
}

fn field() -> impl Strategy<Value = String> {
    const NAMES: &[&str] = &["host", "service", "state", "description", "metric", "time", "ttl", "tags", "dc", "x.y-z"];
    prop::sample::select(NAMES).prop_map(str::to_owned)
}

fn side() -> impl Strategy<Value = String> {
    let literals = prop_oneof![Just("nil"), Just("true"), Just("false")].prop_map(str::to_owned);
    prop_oneof![4 => field(), 2 => quoted(), 1 => number(), 1 => literals]
}

fn condition() -> impl Strategy<Value = String> {
    let equals = (side(), prop_oneof![Just("="), Just("!=")], side()).prop_map(|(a, op, b)| format!("{a}{op}{b}"));
    let orders =
        (side(), prop_oneof![Just("<"), Just("<="), Just(">"), Just(">=")], number()).prop_map(|(a, op, b)| format!("{a} {op} {b}"));
    let likes = (side(), prop_oneof![Just("a%"), Just("%"), Just("%b"), Just("a")]).prop_map(|(a, b)| format!("{a} =~ \"{b}\""));
    let searches = (side(), prop_oneof![Just("^a"), Just("b"), Just("a|é"), Just("")]).prop_map(|(a, b)| format!("{a} ~= \"{b}\""));
    prop_oneof![4 => equals, 2 => orders, 1 => likes, 1 => searches, 1 => quoted().prop_map(|text| format!("tagged {text}")), 1 => side()]
}

fn query() -> impl Strategy<Value = String> {
    condition().prop_recursive(5, 24, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(|a| format!("not {a}")),
            inner.clone().prop_map(|a| format!("({a})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} and {b}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} or {b}")),
            (inner.clone(), inner).prop_map(|(a, b)| format!("not ({a} or {b})")),
        ]
    })
}

fn event() -> impl Strategy<Value = Event> {
    let word = || prop::option::of(text());
    let metric = prop_oneof![
        Just(None),
        (-2i64..3).prop_map(|value| Some(Metric::Int(value))),
        any::<i64>().prop_map(|value| Some(Metric::Int(value))),
        any::<f64>().prop_map(Metric::float),
        Just(Metric::float(1.0)),
    ];
    let marks = prop::collection::vec(text(), 0..3);
    let attributes = prop::collection::vec((prop_oneof![Just("dc".to_owned()), field()], text()), 0..3);
    let times = (prop::option::of(-2i64..3), prop::option::of(0u8..3));
    (word(), word(), word(), word(), metric, marks, attributes, times).prop_map(
        |(host, service, state, description, metric, marks, attributes, (time, ttl))| Event {
            time: time.map(Timestamp::from_secs),
            state,
            service,
            host,
            description,
            ttl: ttl.map(f32::from),
            metric,
            marks,
            attributes,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_residue_of_a_series_says_of_its_events_what_the_whole_query_says(text in query(), event in event()) {
        let query = Query::parse(&text).unwrap();
        event.with_view(|view| {
            let residue = query.residue(event.host.as_deref(), event.service.as_deref(), view.labels);
            prop_assert_eq!(residue.matches(view), query.matches(view), "{} left {:?}", query, residue);
            Ok(())
        })?;
    }

    #[test]
    fn a_matching_event_has_one_of_the_literals(text in query(), event in event()) {
        let query = Query::parse(&text).unwrap();
        let among = |literals: Option<Vec<&str>>, value: &Option<String>| {
            literals.is_none_or(|literals| value.as_deref().is_some_and(|value| literals.contains(&value)))
        };
        if event.with_view(|view| query.matches(view)) {
            prop_assert!(among(query.service_literals(), &event.service), "{}", query);
            prop_assert!(among(query.host_literals(), &event.host), "{}", query);
        }
    }

    #[test]
    fn the_canonical_text_parses_back_to_an_equal_query(text in query(), event in event()) {
        let query = Query::parse(&text).unwrap();
        let again = Query::parse(&query.to_string()).unwrap();
        prop_assert_eq!(&again, &query);
        prop_assert_eq!(again.to_string(), query.to_string());
        prop_assert_eq!(event.with_view(|view| again.matches(view)), event.with_view(|view| query.matches(view)));
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in any::<String>()) {
        spans_are_sound(&text)?;
    }

    #[test]
    fn no_row_of_tokens_makes_the_parser_panic(parts in prop::collection::vec(
        prop::sample::select(["(", ")", "and", "or", "not", "tagged", "metric", ">", "=", "=~", "~=", "\"", "'", "90%", "5s", "5 s", ".5", "-", "cpu/x",
            "nil", "\\", "&&", "!", "NOT", "AND", "é", "%", "\"a\"", "1e", "..", "\"(\""].as_slice()), 0..12))
    {
        spans_are_sound(&parts.join(" "))?;
        spans_are_sound(&parts.concat())?;
    }
}

/// Spans lie within the text, on characters, in order; an error has at least one mistake.
fn spans_are_sound(text: &str) -> Result<(), TestCaseError> {
    let Err(mistakes) = Query::parse(text) else { return Ok(()) };
    prop_assert!(!mistakes.is_empty());
    prop_assert!(mistakes.is_sorted_by_key(|mistake| mistake.span.start));
    for mistake in mistakes {
        prop_assert!(text.get(mistake.span.clone()).is_some(), "{:?} in {:?}", mistake, text);
    }
    Ok(())
}
