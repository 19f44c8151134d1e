//! What a query says.

use regex::Regex;

/// One statement.
#[derive(Clone, Debug)]
pub(crate) enum Statement {
    /// `SELECT …`.
    Select(Box<Select>),
    /// `SHOW …`.
    Show(Show),
    /// `CREATE DATABASE …`, which is there already.
    Create,
}

/// What `SHOW` shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    Databases,
    Policies,
    Measurements,
    Series,
    TagKeys,
    TagValues,
    FieldKeys,
    /// How many series there are; exactly, which is by measurement, or in all.
    SeriesCardinality {
        is_exact: bool,
    },
    /// How many measurements.
    MeasurementCardinality {
        is_exact: bool,
    },
}

/// `SHOW … [FROM …] [WITH …] [WHERE …] [LIMIT n] [OFFSET n]`.
#[derive(Clone, Debug)]
pub(crate) struct Show {
    /// What is shown.
    pub(crate) subject: Subject,
    /// Of these measurements; all when there are none.
    pub(crate) from: Vec<Source>,
    /// `WITH KEY …` of tag values, `WITH MEASUREMENT …` of measurements.
    pub(crate) with: Option<Names>,
    /// Of series for which this holds.
    pub(crate) condition: Option<Expr>,
    /// So many of a measurement.
    pub(crate) limit: Option<usize>,
    /// Without the first so many of a measurement.
    pub(crate) offset: usize,
}

/// Which names are wanted.
#[derive(Clone, Debug)]
pub(crate) enum Names {
    /// These.
    Of(Vec<String>),
    /// All but this.
    Not(String),
    /// Those that match.
    Matching(Regex),
    /// Those that do not.
    MatchingNot(Regex),
}

impl Names {
    /// Whether a name is wanted.
    pub(crate) fn want(&self, name: &str) -> bool {
        match self {
            Self::Of(names) => names.iter().any(|wanted| wanted == name),
            Self::Not(other) => other != name,
            Self::Matching(regex) => regex.is_match(name),
            Self::MatchingNot(regex) => !regex.is_match(name),
        }
    }
}

/// Where a `SELECT` reads.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// A measurement.
    Named(String),
    /// Those whose name matches.
    Matching(Regex),
    /// The answer of another.
    Query(Box<Select>),
}

/// A `SELECT`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Select {
    /// What is wanted, in order.
    pub(crate) columns: Vec<Column>,
    /// Where from.
    pub(crate) from: Vec<Source>,
    /// What must hold, but for times, which are in the bounds.
    pub(crate) condition: Option<Expr>,
    /// First moment, in nanoseconds since 1970.
    pub(crate) start: Option<i64>,
    /// First moment that no longer counts, in nanoseconds.
    pub(crate) end: Option<i64>,
    /// `time(n)`, in nanoseconds.
    pub(crate) step: Option<i64>,
    /// `time(n, offset)`, in nanoseconds.
    pub(crate) shift: i64,
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
    /// `OFFSET n`, rows of a series that are left out.
    pub(crate) offset: usize,
    /// `SLIMIT n`, series.
    pub(crate) slimit: Option<usize>,
    /// `SOFFSET n`, series that are left out.
    pub(crate) soffset: usize,
    /// `tz('…')`.
    pub(crate) zone: Option<jiff::tz::TimeZone>,
}

/// One column of an answer.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    /// What it is made of.
    pub(crate) expr: Expr,
    /// Its name in the answer.
    pub(crate) name: String,
}

/// Something that has a value in each row.
#[derive(Clone, Debug)]
pub(crate) enum Expr {
    Integer(i64),
    Float(f64),
    Bool(bool),
    Text(String),
    Regex(Regex),
    /// `*`, until the names are known.
    All,
    /// A field or a tag.
    Name(String),
    /// A function of one.
    Call(Box<Call>),
    Binary(Op, Box<Expr>, Box<Expr>),
    /// A comparison of `time`: from, and up to before, in nanoseconds.
    Time(Option<i64>, Option<i64>),
}

/// What stands between two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Matches,
    MatchesNot,
    And,
    Or,
}

/// A function with what it is of.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Call {
    pub(crate) function: Function,
    pub(crate) of: Of,
    /// Of `top` and `bottom`: one point of each of these tags' values.
    pub(crate) tags: Vec<String>,
    /// The number of `percentile`, `top`, `bottom` and `moving_average`.
    pub(crate) number: f64,
    /// The unit of derivatives and of `elapsed`, in nanoseconds, where it is named.
    pub(crate) unit: Option<i64>,
}

/// What a function is of.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Of {
    Field(String),
    /// `*`, until the names are known.
    All,
    Call(Box<Call>),
}

/// A function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Function {
    Count,
    Distinct,
    Mean,
    Median,
    Mode,
    Spread,
    Stddev,
    Sum,
    First,
    Last,
    Max,
    Min,
    Percentile,
    Top,
    Bottom,
    CumulativeSum,
    Derivative,
    NonNegativeDerivative,
    Difference,
    NonNegativeDifference,
    Elapsed,
    MovingAverage,
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
    /// On the line between its neighbours.
    Linear,
    /// This number.
    Number(f64),
}

/// Every function with its name.
pub(crate) const FUNCTIONS: [(&str, Function); 22] = [
    ("count", Function::Count),
    ("distinct", Function::Distinct),
    ("mean", Function::Mean),
    ("median", Function::Median),
    ("mode", Function::Mode),
    ("spread", Function::Spread),
    ("stddev", Function::Stddev),
    ("sum", Function::Sum),
    ("first", Function::First),
    ("last", Function::Last),
    ("max", Function::Max),
    ("min", Function::Min),
    ("percentile", Function::Percentile),
    ("top", Function::Top),
    ("bottom", Function::Bottom),
    ("cumulative_sum", Function::CumulativeSum),
    ("derivative", Function::Derivative),
    ("non_negative_derivative", Function::NonNegativeDerivative),
    ("difference", Function::Difference),
    ("non_negative_difference", Function::NonNegativeDifference),
    ("elapsed", Function::Elapsed),
    ("moving_average", Function::MovingAverage),
];

impl Function {
    /// As it is written.
    pub(crate) fn name(self) -> &'static str {
        FUNCTIONS.iter().find(|(_, function)| *function == self).map_or("", |(name, _)| name)
    }

    /// Whether it picks one point, whose time it then keeps.
    pub(crate) fn is_selector(self) -> bool {
        matches!(self, Self::First | Self::Last | Self::Max | Self::Min | Self::Percentile)
    }

    /// Whether it picks many points.
    pub(crate) fn is_top(self) -> bool {
        matches!(self, Self::Top | Self::Bottom)
    }

    /// Whether it looks from each value at those before.
    pub(crate) fn is_transformation(self) -> bool {
        use Function::{CumulativeSum, Derivative, Difference, Elapsed, MovingAverage, NonNegativeDerivative, NonNegativeDifference};
        matches!(self, CumulativeSum | Derivative | NonNegativeDerivative | Difference | NonNegativeDifference | Elapsed | MovingAverage)
    }
}

impl Expr {
    /// Calls `found` with every name of a field or tag, also of those in functions, and with every function that is not in another.
    pub(crate) fn walk<'a>(&'a self, found: &mut dyn FnMut(Found<'a>)) {
        match self {
            Self::Name(name) => found(Found::Name(name)),
            Self::Call(call) => found(Found::Call(call)),
            Self::Binary(_, left, right) => {
                left.walk(found);
                right.walk(found);
            }
            Self::Integer(_) | Self::Float(_) | Self::Bool(_) | Self::Text(_) | Self::Regex(_) | Self::All | Self::Time(..) => {}
        }
    }

    /// The functions that are not in others, in order.
    pub(crate) fn calls(&self) -> Vec<&Call> {
        let mut calls = Vec::new();
        self.walk(&mut |found| match found {
            Found::Call(call) => calls.push(call),
            Found::Name(_) => {}
        });
        calls
    }

    /// The names that stand outside of functions, in order.
    pub(crate) fn bare(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.walk(&mut |found| match found {
            Found::Name(name) => names.push(name),
            Found::Call(_) => {}
        });
        names
    }
}

/// What [`Expr::walk`] comes upon.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Found<'a> {
    Name(&'a str),
    Call(&'a Call),
}

impl Call {
    /// The field that it is of in the end.
    pub(crate) fn field(&self) -> &str {
        match &self.of {
            Of::Field(field) => field,
            Of::All => "*",
            Of::Call(inner) => inner.field(),
        }
    }
}
