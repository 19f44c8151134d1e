//! "Did you mean": the known name that is nearest to a mistyped one.

use crate::{fields, measurements};

/// The measurement that was probably meant; the same name when it exists.
pub fn nearest_measurement(wanted: &str) -> Option<&'static str> {
    nearest(wanted, measurements())
}

/// The field of `measurement` that was probably meant; the same name when it exists.
pub fn nearest_field(measurement: &str, wanted: &str) -> Option<&'static str> {
    nearest(wanted, fields(measurement).map(|metric| metric.field))
}

/// Of several names the nearest one, unless all are so far off that naming one would puzzle more than help: a third of
/// the letters may differ. Of equally near ones the first.
pub fn nearest<'a>(wanted: &str, among: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: Vec<char> = wanted.chars().collect();
    let allowed = wanted.len().div_ceil(3);
    let measured = among.into_iter().map(|name| (distance(&wanted, &name.chars().collect::<Vec<_>>()), name));
    measured.min_by_key(|(distance, _)| *distance).filter(|(distance, _)| *distance <= allowed).map(|(_, name)| name)
}

/// How many letters must be put in, left out, changed, or swapped with their neighbour to make one name of the other.
pub fn edits(from: &str, to: &str) -> usize {
    distance(&from.chars().collect::<Vec<_>>(), &to.chars().collect::<Vec<_>>())
}

/// As [`edits`], of letters.
fn distance(from: &[char], to: &[char]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for (row, letter) in from.iter().enumerate() {
        let mut line = vec![row + 1];
        for (column, other) in to.iter().enumerate() {
            let at = |cells: &[usize], index: usize| cells.get(index).copied().unwrap_or(usize::MAX / 2);
            let changed = at(&last, column) + usize::from(letter != other);
            let mut best = changed.min(at(&last, column + 1) + 1).min(at(&line, column) + 1);
            let previous = |letters: &[char], index: usize| index.checked_sub(1).and_then(|index| letters.get(index).copied());
            if previous(from, row) == Some(*other) && previous(to, column) == Some(*letter) {
                best = best.min(at(&before_last, column - 1) + 1);
            }
            line.push(best);
        }
        before_last = std::mem::replace(&mut last, line);
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(measurement: &str, wanted: &str, found: Option<&str>) {
        assert_eq!(nearest_field(measurement, wanted), found);
    }

    #[test]
    fn a_slip_is_seen_through() {
        check("mem", "used_precent", Some("used_percent"));
        check("mem", "used", Some("used"));
        check("cpu", "usage_activ", Some("usage_active"));
        check("cpu", "useage_active", Some("usage_active"));
        assert_eq!(nearest_measurement("docker_container_memory"), Some("docker_container_mem"));
        assert_eq!(nearest_measurement("disk_io"), Some("diskio"));
    }

    #[test]
    fn what_is_nothing_like_it_is_not_named() {
        check("mem", "temperature", None);
        check("nothing", "used", None);
        assert_eq!(nearest_measurement("kubernetes"), None);
        assert_eq!(nearest_measurement(""), None);
    }

    #[test]
    fn the_distance_counts_letters() {
        for (from, to, expected) in
            [("", "", 0), ("", "abc", 3), ("abc", "", 3), ("abc", "acb", 1), ("kitten", "sitting", 3), ("a", "b", 1)]
        {
            let letters = |text: &str| text.chars().collect::<Vec<_>>();
            assert_eq!(distance(&letters(from), &letters(to)), expected, "{from} {to}");
        }
    }
}
