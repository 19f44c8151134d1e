//! Time that passes, and time that does not count.

use std::sync::Arc;

use event::{Duration, Event, Timestamp, View};

use super::{Engine, Origin};
use crate::Effects;
use crate::query::Field;
use crate::rules::Keep;

impl Engine {
    /// What is due before `now`, and entries of the index that are due at `now`; each thing at its own time, earliest first.
    pub(super) fn run_before(&mut self, now: Timestamp, fx: &mut impl Effects) {
        self.run(now, |look| look < now, fx);
        self.now = now;
    }

    /// Alert timers that are due at `now`.
    pub(super) fn run_until(&mut self, now: Timestamp, fx: &mut impl Effects) {
        self.run(now, |look| look <= now, fx);
    }

    fn run(&mut self, now: Timestamp, is_due: impl Fn(Timestamp) -> bool, fx: &mut impl Effects) {
        loop {
            let reap = self.next_reap().filter(|&at| at <= now);
            let step = self.streams.next_due(self.plan.programs()).filter(|&at| at <= now);
            let look = self.alerts.next_look().filter(|&at| is_due(at));
            // At one instant events come first, and what expires is an event.
            match (reap, step, look) {
                (Some(reap), _, look) if step.is_none_or(|step| reap <= step) && look.is_none_or(|look| reap <= look) => {
                    self.now = self.now.max(reap);
                    self.reap(fx);
                }
                (_, Some(step), look) if look.is_none_or(|look| step <= look) => {
                    self.now = self.now.max(step);
                    let (plan, now) = (Arc::clone(&self.plan), self.now);
                    let (streams, mut out) = self.streams_and_out(fx);
                    streams.tick(plan.programs(), now, &mut out);
                }
                (_, _, Some(look)) => {
                    self.now = self.now.max(look);
                    let at = self.now;
                    let (alerts, mut out) = self.alerts_and_out(fx);
                    alerts.look(at, &mut out);
                }
                (_, _, None) => return,
            }
            self.apply_made(fx);
        }
    }

    /// When entries of the index may be due to leave.
    fn next_reap(&self) -> Option<Timestamp> {
        let due = self.table.next_due();
        match self.plan.settings().index.expire_every {
            Some(_) => due.map(|_| self.reap_at),
            None => due,
        }
    }

    /// Rules and streams that are new begin now, and so does the reaper.
    pub(super) fn begin(&mut self, now: Timestamp, fx: &mut impl Effects) {
        let (alerts, mut out) = self.alerts_and_out(fx);
        alerts.begin(now, &mut out);
        if self.streams.has_begun() {
            return;
        }
        if let Some(every) = self.plan.settings().index.expire_every
            && self.reap_at == Timestamp::default()
        {
            self.reap_at = now + every;
        }
        let plan = Arc::clone(&self.plan);
        let (streams, mut out) = self.streams_and_out(fx);
        streams.begin(plan.programs(), now, &mut out);
    }

    /// Takes what has expired out of the index and tells the rules.
    fn reap(&mut self, fx: &mut impl Effects) {
        let mut due = std::mem::take(&mut self.due);
        if let Some(every) = self.plan.settings().index.expire_every {
            self.reap_at = self.reap_at + every;
        }
        self.table.take_due(self.now, &mut due);
        for id in due.drain(..) {
            // A rule on the expiry before may have told this key anew, or made another key that now has its id.
            if !self.table.is_out_of_time(id) {
                continue;
            }
            self.counters.expired += 1;
            self.expire(id, fx);
        }
        self.due = due;
    }

    fn expire(&mut self, id: u32, fx: &mut impl Effects) {
        let Some(series) = self.table.series(id) else { return };
        let key = View { host: series.host.map(str::as_bytes), service: series.service.map(str::as_bytes), ..View::default() };
        let event = match (&self.plan.settings().index.keep, self.table.indexed(id)) {
            (Keep::Key, _) | (_, None) => Event::from(&key),
            (Keep::All, Some(entry)) => Event::from(&entry.event),
            (Keep::Fields(fields), Some(entry)) => with_fields(&entry.event, fields),
        };
        self.leave(id, fx);
        let event = Event { time: Some(self.now), state: Some("expired".to_owned()), ..event };
        event.with_view(|event| self.offer_expired(event, Origin::OUTSIDE, fx));
        self.apply_made(fx);
    }

    /// A stretch of time that does not count: moves every deadline of ttl, `absent`, `for` and `clear_for` by `gap`, those of ttl
    /// and `absent` by `grace` more. `since` stays.
    pub fn on_gap(&mut self, gap: Duration, grace: Duration) {
        let (gap, grace) = (gap.max(Duration::ZERO), grace.max(Duration::ZERO));
        self.table.move_deadlines(gap + grace);
        self.streams.on_gap(gap);
        self.reap_at = self.reap_at + gap;
        self.alerts.on_gap(gap, grace, self.now, &self.plan);
    }

    /// When [`Engine::on_tick`] is wanted; it may be asked for once too often, never too late.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        [self.next_reap(), self.streams.next_due(self.plan.programs()), self.alerts.next_look()].into_iter().flatten().min()
    }
}

/// What an event has in these fields, and nothing else.
fn with_fields(event: &View<'_>, fields: &[Field]) -> Event {
    let mut kept = Event::default();
    let whole = Event::from(event);
    for field in fields {
        match field {
            Field::Host => kept.host.clone_from(&whole.host),
            Field::Service => kept.service.clone_from(&whole.service),
            Field::State | Field::Time => {}
            Field::Description => kept.description.clone_from(&whole.description),
            Field::Metric => kept.metric = whole.metric,
            Field::Ttl => kept.ttl = whole.ttl,
            Field::Tags => kept.marks.clone_from(&whole.marks),
            Field::Attribute(name) => {
                kept.attributes.extend(whole.attributes.iter().filter(|(key, _)| **key == **name).cloned());
            }
        }
    }
    kept
}
