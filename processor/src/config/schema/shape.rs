//! What a key of a rule file takes.

/// A key of a map: its name, what it takes, and one sentence for whoever writes it.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Key {
    pub(super) name: &'static str,
    pub(super) shape: Shape,
    pub(super) about: &'static str,
}

/// What a value may be.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// A text; numbers and words are texts too.
    Text,
    /// A text with `{{field}}`.
    Template,
    /// In the query language.
    Query,
    /// A number, arithmetic over fields, or a text with fields.
    Value,
    /// `30s`, `5m`.
    Duration,
    /// `5 per 1h`.
    SoManyPer,
    /// A whole number, at least this.
    Count(u64),
    /// Any number.
    Number,
    /// `true` or `false`.
    Flag,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// The name of what is taken of samples.
    Take,
    /// A list of texts.
    Texts,
    /// Names that the user gives, with texts.
    Named(&'static Shape),
    /// A list of at least one.
    List(&'static Shape),
    /// One of these.
    Either(&'static [Shape]),
    /// A map of these keys, some of which are needed.
    Map(&'static [Key], &'static [&'static str]),
    /// The same, and any further keys.
    OpenMap(&'static [Key]),
    /// Names that the user gives, each with such a map.
    Entries(&'static Shape),
    /// Nothing behind the `:`.
    Nothing,
    /// A list of steps of a stream.
    Steps,
}

/// One text or a list of them.
pub(super) const ONE_OR_MORE: Shape = Shape::Either(&[Shape::Text, Shape::Texts]);

/// A key.
pub(super) const fn key(name: &'static str, shape: Shape, about: &'static str) -> Key {
    Key { name, shape, about }
}

/// The names of keys, in their order.
#[expect(clippy::indexing_slicing, reason = "a const fn knows no iterators, and `at` is below N")]
pub(in super::super) const fn names<const N: usize>(keys: &[Key; N]) -> [&'static str; N] {
    let mut names = [""; N];
    let mut at = 0;
    while at < N {
        names[at] = keys[at].name;
        at += 1;
    }
    names
}
