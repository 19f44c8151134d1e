//! The part of an address after the `?`.

use transport::percent;

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
fn decode(text: &str) -> String {
    percent::decode_text(&text.replace('+', " "))
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
