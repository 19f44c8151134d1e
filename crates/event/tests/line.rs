//! Whatever the names and texts are: what is written is read back by another reader as what was meant, and nothing more.

mod line_parser;

use event::line::{self, Lines, Value};
use event::{Metric, Timestamp};
use line_parser::{Field, Line, parse};
use proptest::collection::vec;
use proptest::prelude::*;

/// Mostly what gives trouble.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![4 => "[ab,= \\\\\"#\n\r\t\u{0}\u{7f}éi1]{1,8}", 2 => "[a-z_]{1,6}", 1 => "\\PC{1,5}"]
}

fn value() -> impl Strategy<Value = (Value<'static>, Field)> {
    let text = "[ab,= \\\\\"#\n\r\u{0}é]{0,8}".prop_map(|text: String| {
        let read = text.replace(|char: char| char.is_ascii_control(), " ");
        (Value::Text(text.leak()), Field::Text(read))
    });
    let float = any::<f64>().prop_filter_map("finite", |float| Some((Value::Metric(Metric::float(float)?), Field::Float(float))));
    prop_oneof![any::<i64>().prop_map(|int| (Value::Metric(Metric::Int(int)), Field::Int(int))), float, text]
}

fn float_text(number: f64) -> String {
    let mut lines = Lines::default();
    lines.field(0, b"m", Timestamp::default(), b"f", Value::Metric(Metric::Float(number)));
    String::from_utf8_lossy(lines.finish()).replace("m f=", "").replace(" 0\n", "")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn a_float_is_read_back_to_the_last_bit(thousandths in -1i64 << 53..1 << 53, scale in -3..3i32, any in any::<f64>()) {
        for number in [thousandths as f64 / 1e3, thousandths as f64 * 10f64.powi(scale), (thousandths % 100_000) as f64 / 1e3, any] {
            if number.is_finite() {
                let text = float_text(number);
                prop_assert_eq!(text.parse::<f64>(), Ok(number), "{}", text);
                prop_assert!(text.contains(['.', 'e']), "{} would be taken for a whole number by some", text);
            }
        }
    }
}

/// What is documented to be replaced.
fn replaced(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let replace = |(at, char): (usize, &char)| match char {
        '\\' if chars.get(at + 1).is_none_or(|next| [',', '=', ' '].contains(next)) => '/',
        char if char.is_ascii_control() => '_',
        char => *char,
    };
    chars.iter().enumerate().map(replace).collect()
}

fn replaced_measurement(name: &str) -> String {
    let name = replaced(name);
    name.strip_prefix('#').map_or(name.clone(), |rest| format!("_{rest}"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn lines_are_read_back_as_they_were_meant(
        series in vec((name(), vec((name(), name()), 0..4)), 1..4),
        values in vec((0..4usize, 0..3i64, name(), value()), 1..12),
    ) {
        let mut lines = Lines::default();
        let mut wanted: Vec<Line> = Vec::new();
        let mut last = None;
        for (at, time, key, (value, read)) in values {
            let at = at % series.len();
            let (measurement, tags) = &series[at];
            let (mut head, mut rendered) = (Vec::new(), Vec::new());
            let given: Vec<(&str, &str)> = tags.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
            line::head(&mut head, measurement, &given);
            line::key(&mut rendered, &key);
            lines.field(at as u32, &head, Timestamp::from_micros(time), &rendered, value);
            let key = replaced(&key);
            match wanted.last_mut().filter(|line| last == Some((at, time)) && line.fields.iter().all(|(taken, _)| *taken != key)) {
                Some(line) => line.fields.push((key, read)),
                None => wanted.push(Line { measurement: replaced_measurement(measurement), tags: meant(tags), fields: vec![(key, read)], time }),
            }
            last = Some((at, time));
        }
        prop_assert_eq!(lines.n_lines(), wanted.len());
        let written = String::from_utf8(lines.finish().to_vec()).unwrap();
        prop_assert_eq!(written.matches('\n').count(), wanted.len(), "a line break in {:?}", written);
        prop_assert_eq!(parse(&written), Some(wanted), "{}", written);
    }
}

/// Sorted by key, of those with one key the first.
fn meant(tags: &[(String, String)]) -> Vec<(String, String)> {
    let mut meant: Vec<(String, String)> = Vec::new();
    for (key, value) in tags {
        if meant.iter().all(|(taken, _)| *taken != replaced(key)) {
            meant.push((replaced(key), replaced(value)));
        }
    }
    meant.sort();
    meant
}

#[test]
fn the_reader_refuses_what_a_server_refuses() {
    for text in [
        "m",
        "m 1\n",
        "m a=1",
        "m,t a=1 1\n",
        "m,t= a=1 1\n",
        "m,t=1,t=2 a=1 1\n",
        "m a=1,a=2 1\n",
        "m a=NaN 1\n",
        "#m a=1 1\n",
        "m a=\"x 1\n",
    ] {
        assert_eq!(parse(text), None, "{text}");
    }
}
