//! What a timer, histogram or distribution has seen in one interval.

/// The most values that are kept for the percentiles of one timer; of more, a fair choice is kept.
pub(super) const MAX_KEPT: usize = 1000;

/// Sums of all values, and some of them for percentiles.
#[derive(Clone, Debug, Default)]
pub(super) struct Timer {
    /// Values with those that sampling left out.
    pub(super) count: f64,
    pub(super) sum: f64,
    pub(super) mean: f64,
    /// Sum of the squares of the distances from the mean.
    squares: f64,
    pub(super) lower: f64,
    pub(super) upper: f64,
    kept: Vec<f64>,
    n_seen: u64,
    /// The state of a small generator of chances.
    chance: u64,
}

impl Timer {
    /// Takes a finite value that stands for `1 / rate` of them. Keeps it if `has_room`; says whether one more is kept now.
    pub(super) fn add(&mut self, value: f64, rate: f64, has_room: bool) -> bool {
        let weight = 1.0 / rate;
        (self.lower, self.upper) = if self.n_seen == 0 { (value, value) } else { (self.lower.min(value), self.upper.max(value)) };
        self.count += weight;
        self.sum += value * weight;
        let distance = value - self.mean;
        self.mean += distance * weight / self.count;
        self.squares += weight * distance * (value - self.mean);
        self.n_seen += 1;
        self.keep(value, has_room)
    }

    fn keep(&mut self, value: f64, has_room: bool) -> bool {
        if has_room && self.kept.len() < MAX_KEPT {
            self.kept.push(value);
            return true;
        }
        let at = usize::try_from(self.roll() % self.n_seen).unwrap_or(usize::MAX);
        if let Some(kept) = self.kept.get_mut(at) {
            *kept = value;
        }
        false
    }

    /// Splitmix64.
    fn roll(&mut self) -> u64 {
        self.chance = self.chance.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.chance ^ self.chance >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// The standard deviation of all values.
    pub(super) fn stddev(&self) -> f64 {
        if self.count > 0.0 { (self.squares.max(0.0) / self.count).sqrt() } else { 0.0 }
    }

    /// How many values are kept.
    pub(super) fn n_kept(&self) -> usize {
        self.kept.len()
    }

    /// Puts the kept values in order, for [`Timer::percentile`].
    pub(super) fn sort(&mut self) {
        self.kept.sort_unstable_by(f64::total_cmp);
    }

    /// The least kept value that so many percent do not exceed; the values are in order.
    pub(super) fn percentile(&self, percent: f64) -> Option<f64> {
        let rank = (percent / 100.0 * self.kept.len() as f64).ceil();
        // A rank is within the kept values, so it is exact.
        self.kept.get((rank as usize).saturating_sub(1)).copied()
    }

    /// Begins the next interval; keeps the memory.
    pub(super) fn clear(&mut self) {
        let mut kept = std::mem::take(&mut self.kept);
        kept.clear();
        *self = Self { kept, chance: self.chance, ..Self::default() };
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(values: impl IntoIterator<Item = f64>) -> Timer {
        let mut timer = Timer::default();
        for value in values {
            timer.add(value, 1.0, true);
        }
        timer.sort();
        timer
    }

    #[test]
    fn percentiles_are_those_of_the_nearest_rank() {
        let timer = of((1..=100).rev().map(f64::from));
        let seen = [1.0, 50.0, 90.0, 99.9, 100.0].map(|percent| timer.percentile(percent));
        assert_eq!(seen, [Some(1.0), Some(50.0), Some(90.0), Some(100.0), Some(100.0)]);
        assert_eq!((timer.mean, timer.lower, timer.upper, timer.sum, timer.count), (50.5, 1.0, 100.0, 5050.0, 100.0));
        assert!((timer.stddev() - 28.866).abs() < 0.001);
        assert_eq!(Timer::default().percentile(50.0), None);
    }

    #[test]
    fn a_sampled_value_stands_for_those_that_were_left_out() {
        let mut timer = Timer::default();
        timer.add(10.0, 0.1, true);
        timer.add(30.0, 0.1, true);
        assert_eq!((timer.count, timer.sum, timer.mean, timer.stddev()), (20.0, 400.0, 20.0, 10.0));
    }

    #[test]
    fn of_very_many_values_a_fair_choice_is_kept() {
        let timer = of((0..100_000).map(f64::from));
        assert_eq!((timer.n_kept(), timer.count), (MAX_KEPT, 100_000.0));
        let median = timer.percentile(50.0).unwrap();
        assert!((40_000.0..60_000.0).contains(&median), "{median}");
    }

    proptest! {
        #[test]
        fn sums_are_those_of_a_plain_loop(values in prop::collection::vec(-1e6f64..1e6, 1..200)) {
            let timer = of(values.iter().copied());
            let n = values.len() as f64;
            let mean = values.iter().sum::<f64>() / n;
            let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n;
            prop_assert!((timer.mean - mean).abs() < 1e-6 * (1.0 + mean.abs()));
            prop_assert!((timer.stddev() - variance.sqrt()).abs() < 1e-3 * (1.0 + variance.sqrt()));
            prop_assert!(timer.lower <= timer.mean + 1e-6 && timer.mean <= timer.upper + 1e-6);
        }
    }
}
