//! Where an engine's effects go.

use engine::{Effects, Kind, Message, Series, SeriesId, Transition};
use event::{Timestamp, View};

use super::answers::with_silence;
use super::beats::Beats;
use super::outlets::Outlets;
use crate::live::Hub;
use crate::quiet::Hush;

/// Effects go to the outlets, behind the silences, and, where somebody watches, to the live clients; heartbeats are looked at on the way.
pub(super) struct Fan<'a, O> {
    pub(super) outlets: Hush<'a, O>,
    pub(super) hub: &'a mut Hub,
    pub(super) beats: &'a mut Beats,
}

impl<O: Outlets> Effects for Fan<'_, O> {
    fn event(&mut self, series: Series<'_>, event: &View<'_>, kind: Kind) {
        if kind == Kind::Live && !self.hub.is_idle() {
            with_silence(self.outlets.quiet, event, |event| self.hub.event(&series, event));
        }
        self.beats.note(&series, event, kind);
        self.outlets.event(series, event, kind);
    }

    fn expired(&mut self, series: Series<'_>, now: Timestamp) {
        if !self.hub.is_idle() {
            self.hub.expired(&series, now);
        }
        self.outlets.expired(series, now);
    }

    fn forgotten(&mut self, id: SeriesId) {
        if !self.hub.is_idle() {
            self.hub.forgotten(id);
        }
        self.outlets.forgotten(id);
    }

    fn outgoing(&mut self, out: &engine::streams::Outgoing<'_>) {
        self.outlets.outgoing(out);
    }

    fn transition(&mut self, transition: &Transition<'_>) {
        self.outlets.transition(transition);
    }

    fn ended_untold(&mut self, rule: &str, instance: &str) {
        self.outlets.ended_untold(rule, instance);
    }

    fn muted(&mut self, message: &Message<'_>) {
        self.outlets.muted(message);
    }

    fn muting_changed(&mut self) {
        self.outlets.muting_changed();
    }

    fn message(&mut self, message: &Message<'_>) {
        self.outlets.message(message);
    }
}
