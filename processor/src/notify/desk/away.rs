//! What goes on at a desk whose notifier the rules name no more: named again, it tells the ends of what it had told.

use std::collections::BTreeSet;
use std::sync::Arc;

use engine::Message;
use event::Timestamp;

use super::{Desk, Key, Who, who};
use crate::notify::{Entry, Notifier};

impl Desk {
    /// Whether nobody who was told by it waits for anything.
    pub(in crate::notify) fn is_idle(&self) -> bool {
        self.told.is_empty() && self.pending.is_empty() && self.parked.is_empty() && self.ends.is_empty()
    }

    /// Takes note of what its notifier would be told of, were it there: of ends, and of how that is which it told.
    pub(in crate::notify) fn miss(&mut self, message: &Message<'_>, now: Timestamp) {
        let who: Who = Arc::new((message.key.rule.to_owned(), message.key.instance.to_owned()));
        let is_end = message.change.is_end();
        let Some((key, told)) = self.told.get_mut(&who) else {
            if is_end {
                self.parked.remove(&who);
                self.forget(&who);
            }
            return;
        };
        let (fields, thread) = (told.fields.clone(), told.thread);
        let entry = Entry { thread, ..Entry::new(message, &[]).but(|what| what.fields = fields) };
        if !is_end {
            *told = entry;
            return;
        }
        let key = Key::clone(key);
        self.not_told(&who);
        self.line_up_end(key, entry, now);
    }

    /// Its notifier is there again; of the ends that it missed those go out that it wants. What waits before another one does not either.
    pub(in crate::notify) fn back(mut self, notifier: &Notifier) -> Self {
        let is_wanted = |entry: &Entry| notifier.resolved && notifier.wants(entry);
        let ends = self.pending.iter().map(|(_, entry)| entry).filter(|entry| entry.is_end());
        let unwanted: BTreeSet<Who> = ends.filter(|end| !is_wanted(end)).map(who).collect();
        for (key, _) in self.take_if(|_, entry| unwanted.contains(&who(entry))) {
            self.settle(&key);
        }
        self.under(notifier)
    }
}
