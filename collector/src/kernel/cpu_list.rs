//! Lists of processors as `/sys/devices/system/cpu/online` has them: `0-3,8`.

use super::number::whole;

/// How many there are; `None` when the text is no list.
pub fn count(text: &[u8]) -> Option<u64> {
    let ranges = text.trim_ascii().split(|byte| *byte == b',');
    ranges.map(count_range).try_fold(0u64, |sum, range| sum.checked_add(range?))
}

fn count_range(range: &[u8]) -> Option<u64> {
    let mut ends = range.splitn(2, |byte| *byte == b'-');
    let first = whole(ends.next()?)?;
    let last = ends.next().map_or(Some(first), whole)?;
    last.checked_sub(first)?.checked_add(1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<u64>) {
        assert_eq!(count(text.as_bytes()), expected, "{text:?}");
    }

    #[test]
    fn ranges_and_single_ones_are_counted() {
        check("0\n", Some(1));
        check("0-3\n", Some(4));
        check("0-3,8,10-11\n", Some(7));
    }

    #[test]
    fn anything_else_is_no_list() {
        for text in ["", "\n", "0-", "3-0", "a", "0,,1", "0-18446744073709551615"] {
            check(text, None);
        }
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes: Vec<u8>) {
            count(&bytes);
        }
    }
}
