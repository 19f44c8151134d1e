//! What an expression does: values onto a stack, operations on its top.

use event::Metric;

use crate::query::Field;

/// Values that wait at once. What nests at most [`super::MAX_DEPTH`] deep needs three a level: the left sides of `+`, of `*`, and an argument.
pub(super) const STACK: usize = 3 * (super::MAX_DEPTH + 2);

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Op {
    /// A number.
    Number(Number),
    /// A field's number.
    Field(Field),
    /// Of the topmost value.
    One(One),
    /// Of the two topmost values, the lower one first.
    Two(Two),
}

/// A number that can be compared as programs are: by its form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Number {
    Int(i64),
    FloatBits(u64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum One {
    Minus,
    Abs,
    Round,
    Floor,
    Ceil,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Two {
    Plus,
    Minus,
    Times,
    Over,
    Rest,
    Min,
    Max,
}

impl From<Metric> for Number {
    fn from(metric: Metric) -> Self {
        match metric {
            Metric::Int(whole) => Self::Int(whole),
            Metric::Float(float) => Self::FloatBits(float.to_bits()),
        }
    }
}

impl Number {
    fn metric(self) -> Option<Metric> {
        match self {
            Self::Int(whole) => Some(Metric::Int(whole)),
            Self::FloatBits(bits) => Metric::float(f64::from_bits(bits)),
        }
    }

    /// With the other sign; the least whole number has none, and becomes a float.
    pub(super) fn negated(self) -> Self {
        match self {
            Self::Int(whole) => whole.checked_neg().map_or(Self::FloatBits((-(whole as f64)).to_bits()), Self::Int),
            Self::FloatBits(bits) => Self::FloatBits((-f64::from_bits(bits)).to_bits()),
        }
    }

    pub(super) fn is_zero(self) -> bool {
        self.metric().is_some_and(|number| number.as_f64() == 0.0)
    }
}

/// Runs a program. One that was parsed leaves one value and never more than [`STACK`] on the way.
pub(super) fn run(program: &[Op], value: impl Fn(&Field) -> Option<Metric>) -> Option<Metric> {
    let mut stack = [Metric::Int(0); STACK];
    let mut top = 0_usize;
    for op in program {
        let result = match op {
            Op::Number(number) => number.metric()?,
            Op::Field(field) => value(field)?,
            Op::One(one) => {
                top = top.checked_sub(1)?;
                one.of(*stack.get(top)?)?
            }
            Op::Two(two) => {
                top = top.checked_sub(2)?;
                two.of(*stack.get(top)?, *stack.get(top + 1)?)?
            }
        };
        *stack.get_mut(top)? = result;
        top += 1;
    }
    stack.get(top.checked_sub(1)?).copied()
}

impl One {
    fn of(self, value: Metric) -> Option<Metric> {
        match (self, value) {
            (Self::Round | Self::Floor | Self::Ceil, Metric::Int(_)) => Some(value),
            (Self::Minus, Metric::Int(whole)) => whole.checked_neg().map(Metric::Int).or_else(|| Metric::float(-(whole as f64))),
            (Self::Abs, Metric::Int(whole)) => whole.checked_abs().map(Metric::Int).or_else(|| Metric::float((whole as f64).abs())),
            (Self::Minus, Metric::Float(float)) => Metric::float(-float),
            (Self::Abs, Metric::Float(float)) => Metric::float(float.abs()),
            (Self::Round, Metric::Float(float)) => whole(float.round()),
            (Self::Floor, Metric::Float(float)) => whole(float.floor()),
            (Self::Ceil, Metric::Float(float)) => whole(float.ceil()),
        }
    }
}

/// A float without fraction, as a whole number where 64 bits hold it.
fn whole(float: f64) -> Option<Metric> {
    // The bounds are exact: -2^63 is a whole number of 64 bits, 2^63 is none.
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if (-LIMIT..LIMIT).contains(&float) { Some(Metric::Int(float as i64)) } else { Metric::float(float) }
}

impl Two {
    fn of(self, left: Metric, right: Metric) -> Option<Metric> {
        if let (Metric::Int(a), Metric::Int(b)) = (left, right)
            && let Some(whole) = self.of_whole(a, b)
        {
            return Some(Metric::Int(whole));
        }
        let (a, b) = (left.as_f64(), right.as_f64());
        match self {
            Self::Plus => Metric::float(a + b),
            Self::Minus => Metric::float(a - b),
            Self::Times => Metric::float(a * b),
            // By zero: infinite or NaN, which is no metric.
            Self::Over => Metric::float(a / b),
            Self::Rest => Metric::float(a % b),
            Self::Min => Some(if b < a { right } else { left }),
            Self::Max => Some(if b > a { right } else { left }),
        }
    }

    /// `None`: not a whole number of 64 bits, or none at all.
    fn of_whole(self, a: i64, b: i64) -> Option<i64> {
        match self {
            Self::Plus => a.checked_add(b),
            Self::Minus => a.checked_sub(b),
            Self::Times => a.checked_mul(b),
            Self::Over => a.checked_rem(b).filter(|rest| *rest == 0).and_then(|_| a.checked_div(b)),
            Self::Rest => a.checked_rem(b),
            Self::Min => Some(a.min(b)),
            Self::Max => Some(a.max(b)),
        }
    }
}
