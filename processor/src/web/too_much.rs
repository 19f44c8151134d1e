//! Of what a query in InfluxQL asked for too much, so that who asked can ask for less at a time.

/// What there was too much of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TooMuch {
    /// Series: fewer of them fit.
    Series,
    /// Values, or time to find them: a shorter time fits.
    Values,
}

impl TooMuch {
    /// By the words of the refusal, ours or those of an InfluxDB with limits; `None` of any other.
    pub fn of(refusal: &str) -> Option<Self> {
        let has = |words: &str| refusal.contains(words);
        if has("series match, one answer holds") || has("max-select-series") {
            Some(Self::Series)
        } else if has("for a shorter time") || has("max-select-point") || has("max-select-buckets") || has("query timeout") {
            Some(Self::Values)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoreError;

    #[test]
    fn refusals_are_told_apart() {
        assert_eq!(TooMuch::of(&StoreError::TooManySeries { found: 2000 }.to_string()), Some(TooMuch::Series));
        assert_eq!(TooMuch::of(&StoreError::TooManyValues.to_string()), Some(TooMuch::Values));
        let advice = format!("the answer has more than 500000 values; {}", crate::influxql::ADVICE);
        assert_eq!(TooMuch::of(&advice), Some(TooMuch::Values));
        assert_eq!(TooMuch::of("max-select-series limit exceeded: (3/2)"), Some(TooMuch::Series));
        assert_eq!(TooMuch::of("max-select-point limit exceeed: (3/2)"), Some(TooMuch::Values));
        for other in [StoreError::Busy, StoreError::Closed] {
            assert_eq!(TooMuch::of(&other.to_string()), None);
        }
        assert_eq!(TooMuch::of("the statement reads more than 100 measurements; name fewer"), None);
    }
}
