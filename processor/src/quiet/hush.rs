//! Silences between an engine and whatever takes its effects: the outlets of a processor, a test of rules, a replay.

use engine::streams::Outgoing;
use engine::{Change, Effects, Kind, Message, Series, SeriesId, Transition};
use event::{Timestamp, View};

use super::{Quiet, Verdict};

/// Effects, without the messages of what is silenced.
pub struct Hush<'a, E> {
    /// Everything that keeps messages back.
    pub quiet: &'a mut Quiet,
    /// Where the rest goes.
    pub effects: &'a mut E,
    /// The present.
    pub now: Timestamp,
}

impl<E: Effects> Hush<'_, E> {
    /// Hands over what is silenced no more; says whether other alerts may be silenced now than before.
    pub fn tick(&mut self) -> bool {
        let effects = &mut *self.effects;
        let may_differ = self.quiet.tick(self.now, |message| effects.message(message));
        if may_differ {
            self.effects.muting_changed();
        }
        may_differ
    }
}

impl<E: Effects> Effects for Hush<'_, E> {
    fn event(&mut self, series: Series<'_>, event: &View<'_>, kind: Kind) {
        self.effects.event(series, event, kind);
    }

    fn expired(&mut self, series: Series<'_>, now: Timestamp) {
        self.effects.expired(series, now);
    }

    fn forgotten(&mut self, id: SeriesId) {
        self.effects.forgotten(id);
    }

    fn transition(&mut self, transition: &Transition<'_>) {
        self.quiet.transition(transition);
        self.effects.transition(transition);
    }

    fn ended_untold(&mut self, rule: &str, instance: &str) {
        self.quiet.ended_untold(rule, instance);
        self.effects.ended_untold(rule, instance);
    }

    fn muted(&mut self, message: &Message<'_>) {
        self.quiet.muted(message);
        self.effects.muted(message);
    }

    fn muting_changed(&mut self) {
        self.effects.muting_changed();
    }

    fn outgoing(&mut self, out: &Outgoing<'_>) {
        self.effects.outgoing(out);
    }

    fn message(&mut self, message: &Message<'_>) {
        match self.quiet.message(message, self.now) {
            Verdict::Send => self.effects.message(message),
            Verdict::SendOpened => self.effects.message(&Message { change: Change::Opened, ..*message }),
            Verdict::Hold => {}
        }
    }
}
