//! Time that passes, and time that does not count.

use event::{Duration, Timestamp, View};

use super::Engine;
use crate::Effects;

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
            let reap = self.table.next_due().filter(|&at| at <= now);
            let look = self.alerts.next_look().filter(|&at| is_due(at));
            // At one instant events come first, and what expires is an event.
            match (reap, look) {
                (Some(reap), look) if look.is_none_or(|look| reap <= look) => {
                    self.now = self.now.max(reap);
                    self.reap(fx);
                }
                (_, Some(look)) => {
                    self.now = self.now.max(look);
                    let at = self.now;
                    let (alerts, mut out) = self.alerts_and_out(fx);
                    alerts.look(at, &mut out);
                }
                (_, None) => return,
            }
            self.apply_made(fx);
        }
    }

    /// Takes what has expired out of the index and tells the rules.
    fn reap(&mut self, fx: &mut impl Effects) {
        let mut due = std::mem::take(&mut self.due);
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
        let (host, service) = (series.host.map(str::to_owned), series.service.map(str::to_owned));
        self.leave(id, fx);
        let event = View {
            time: Some(self.now),
            state: Some(b"expired"),
            host: host.as_deref().map(str::as_bytes),
            service: service.as_deref().map(str::as_bytes),
            ..View::default()
        };
        self.offer_expired(&event, 0, fx);
        self.apply_made(fx);
    }

    /// A stretch of time that does not count: moves every deadline of ttl, `absent`, `for` and `clear_for` by `gap`, those of ttl
    /// and `absent` by `grace` more. `since` stays.
    pub fn on_gap(&mut self, gap: Duration, grace: Duration) {
        let (gap, grace) = (gap.max(Duration::ZERO), grace.max(Duration::ZERO));
        self.table.move_deadlines(gap + grace);
        self.alerts.on_gap(gap, grace, self.now, &self.plan);
    }

    /// When [`Engine::on_tick`] is wanted; it may be asked for once too often, never too late.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        [self.table.next_due(), self.alerts.next_look()].into_iter().flatten().min()
    }
}
