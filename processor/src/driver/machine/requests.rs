//! What others ask of the machine, or want of it, between two batches.

use std::sync::Arc;

use engine::Series;
use engine::query::Query;
use event::{Timestamp, View};
use tokio::sync::oneshot;
use transport::log::Position;

use super::super::fan::Fan;
use super::super::outlets::{Keeper, Outlets};
use super::super::recorder::Journal;
use super::super::request::{Explained, Request};
use super::super::{answers, peace};
use super::{Machine, Next};
use crate::quiet::Hush;

impl<J: Journal, O: Outlets, K: Keeper> Machine<J, O, K> {
    /// Answers one; says whether to go on, where that is what was wanted.
    pub(super) fn request(&mut self, position: Position, now: Timestamp, request: Request) -> Option<Next> {
        match request {
            Request::Index { query, answer } => {
                self.counted.queries += 1;
                send(answer, answers::index(&self.engine, &self.quiet, &query));
            }
            Request::Alerts { pending, page, answer } => send(answer, peace::alerts(&self.engine, &mut self.quiet, pending, page.as_ref())),
            Request::Silences { answer } => send(answer, self.quiet.list(now)),
            Request::Quiet { command, answer } => {
                send(answer, peace::apply(&self.engine, &mut self.quiet, command, now));
                answers::show_alerts(&self.engine, &self.quiet, &mut self.hub);
            }
            Request::Explain { alert, fields, answer } => {
                let explained = answers::explain(&self.engine, &self.quiet, &alert, &fields, now);
                send(answer, explained.map(|explained| Explained { to: self.outlets.told_of(&alert), ..explained }));
            }
            Request::Names { answer } => send(answer, self.engine.plan().alerts().map(|alert| alert.name.clone()).collect()),
            Request::Watch { wish, answer } => {
                let (engine, quiet) = (&self.engine, &self.quiet);
                let search = |query: &Query, found: &mut dyn FnMut(&Series<'_>, &View<'_>)| {
                    engine.query(query, |indexed| answers::with_silence(quiet, &indexed.event, |event| found(&indexed.series, event)));
                };
                send(answer, self.hub.subscribe(wish, now, search));
            }
            Request::Follow { follower, snapshot, answer } => {
                self.counted.queries += 1;
                let found = if snapshot { answers::index(&self.engine, &self.quiet, follower.query()) } else { Vec::new() };
                send(answer, self.hub.follow(follower).map(|()| found));
            }
            Request::Load { plan, notify, silences, answer } => {
                self.outlets.begin(position, now);
                self.outlets.load(&notify);
                self.quiet.set_rules(Arc::clone(&plan), silences, now);
                let leftover = self.engine.load(plan, now, &mut fan!(self, now));
                self.outlets.muting_changed();
                self.outlets.flush(position, now);
                answers::show_alerts(&self.engine, &self.quiet, &mut self.hub);
                send(answer, leftover);
            }
            Request::Record(tap) => self.recorder.tap(tap, now, self.engine.plan().hash()),
            Request::Stop => return Some(Next::Stop),
            Request::Abandon => return Some(Next::Abandon),
        }
        None
    }
}

fn send<T>(answer: oneshot::Sender<T>, value: T) {
    // An asker that has gone needs no answer.
    let _ = answer.send(value);
}
