//! Small files of numbers: `/proc/sys/fs/file-nr`, `entropy_avail`, `nf_conntrack_count`, `/sys/class/hwmon/…`.

use super::number::{fill, whole, words};

/// The first `N` numbers of the text; `None` when there are fewer.
pub fn numbers<const N: usize>(text: &[u8]) -> Option<[u64; N]> {
    let mut numbers = [0; N];
    (fill(words(text.trim_ascii()), &mut numbers) == N).then_some(numbers)
}

/// One number, which may be below zero, as a temperature may.
pub fn signed(text: &[u8]) -> Option<i64> {
    let text = text.trim_ascii();
    match text.strip_prefix(b"-") {
        Some(digits) => i64::try_from(whole(digits)?).ok().map(i64::wrapping_neg),
        None => i64::try_from(whole(text)?).ok(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_stand_between_blanks() {
        assert_eq!(numbers(b"1375\t0\t2466170\n"), Some([1375, 0, 2_466_170]));
        assert_eq!(numbers(b"247515\t244744\t45\t0\t53058\t0\n"), Some([247_515, 244_744]));
        for text in ["", "\n", "1375", "1375 x", "x 7"] {
            assert_eq!(numbers::<2>(text.as_bytes()), None, "{text:?}");
        }
    }

    #[test]
    fn a_temperature_may_be_below_zero() {
        assert_eq!((signed(b"-4500\n"), signed(b"48000\n"), signed(b"0\n")), (Some(-4500), Some(48000), Some(0)));
        for text in ["", "-", "--1", "99999999999999999999", "-99999999999999999999", "4.5"] {
            assert_eq!(signed(text.as_bytes()), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes: Vec<u8>) {
            numbers::<3>(&bytes);
            signed(&bytes);
        }
    }
}
