//! What a query says.

/// One statement.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Statement {
    /// `SELECT …`.
    Select(Select),
    /// `SHOW DATABASES`.
    Databases,
    /// `SHOW RETENTION POLICIES`.
    Policies,
    /// `SHOW MEASUREMENTS`.
    Measurements,
    /// `SHOW TAG KEYS [FROM m]`.
    TagKeys(Option<String>),
    /// `SHOW TAG VALUES …`.
    TagValues(TagValues),
    /// `SHOW FIELD KEYS [FROM m]`.
    FieldKeys(Option<String>),
}

/// `SHOW TAG VALUES [FROM m] WITH KEY … [WHERE …] [LIMIT n]`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TagValues {
    /// The measurement; all when left out.
    pub(crate) from: Option<String>,
    /// Of these tags.
    pub(crate) keys: Keys,
    /// Of series for which this holds.
    pub(crate) condition: Option<Condition>,
    /// So many of a measurement.
    pub(crate) limit: Option<usize>,
}

/// Which tags are wanted.
#[derive(Clone, Debug)]
pub(crate) enum Keys {
    /// These.
    Named(Vec<String>),
    /// Those whose name matches.
    Matching(regex::Regex),
}

impl Keys {
    /// Whether a tag is wanted.
    pub(crate) fn want(&self, key: &str) -> bool {
        match self {
            Self::Named(names) => names.iter().any(|name| name == key),
            Self::Matching(regex) => regex.is_match(key),
        }
    }
}

impl PartialEq for Keys {
    fn eq(&self, other: &Self) -> bool {
        // As with conditions.
        format!("{self:?}") == format!("{other:?}")
    }
}

/// A `SELECT` from one measurement.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Select {
    /// What is wanted, in order.
    pub(crate) columns: Vec<Column>,
    /// The measurement.
    pub(crate) from: String,
    /// All must hold but for times, which are in the bounds.
    pub(crate) condition: Option<Condition>,
    /// First moment, in nanoseconds since 1970.
    pub(crate) start: Option<i64>,
    /// First moment that no longer counts, in nanoseconds.
    pub(crate) end: Option<i64>,
    /// `time(n)`, in nanoseconds.
    pub(crate) step: Option<i64>,
    /// Tags of `GROUP BY`.
    pub(crate) tags: Vec<String>,
    /// `GROUP BY *`.
    pub(crate) all_tags: bool,
    /// What a step without values gets.
    pub(crate) fill: Fill,
    /// `ORDER BY time DESC`.
    pub(crate) descending: bool,
    /// `LIMIT n`, rows of a series.
    pub(crate) limit: Option<usize>,
    /// `SLIMIT n`, series.
    pub(crate) slimit: Option<usize>,
}

/// One column: `outer(inner(field), unit) op number AS name`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Column {
    /// The field.
    pub(crate) field: String,
    /// `mean` … with the number of `percentile`; `None`: the field as it is.
    pub(crate) call: Option<(Aggregate, f64)>,
    /// `derivative` or `non_negative_derivative` around it, with the unit in nanoseconds.
    pub(crate) derivative: Option<(bool, i64)>,
    /// What is done to the number, in order.
    pub(crate) arithmetic: Vec<(char, f64)>,
    /// The column's name in the answer.
    pub(crate) name: String,
}

/// Folds the values of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Aggregate {
    Mean,
    Max,
    Min,
    Last,
    First,
    Sum,
    Count,
    Median,
    Spread,
    Stddev,
    Percentile,
}

/// What a step without values gets.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Fill {
    /// `null`.
    #[default]
    Null,
    /// No row.
    Skip,
    /// The value before.
    Previous,
    /// This number.
    Number(f64),
}

/// A condition on tags.
#[derive(Clone, Debug)]
pub(crate) enum Condition {
    /// A tag and what it must be.
    Tag(String, Test),
    /// Both.
    And(Box<Condition>, Box<Condition>),
    /// One of them.
    Or(Box<Condition>, Box<Condition>),
}

/// What a tag must be; a series without the tag has it empty.
#[derive(Clone, Debug)]
pub(crate) enum Test {
    /// `=`.
    Is(String),
    /// `!=`.
    IsNot(String),
    /// `=~`.
    Matches(regex::Regex),
    /// `!~`.
    MatchesNot(regex::Regex),
}

impl PartialEq for Condition {
    fn eq(&self, other: &Self) -> bool {
        // A regex is its text; nothing compares conditions but tests.
        format!("{self:?}") == format!("{other:?}")
    }
}
