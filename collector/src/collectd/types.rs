//! What the values of a type are called, and within what bounds their rates are: collectd's `types.db`.

use std::collections::HashMap;

use super::{Mistake, known};

/// Bytes of a name; collectd's own have 127 at the most.
const MAX_NAME: usize = 127;

/// Types that files have named, over those that are known anyway.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Types(HashMap<String, Vec<Source>>);

/// One value of a type.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Source {
    pub(super) name: String,
    /// A rate outside of them is none: a counter that began anew.
    pub(super) min: Option<f64>,
    pub(super) max: Option<f64>,
}

/// What is known of a type's values.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Sources {
    Named(Vec<Source>),
    /// Several, of a type that nobody has named, or that has another number of them: called by their index.
    Numbered(Vec<Source>),
}

impl Sources {
    pub(super) fn into_vec(self) -> Vec<Source> {
        match self {
            Self::Named(sources) | Self::Numbered(sources) => sources,
        }
    }
}

impl Source {
    /// No rate of collectd's own types is below 0.
    fn usual(name: impl Into<String>) -> Self {
        Self { name: name.into(), min: Some(0.0), max: None }
    }

    pub(super) fn holds(&self, rate: f64) -> bool {
        self.min.is_none_or(|min| rate >= min) && self.max.is_none_or(|max| rate <= max)
    }
}

impl Types {
    /// Adds the types of a file's text: lines `type name:KIND:min:max, …`. A type that is there already is replaced.
    ///
    /// # Errors
    /// Every line that is none, with its number; the other lines are added.
    pub fn add(&mut self, text: &str) -> Result<(), Vec<Mistake>> {
        let mut mistakes = Vec::new();
        for (line, text) in (1..).zip(text.lines()) {
            match read(text) {
                Ok(None) => {}
                Ok(Some((name, sources))) => {
                    self.0.insert(name.to_owned(), sources);
                }
                Err(problem) => mistakes.push(Mistake { line, problem }),
            }
        }
        if mistakes.is_empty() { Ok(()) } else { Err(mistakes) }
    }

    /// What the `n` values of a type are.
    pub(super) fn sources(&self, type_name: &str, n: usize) -> Sources {
        if let Some(sources) = self.0.get(type_name).filter(|sources| sources.len() == n) {
            return Sources::Named(sources.clone());
        }
        match known::names(type_name) {
            Some(names) if names.len() == n => Sources::Named(names.iter().map(|name| Source::usual(*name)).collect()),
            _ if n == 1 => Sources::Named(vec![Source::usual("value")]),
            _ => Sources::Numbered((0..n).map(|index| Source::usual(index.to_string())).collect()),
        }
    }
}

fn read(line: &str) -> Result<Option<(&str, Vec<Source>)>, String> {
    let mut fields = line.split_whitespace();
    let Some(name) = fields.next().filter(|name| !name.starts_with('#')) else { return Ok(None) };
    if name.len() > MAX_NAME {
        return Err(format!("a type's name has at most {MAX_NAME} bytes, this one has {}", name.len()));
    }
    let sources = fields.map(source).collect::<Result<Vec<_>, _>>()?;
    if sources.is_empty() {
        return Err(format!("`{name}` has no data source; write it like `{name} value:GAUGE:0:U`"));
    }
    Ok(Some((name, sources)))
}

/// `rx:DERIVE:0:U`, and a comma where another follows.
fn source(text: &str) -> Result<Source, String> {
    let text = text.strip_suffix(',').unwrap_or(text);
    let fields: Vec<&str> = text.split(':').collect();
    let [name, kind, min, max] = fields[..] else {
        return Err(format!("`{text}` is no data source; write `name:KIND:min:max`, as in rx:DERIVE:0:U"));
    };
    if name.is_empty() || name.len() > MAX_NAME {
        return Err(format!("the name in `{text}` has {} bytes; it takes 1 to {MAX_NAME}", name.len()));
    }
    // The kind comes with each value; here it only shows that the line is understood.
    if !["GAUGE", "COUNTER", "DERIVE", "ABSOLUTE"].iter().any(|known| kind.eq_ignore_ascii_case(known)) {
        return Err(format!("`{kind}` in `{text}` is no kind; it is GAUGE, COUNTER, DERIVE or ABSOLUTE"));
    }
    Ok(Source { name: name.to_owned(), min: bound(min, text)?, max: bound(max, text)? })
}

fn bound(bound: &str, of: &str) -> Result<Option<f64>, String> {
    if bound.eq_ignore_ascii_case("U") {
        return Ok(None);
    }
    bound.parse().map(Some).map_err(|_| format!("`{bound}` in `{of}` is no bound; it is a number, or U for none"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn types(text: &str) -> Types {
        let mut types = Types::default();
        types.add(text).unwrap();
        types
    }

    #[track_caller]
    fn check(types: &Types, type_name: &str, n: usize, expected: &[&str], is_numbered: bool) {
        let sources = types.sources(type_name, n);
        assert_eq!(matches!(sources, Sources::Numbered(_)), is_numbered);
        let names: Vec<String> = sources.into_vec().into_iter().map(|source| source.name).collect();
        assert_eq!(names, expected);
    }

    #[test]
    fn a_file_names_types_over_the_known_ones() {
        let own = types("# mine\n\nlatency\tavg:GAUGE:0:U, p99:gauge:U:1e3\nif_octets in:DERIVE:0:U, out:DERIVE:0:U\n");
        check(&own, "latency", 2, &["avg", "p99"], false);
        check(&own, "if_octets", 2, &["in", "out"], false);
        check(&own, "load", 3, &["shortterm", "midterm", "longterm"], false);
        let bounds: Vec<_> = own.sources("latency", 2).into_vec().iter().map(|source| (source.min, source.max)).collect();
        assert_eq!(bounds, [(Some(0.0), None), (None, Some(1000.0))]);
    }

    #[test]
    fn what_nobody_has_named_is_called_value_or_by_its_index() {
        let none = Types::default();
        check(&none, "mine", 1, &["value"], false);
        check(&none, "mine", 2, &["0", "1"], true);
        check(&none, "if_octets", 3, &["0", "1", "2"], true);
        check(&none, "duration", 1, &["seconds"], false);
    }

    #[test]
    fn every_line_that_is_none_is_told() {
        let text = "a\nb value:GAUGE:0\nc value:GAGE:0:U\nd value:GAUGE:zero:U\ne :GAUGE:0:U\nf value:GAUGE:0:U";
        let mut types = Types::default();
        let mistakes = types.add(text).unwrap_err();
        let told: Vec<String> = mistakes.iter().map(Mistake::to_string).collect();
        let expected = [
            "line 1: `a` has no data source; write it like `a value:GAUGE:0:U`",
            "line 2: `value:GAUGE:0` is no data source; write `name:KIND:min:max`, as in rx:DERIVE:0:U",
            "line 3: `GAGE` in `value:GAGE:0:U` is no kind; it is GAUGE, COUNTER, DERIVE or ABSOLUTE",
            "line 4: `zero` in `value:GAUGE:zero:U` is no bound; it is a number, or U for none",
            "line 5: the name in `:GAUGE:0:U` has 0 bytes; it takes 1 to 127",
        ];
        assert_eq!(told, expected);
        check(&types, "f", 1, &["value"], false);
    }
}
