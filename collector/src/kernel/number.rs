//! Words and decimal numbers of the kernel's texts.

/// The lines of a text.
pub fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty())
}

/// The words of a line, which stand between blanks.
pub fn words(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|byte| matches!(byte, b' ' | b'\t')).filter(|word| !word.is_empty())
}

/// A whole number; `None` for anything but digits, and for what is over 64 bits.
pub fn whole(word: &[u8]) -> Option<u64> {
    if word.is_empty() {
        return None;
    }
    word.iter().try_fold(0u64, |value, byte| value.checked_mul(10)?.checked_add(digit(*byte)?))
}

/// A number with or without a fraction: `0.41`, `12`. No sign, no exponent.
pub fn decimal(word: &[u8]) -> Option<f64> {
    let mut parts = word.splitn(2, |byte| *byte == b'.');
    let whole = whole(parts.next()?)?;
    let Some(fraction) = parts.next() else { return Some(whole as f64) };
    let digits = i32::try_from(fraction.len()).ok().filter(|digits| *digits <= 18)?;
    Some(whole as f64 + self::whole(fraction)? as f64 / 10f64.powi(digits))
}

/// Fills `into` with the numbers that follow one another; says how many there were. What is left keeps its value.
pub fn fill<'a>(words: impl Iterator<Item = &'a [u8]>, into: &mut [u64]) -> usize {
    let mut filled = 0;
    for (slot, value) in into.iter_mut().zip(words.map_while(whole)) {
        *slot = value;
        filled += 1;
    }
    filled
}

fn digit(byte: u8) -> Option<u64> {
    byte.is_ascii_digit().then(|| u64::from(byte - b'0'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn whole_numbers_are_digits_and_nothing_else() {
        assert_eq!(whole(b"0"), Some(0));
        assert_eq!(whole(b"18446744073709551615"), Some(u64::MAX));
        for text in ["", "-1", "+1", "1.0", "1 ", "0x10", "18446744073709551616"] {
            assert_eq!(whole(text.as_bytes()), None, "{text:?}");
        }
    }

    #[test]
    fn decimals_have_a_point_at_the_most() {
        assert_eq!(decimal(b"0.41"), Some(0.41));
        assert_eq!(decimal(b"2740.54"), Some(2740.54));
        assert_eq!(decimal(b"12"), Some(12.0));
        for text in ["", ".", "1.", ".5", "-1.0", "1e9", "nan", "inf", "1.2.3", "0.1234567890123456789"] {
            assert_eq!(decimal(text.as_bytes()), None, "{text:?}");
        }
    }

    #[test]
    fn words_stand_between_blanks() {
        let seen: Vec<&[u8]> = words(b"  eth0:\t7  8 ").collect();
        assert_eq!(seen, [&b"eth0:"[..], b"7", b"8"]);
    }

    #[test]
    fn numbers_are_filled_in_until_something_else_comes() {
        let mut slots = [9; 4];
        assert_eq!(fill(words(b"1 2 x 3"), &mut slots), 2);
        assert_eq!(slots, [1, 2, 9, 9]);
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(value: u64, hundredths in 0..1_000_000_000u64) {
            prop_assert_eq!(whole(value.to_string().as_bytes()), Some(value));
            let text = format!("{}.{:02}", hundredths / 100, hundredths % 100);
            let read = decimal(text.as_bytes()).unwrap();
            prop_assert!((read - text.parse::<f64>().unwrap()).abs() < 1e-6);
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes: Vec<u8>) {
            let _ = (whole(&bytes), decimal(&bytes));
            prop_assert!(lines(&bytes).flat_map(words).all(|word| !word.is_empty()));
        }
    }
}
