//! When entries leave the index: one dense column of whole seconds, scanned when something may be due.
//!
//! A refresh is one store. A scan of a million costs a tenth of a millisecond, and there is at most one a second.

use event::{Duration, Timestamp};

/// No deadline.
const NEVER: u32 = u32::MAX;

/// By series: the first whole second at which the entry is past its time.
#[derive(Debug)]
pub(crate) struct Deadlines {
    seconds: Vec<u32>,
    /// No deadline is earlier.
    earliest: u32,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self { seconds: Vec::new(), earliest: NEVER }
    }
}

impl Deadlines {
    /// It leaves at the first whole second after `deadline`.
    #[inline]
    pub(crate) fn set(&mut self, id: u32, deadline: Timestamp) {
        // Before 1970 is due at once; after 2106 is the last second there is.
        let second = deadline.secs().saturating_add(1).clamp(0, i64::from(NEVER) - 1) as u32;
        self.put(id, second);
    }

    pub(crate) fn put(&mut self, id: u32, second: u32) {
        self.earliest = self.earliest.min(second);
        match self.seconds.get_mut(id as usize) {
            Some(place) => *place = second,
            None => {
                self.seconds.resize(id as usize + 1, NEVER);
                if let Some(place) = self.seconds.last_mut() {
                    *place = second;
                }
            }
        }
    }

    pub(crate) fn clear(&mut self, id: u32) {
        if let Some(place) = self.seconds.get_mut(id as usize) {
            *place = NEVER;
        }
    }

    pub(crate) fn second(&self, id: u32) -> u32 {
        self.seconds.get(id as usize).copied().unwrap_or(NEVER)
    }

    pub(crate) fn is_set(&self, id: u32) -> bool {
        self.second(id) != NEVER
    }

    pub(crate) fn get(&self, id: u32) -> Timestamp {
        Timestamp::from_secs(i64::from(self.second(id)))
    }

    /// Not later than the first deadline.
    #[inline]
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        (self.earliest != NEVER).then(|| Timestamp::from_secs(i64::from(self.earliest)))
    }

    pub(crate) fn take_due(&mut self, now: Timestamp, due: &mut Vec<u32>) {
        let now = now.secs().clamp(0, i64::from(NEVER) - 1) as u32;
        self.earliest = self.seconds.iter().copied().min().unwrap_or(NEVER);
        if self.earliest > now {
            return;
        }
        self.earliest = NEVER;
        for (id, place) in self.seconds.iter_mut().enumerate() {
            if *place <= now {
                due.push(id as u32);
                *place = NEVER;
            } else {
                self.earliest = self.earliest.min(*place);
            }
        }
    }

    pub(crate) fn shift(&mut self, by: Duration) {
        let seconds = by.micros().div_euclid(1_000_000) + i64::from(by.micros().rem_euclid(1_000_000) > 0);
        self.earliest = NEVER;
        for place in self.seconds.iter_mut().filter(|place| **place != NEVER) {
            *place = (i64::from(*place) + seconds).clamp(0, i64::from(NEVER) - 1) as u32;
            self.earliest = self.earliest.min(*place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn due(deadlines: &mut Deadlines, secs: i64, ids: &[u32]) {
        let mut due = Vec::new();
        deadlines.take_due(Timestamp::from_secs(secs), &mut due);
        assert_eq!(due, ids);
    }

    #[test]
    fn an_entry_leaves_after_its_deadline_not_at_it() {
        let mut deadlines = Deadlines::default();
        deadlines.set(1, Timestamp::from_secs(10));
        deadlines.set(3, Timestamp::from_micros(11_500_000));
        due(&mut deadlines, 10, &[]);
        due(&mut deadlines, 11, &[1]);
        due(&mut deadlines, 11, &[]);
        assert_eq!(deadlines.next_due(), Some(Timestamp::from_secs(12)));
        due(&mut deadlines, 12, &[3]);
        assert_eq!(deadlines.next_due(), None);
    }

    #[test]
    fn a_gap_moves_them_all() {
        let mut deadlines = Deadlines::default();
        deadlines.set(0, Timestamp::from_secs(10));
        deadlines.shift(Duration::from_micros(1_500_000));
        due(&mut deadlines, 12, &[]);
        due(&mut deadlines, 13, &[0]);
    }
}
