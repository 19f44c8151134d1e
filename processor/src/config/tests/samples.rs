//! A row of samples as people write it: `0.5 0.95x5 _x2 10..90x9`.

use event::Metric;

use super::super::report::Report;
use super::super::yaml::Node;
use crate::rule_tests::Sample;

/// Samples of one row; a day of seconds fits.
const MAX_SAMPLES: usize = 100_000;

/// The samples of a row; what is wrong is told at its place.
pub(super) fn read(node: &Node, report: &mut Report) -> Option<Vec<Sample>> {
    let Some(text) = node.scalar() else {
        let message = "`metric` takes a row of samples in one text";
        report.error(&node.place, message).help("write `metric: 0.5 0.95x5 _x2 10..90x9`");
        return None;
    };
    let mut samples = Vec::new();
    let mut is_good = true;
    for (start, word) in words(text) {
        match sample(word, MAX_SAMPLES - samples.len()) {
            Ok(more) => samples.extend(more),
            Err(why) => {
                report.error(&node.part(&(start..start + word.len())), why).help("write 0.9, 0.9x5, 10..90x9, or _ for none");
                is_good = false;
            }
        }
    }
    is_good.then_some(samples)
}

fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split(char::is_whitespace).filter_map(move |word| {
        let start = at;
        at += word.len() + text.get(start + word.len()..)?.chars().next().map_or(0, char::len_utf8);
        (!word.is_empty()).then_some((start, word))
    })
}

fn sample(word: &str, room: usize) -> Result<Vec<Sample>, String> {
    let not_one = || format!("`{word}` is not a sample");
    let (what, count) = match word.rsplit_once('x') {
        Some((what, count)) => (what, Some(count.parse::<usize>().map_err(|_| not_one())?)),
        None => (word, None),
    };
    let n = count.unwrap_or(1);
    if n == 0 {
        return Err(format!("`{word}` is no sample at all"));
    }
    if n > room {
        return Err(format!("a row holds at most {MAX_SAMPLES} samples"));
    }
    if what == "_" {
        return Ok(vec![Sample::Missing; n]);
    }
    let Some((first, last)) = what.split_once("..") else {
        return Ok(vec![Sample::Event(Some(number(what).ok_or_else(not_one)?)); n]);
    };
    let (first, last) = (number(first).ok_or_else(not_one)?.as_f64(), number(last).ok_or_else(not_one)?.as_f64());
    if n < 2 {
        return Err(format!("`{word}` goes from one number to another: say in how many samples, at least 2"));
    }
    let step = |i: usize| first + (last - first) * i as f64 / (n - 1) as f64;
    Ok((0..n).map(|i| Sample::Event(Metric::float(step(i)))).collect())
}

fn number(text: &str) -> Option<Metric> {
    text.parse().ok().map(Metric::Int).or_else(|| {
        let looks_so = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '.'));
        Metric::float(text.parse().ok().filter(|_| looks_so)?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(word: &str, expected: &[f64]) {
        let read = sample(word, 100).unwrap();
        let numbers: Vec<f64> = read
            .iter()
            .map(|sample| match sample {
                Sample::Event(Some(metric)) => metric.as_f64(),
                Sample::Event(None) | Sample::Missing => f64::NAN,
            })
            .collect();
        assert_eq!(format!("{numbers:?}"), format!("{expected:?}"));
    }

    #[test]
    fn what_people_write() {
        check("-5", &[-5.0]);
        check("0.9x3", &[0.9; 3]);
        check("1.5..-2x8", &[1.5, 1.0, 0.5, 0.0, -0.5, -1.0, -1.5, -2.0]);
        check("10..90x9", &[10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0]);
        check("_x2", &[f64::NAN; 2]);
        check("1e3", &[1000.0]);
    }

    #[test]
    fn what_is_no_sample() {
        for word in ["x", "x3", "0.9x", "0.9x-1", "0.9x0", "a", "1..x3", "1..2", "1..2x1", "nan", "inf", "0x101", "__", "1..2..3x4"] {
            assert!(sample(word, 100).is_err(), "{word}");
        }
    }

    #[test]
    fn each_word_has_its_place() {
        let found: Vec<_> = words(" a  bc\nd ").collect();
        assert_eq!(found, [(1, "a"), (4, "bc"), (7, "d")]);
    }
}
