//! `at_most: 5 per 1h`: so many messages in a window, the entries of the rest in one digest at its end.

use event::Timestamp;

use super::line::{Line, Who};
use super::{AtMost, Entry};

/// Entries that a window holds back with their texts; further ones are only counted.
const MAX_HELD: usize = 10_000;

/// The window of a notifier; it opens with its first message.
#[derive(Clone, Debug)]
pub(super) struct Limit {
    pub(super) at_most: AtMost,
    pub(super) window: Option<Window>,
}

#[derive(Clone, Debug)]
pub(super) struct Window {
    pub(super) ends: Timestamp,
    pub(super) n_sent: u64,
    pub(super) held: Line<()>,
    pub(super) n_more: u64,
}

impl Limit {
    pub(super) fn new(at_most: AtMost) -> Self {
        Self { at_most, window: None }
    }

    /// Another bound; the window that is open ends when it was to end.
    pub(super) fn under(mut self, at_most: AtMost) -> Self {
        self.at_most = at_most;
        self
    }

    /// What the window that has ended by `now` held back: the first message of the next one.
    pub(super) fn digest(&mut self, now: Timestamp) -> Option<(Vec<Entry>, u64)> {
        let window = self.window.take_if(|window| window.ends <= now)?;
        if window.held.is_empty() && window.n_more == 0 {
            return None;
        }
        self.open(now).n_sent = 1;
        Some((window.held.into_entries(), window.n_more))
    }

    /// Whether one more message may go out now; it counts then.
    pub(super) fn allows(&mut self, now: Timestamp) -> bool {
        let count = self.at_most.count;
        let window = if self.window.is_some() { self.window.as_mut() } else { Some(self.open(now)) };
        window.is_some_and(|window| {
            let free = window.n_sent < count;
            window.n_sent += u64::from(free);
            free
        })
    }

    /// Keeps entries for the digest; gives those that found no room, which are only counted.
    pub(super) fn hold(&mut self, mut entries: Vec<Entry>, n_more: u64, now: Timestamp) -> Vec<Entry> {
        let window = if self.window.is_some() { self.window.as_mut() } else { Some(self.open(now)) };
        let Some(window) = window else { return entries };
        let room = MAX_HELD.saturating_sub(window.held.len()).min(entries.len());
        let no_room = entries.split_off(room);
        window.n_more += n_more + no_room.len() as u64;
        entries.into_iter().for_each(|entry| window.held.push((), entry));
        no_room
    }

    /// What it holds back of an instance as it is now is not told.
    pub(super) fn forget(&mut self, who: &Who) {
        if let Some(window) = &mut self.window {
            window.held.take_now_of(who, |(), _| true);
        }
    }

    /// What the next digest tells.
    pub(super) fn held(&self) -> impl Iterator<Item = &Entry> {
        self.window.iter().flat_map(|window| window.held.iter()).map(|((), entry)| entry)
    }

    fn open(&mut self, now: Timestamp) -> &mut Window {
        self.window.insert(Window { ends: now + self.at_most.per, n_sent: 0, held: Line::default(), n_more: 0 })
    }

    /// When the next digest is due.
    pub(super) fn due(&self) -> Option<Timestamp> {
        self.window.as_ref().filter(|window| !window.held.is_empty() || window.n_more > 0).map(|window| window.ends)
    }
}
