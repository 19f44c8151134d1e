//! How much the store keeps, and where.

use std::path::PathBuf;

use event::Duration;

use super::window::{LAG, SECONDS};

/// Series that the catalogue holds whatever is asked for: each costs one to two kB of memory while it has values.
pub(crate) const MAX_SERIES: usize = 1_000_000;

/// Everything that the store needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The folder that holds `store.db`.
    pub folder: PathBuf,
    /// How long the values of each second are kept, by their own time. At least ten minutes.
    pub retention: Duration,
    /// What is kept in their place once that is over: ever coarser, ever longer. Those that cannot be kept are
    /// left out.
    pub tiers: Vec<Tier>,
    /// How large the file may grow, in bytes; beyond it the retention shrinks until it fits.
    pub max_bytes: u64,
    /// How long the alert history is kept.
    pub history: Duration,
    /// Series that the store knows at most; values of further ones are refused and counted.
    pub max_series: usize,
    /// Time between two commits, on the machine's clock; the journal has what came since.
    pub commit_every: Duration,
}

/// Values folded over steps: of a gauge least, greatest and mean, of a counter the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tier {
    /// Whole seconds.
    pub step: Duration,
    /// How long they are kept.
    pub keep: Duration,
}

impl Tier {
    /// A day in steps of 10 s, two weeks in steps of a minute.
    pub fn usual() -> Vec<Self> {
        let of = |step, days| Self { step: Duration::from_secs(step), keep: Duration::from_secs(days * 86_400_i64) };
        vec![of(10, 1), of(60, 14)]
    }

    /// Why tiers cannot be kept, the finest first, behind seconds that are kept for `retention`.
    ///
    /// # Errors
    /// What is wrong, and what to write.
    pub fn check(tiers: &[Self], retention: Duration) -> Result<(), String> {
        let mut finer = Self { step: Duration::from_secs(1), keep: retention };
        for tier in tiers {
            let (step, of) = (tier.step.micros(), finer.step.micros());
            if step <= of || step % of != 0 {
                return Err(format!("a tier of {} is no multiple of the {} before it", tier.step, finer.step));
            }
            let least = least_keep(step / 1_000_000);
            if finer.keep < least {
                return Err(format!("for steps of {} the values of {} must be kept for {least} or longer", tier.step, finer.step));
            }
            if tier.keep <= finer.keep {
                return Err(format!("the tier of {} is kept no longer than the {} before it", tier.step, finer.step));
            }
            finer = *tier;
        }
        Ok(())
    }

    /// Why the usual tiers cannot be kept behind seconds that are kept for so short a time.
    pub(crate) fn why_not_usual(retention: Duration) -> Option<String> {
        let usual = Self::usual();
        let last = usual.last()?;
        let is_kept = retention >= last.keep || Self::usable(&usual, retention).last() == Some(last);
        if is_kept { None } else { Self::check(&usual, retention).err() }
    }

    /// Those of the list that can be kept behind this retention.
    pub(crate) fn usable(tiers: &[Self], retention: Duration) -> Vec<Self> {
        let mut usable = Vec::new();
        for tier in tiers {
            usable.push(*tier);
            if Self::check(&usable, retention).is_err() {
                usable.pop();
            }
        }
        usable
    }
}

/// Whole seconds of a duration.
pub(crate) fn secs(duration: Duration) -> i64 {
    duration.micros() / 1_000_000
}

/// How long finer values must be there for a window of this step, in seconds, to be made of them.
fn least_keep(step: i64) -> Duration {
    Duration::from_secs(SECONDS * step + LAG)
}

impl Settings {
    /// Two hours at full rate, a day in steps of 10 s and two weeks in steps of a minute, all in at most 512 MiB; alerts of the last 90 days.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            retention: Duration::from_secs(2 * 3600),
            tiers: Tier::usual(),
            max_bytes: 512 << 20,
            history: Duration::from_secs(90 * 86_400),
            max_series: MAX_SERIES,
            commit_every: Duration::from_secs(1),
        }
    }
}
