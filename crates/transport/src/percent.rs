//! Texts in URLs.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// All but what RFC 3986 calls unreserved.
const RESERVED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A text as a part of a path, a name or a value of a query.
pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, &RESERVED).to_string()
}

/// The reverse, byte by byte; a broken `%` stands for itself.
pub fn decode(text: &str) -> Vec<u8> {
    percent_decode_str(text).collect()
}

/// The same as a text; what is no UTF-8 becomes U+FFFD.
pub fn decode_text(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_a_url_cannot_hold_is_encoded() {
        assert_eq!(encode("a = \"é%\""), "a%20%3D%20%22%C3%A9%25%22");
        assert_eq!(encode("../a b?c&d+e:f-g_h~"), "..%2Fa%20b%3Fc%26d%2Be%3Af-g_h~");
    }

    #[test]
    fn what_is_broken_stands_for_itself() {
        assert_eq!(decode("100%&%zz%4%+5"), b"100%&%zz%4%+5");
        assert_eq!(decode_text("a%ff"), "a\u{fffd}");
        assert_eq!(decode_text("c++.yaml%3A8"), "c++.yaml:8");
    }

    proptest! {
        #[test]
        fn every_text_is_read_again(text in ".*") {
            prop_assert_eq!(decode_text(&encode(&text)), text);
        }
    }
}
