//! `differences.toml`: the cases in which we differ from Riemann on purpose.

use serde_json::Value;

/// One case.
#[derive(Debug)]
pub(crate) struct Difference {
    pub(crate) id: String,
    /// Our result, in the form of the case's own.
    pub(crate) expected: Value,
}

/// Reads `[id]`, `difference = N` and `ours = '''JSON'''`.
pub(crate) fn read() -> Vec<Difference> {
    let text = include_str!("differences.toml");
    text.split("\n[").skip(1).map(one).collect()
}

fn one(section: &str) -> Difference {
    let (id, rest) = section.split_once(']').unwrap();
    let number = rest.split("difference = ").nth(1).and_then(|rest| rest.lines().next()).map(|number| number.trim().parse::<u8>());
    assert!(matches!(number, Some(Ok(1..=9))), "{id} names no difference");
    let ours = rest.split("'''").nth(1).unwrap();
    Difference { id: id.to_owned(), expected: serde_json::from_str(ours).unwrap_or_else(|error| panic!("{id}: {error}")) }
}
