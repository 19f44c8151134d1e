//! The part of an address after the `?`.

/// Keys and values of a query string, in their order, decoded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Params(Vec<(String, String)>);

impl Params {
    /// Reads `a=1&b=two+words&c=%25`. What is not UTF-8 after decoding is taken lossily; a broken `%` stands for itself.
    pub(super) fn parse(text: &str) -> Self {
        let pair = |part: &str| {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            (decode(key), decode(value))
        };
        Self(text.split('&').filter(|part| !part.is_empty()).map(pair).collect())
    }

    /// These, and behind them those of a form.
    pub(super) fn with(&self, form: &str) -> Self {
        let mut all = self.clone();
        all.0.extend(Self::parse(form).0);
        all
    }

    /// The value of the first parameter of this name.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.iter().find(|(found, _)| *found == key).map(|(_, value)| value)
    }

    /// Whether a parameter says `true`; left out it says `false`.
    ///
    /// # Errors
    /// It says something else.
    pub(super) fn flag(&self, key: &str) -> Result<bool, String> {
        match self.get(key) {
            Some("true") => Ok(true),
            None | Some("false") => Ok(false),
            Some(other) => Err(format!("`{key}={other}` is neither true nor false")),
        }
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }
}

/// A part of a query: `+` is a space there.
pub(super) fn decode(text: &str) -> String {
    decode_path(&text.replace('+', " "))
}

/// A part of a path; a broken `%` stands for itself.
pub(super) fn decode_path(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let (byte, tail) = match (first, tail) {
            (b'%', [high, low, after @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => (high << 4 | low, after),
                _ => (b'%', tail),
            },
            (byte, tail) => (byte, tail),
        };
        bytes.push(byte);
        rest = tail;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The reverse: what may stand as a value.
pub(super) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, pairs: &[(&str, &str)]) {
        assert_eq!(Params::parse(text).iter().collect::<Vec<_>>(), pairs);
    }

    #[test]
    fn reads_pairs_in_their_order() {
        check("s=a:x&s=b:y&rate=1000", &[("s", "a:x"), ("s", "b:y"), ("rate", "1000")]);
        check("query=service+%3D~+%22cpu%2F%25%22", &[("query", "service =~ \"cpu/%\"")]);
        check("flag&&empty=", &[("flag", ""), ("empty", "")]);
        check("", &[]);
    }

    #[test]
    fn what_is_encoded_is_read_again() {
        let text = "high/n1, 100% & \u{e9}";
        assert_eq!(encode(text), "high%2Fn1%2C%20100%25%20%26%20%C3%A9");
        assert_eq!(decode(&encode(text)), text);
    }

    #[test]
    fn a_plus_is_a_space_in_a_query_alone() {
        assert_eq!((decode("a+b%2Bc"), decode_path("c++.yaml%3A8")), ("a b+c".to_owned(), "c++.yaml:8".to_owned()));
    }

    #[test]
    fn a_flag_is_true_or_false() {
        let flag = |text: &str| Params::parse(text).flag("all");
        assert_eq!((flag("all=true"), flag("all=false"), flag("none=1")), (Ok(true), Ok(false), Ok(false)));
        assert_eq!(flag("all=yes"), Err("`all=yes` is neither true nor false".to_owned()));
    }

    #[test]
    fn what_is_broken_stands_for_itself() {
        check("a=100%&b=%zz&c=%4", &[("a", "100%"), ("b", "%zz"), ("c", "%4")]);
        check("a=%ff", &[("a", "\u{fffd}")]);
    }
}
