//! How often long lists are asked for: the longer, the more seldom.

/// So many tasks may be listed in each look. A task is some 2 KB of JSON.
const TASKS_PER_LOOK: usize = 200;

/// Counts looks between two lists.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    every: usize,
    left: usize,
}

impl Pace {
    /// Every so many looks, and in the first.
    pub(super) fn every(looks: usize) -> Self {
        Self { every: looks, left: 0 }
    }

    /// Once a look: whether the list is to be asked for.
    pub(super) fn is_due(&mut self) -> bool {
        let is_due = self.left == 0;
        self.left = self.left.saturating_sub(1);
        is_due
    }

    /// The list had so many tasks.
    pub(super) fn took(&mut self, tasks: usize) {
        self.left = (1 + tasks / TASKS_PER_LOOK).max(self.every) - 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due_in(pace: &mut Pace, tasks: usize) -> usize {
        pace.took(tasks);
        (1..).find(|_| pace.is_due()).unwrap()
    }

    #[test]
    fn short_lists_keep_their_pace_and_long_ones_come_more_seldom() {
        let (mut fast, mut slow) = (Pace::every(1), Pace::every(3));
        assert!(fast.is_due() && slow.is_due(), "the first look asks for all");
        assert_eq!((due_in(&mut fast, 0), due_in(&mut slow, 0)), (1, 3));
        assert_eq!((due_in(&mut fast, 199), due_in(&mut slow, 199)), (1, 3));
        assert_eq!((due_in(&mut fast, 6000), due_in(&mut slow, 6000)), (31, 31));
    }
}
