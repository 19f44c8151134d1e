//! How long a container's processes stood still for want of CPU, memory or IO: `cpu.pressure` and so on, in version 2 groups.

use super::series::{Out, Series, Value};

/// One line of such a file.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Stall {
    /// Percent of the last ten seconds.
    avg10: f64,
    /// All of it, in microseconds.
    total: u64,
}

/// One such file: `some` of the processes stood still, or all (`full`) did.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Pressure {
    some: Option<Stall>,
    full: Option<Stall>,
}

/// Reads `some avg10=0.00 avg60=0.00 avg300=0.00 total=7875` and `full …`; the latter is not there on older kernels.
fn parse(text: &str) -> Pressure {
    let mut pressure = Pressure::default();
    for line in text.lines() {
        match line.split_once(' ') {
            Some(("some", values)) => pressure.some = stall(values),
            Some(("full", values)) => pressure.full = stall(values),
            _ => {}
        }
    }
    pressure
}

fn stall(values: &str) -> Option<Stall> {
    let value = |name: &str| values.split(' ').find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
    Some(Stall { avg10: value("avg10")?.parse().ok()?, total: value("total")?.parse().ok()? })
}

/// Hands out what a file says, in the series of what it is about.
pub(super) fn put(text: &str, series: &mut Series, out: &mut impl Out) {
    let Pressure { some, full } = parse(text);
    let avg10 = |stall: Option<Stall>| stall.and_then(|stall| Value::float(stall.avg10));
    let total = |stall: Option<Stall>| stall.map(|stall| Value::int(stall.total));
    series.put(
        out,
        &[
            ("pressure_some_avg10", avg10(some)),
            ("pressure_some_total", total(some)),
            ("pressure_full_avg10", avg10(full)),
            ("pressure_full_total", total(full)),
        ],
    );
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_file_tells_of_some_and_of_all_processes() {
        let text = "some avg10=12.34 avg60=3.00 avg300=0.50 total=7875\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=1196\n";
        let (some, full) = (Stall { avg10: 12.34, total: 7875 }, Stall { avg10: 0.0, total: 1196 });
        assert_eq!(parse(text), Pressure { some: Some(some), full: Some(full) });
    }

    #[test]
    fn what_is_missing_is_none() {
        assert_eq!(parse(""), Pressure::default());
        assert_eq!(parse("some avg10=1.00\nfull total=x avg10=0.00\n"), Pressure::default());
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "((some|full)? ?[a-z0-9]{0,6}=?[0-9.]{0,24} ?\n?){0,6}|\\PC{0,60}") {
            parse(&text);
        }
    }
}
