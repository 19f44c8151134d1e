//! `/proc/uptime`: for how long the machine has been up.

use super::number::{decimal, words};

/// Seconds since boot, time in suspension included; `None` when the text is no number.
pub fn parse(text: &[u8]) -> Option<f64> {
    decimal(words(text.trim_ascii_end()).next()?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_first_number_is_the_uptime() {
        assert_eq!(parse(b"2740.54 4868.34\n"), Some(2740.54));
        assert_eq!(parse(b"7\n"), Some(7.0));
    }

    #[test]
    fn anything_else_is_none() {
        for text in ["", "\n", "up 7", "-1.0 2.0"] {
            assert_eq!(parse(text.as_bytes()), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes: Vec<u8>) {
            parse(&bytes);
        }
    }
}
