//! One alert instance: the state machine of a rule for one combination of the fields of its `by`.

use event::{Duration, Timestamp};

use super::conditions::{Conditions, LEVELS};
use super::last::Last;
use super::words::Said;
use super::{Alert, Expired};
use crate::State;
use crate::alerts::Measured;

/// No time that ever comes.
pub(crate) const NEVER: Timestamp = Timestamp::from_micros(i64::MAX);

/// How often an open instance gives out its event again.
pub(crate) const REPEAT: Duration = Duration::from_secs(30);

/// How long an instance that is ok and whose events expired is kept: dropping it at once would cost a look per ttl and instance.
const IDLE: Duration = Duration::from_secs(60);

/// How long an instance that opened by `absent` waits for its events.
const ABSENT_KEPT: Duration = Duration::from_secs(86_400);

/// An instance's state.
#[derive(Debug)]
pub(crate) struct Instance {
    /// Of the plan.
    pub(crate) rule: u32,
    /// Of the rule: it stays while the rule's number may change.
    pub(crate) definition: u64,
    pub(crate) state: State,
    pub(crate) conditions: Conditions,
    /// Its last event expired.
    pub(crate) gone: bool,
    /// How many rules the last event went through.
    pub(crate) depth: u8,
    /// Tells it from the instances that had its place before.
    pub(crate) serial: u32,
    /// The number of the last event.
    pub(crate) value: Option<f64>,
    /// When the last matching event came; of one that was never seen, since when it is waited for.
    pub(crate) seen: Timestamp,
    /// An event came at all.
    pub(crate) was_seen: bool,
    /// It is to be looked at because what held it down may have ended.
    pub(crate) is_woken: bool,
    /// When the last event expires.
    pub(crate) deadline: Timestamp,
    /// When it opens for want of events.
    pub(crate) absent_at: Timestamp,
    /// Since when each level holds, lowest first, [`NEVER`] for one that does not; a gap moves it.
    pub(crate) holds: [Timestamp; 3],
    /// Since when nothing holds any more.
    pub(crate) clear_since: Option<Timestamp>,
    /// Of the present state; grows with every change.
    pub(crate) since: Option<Timestamp>,
    /// When its event is given out again; only while open.
    pub(crate) repeat_at: Timestamp,
    /// When it is looked at next: its place in the timers.
    pub(crate) look_at: Timestamp,
    /// What it measures, where that is not the last event's number.
    pub(crate) measured: Measured,
    /// When that may change without an event.
    pub(crate) measure_at: Timestamp,
    pub(crate) texts: Box<Texts>,
}

/// What is asked for at changes only.
#[derive(Clone, Debug, Default)]
pub(crate) struct Texts {
    /// The values of `by`, escaped and joined: unique within the rule.
    pub(crate) instance: String,
    /// Of its event.
    pub(crate) host: Option<String>,
    /// Of its event.
    pub(crate) service: String,
    /// The values of `by`, in its order.
    pub(crate) values: Vec<Option<String>>,
    /// As rendered at the last change.
    pub(crate) message: String,
    /// Likewise, where the rule says anything besides its message.
    pub(crate) said: Option<Box<Said>>,
    /// The last event, kept while the instance is not idle.
    pub(crate) last: Last,
}

impl Instance {
    pub(crate) fn new(rule: u32, definition: u64, texts: Texts) -> Self {
        Self {
            rule,
            definition,
            state: State::Ok,
            conditions: Conditions::default(),
            gone: false,
            depth: 0,
            serial: 0,
            value: None,
            seen: Timestamp::default(),
            was_seen: true,
            is_woken: false,
            deadline: NEVER,
            absent_at: NEVER,
            holds: [NEVER; 3],
            clear_since: None,
            since: None,
            repeat_at: NEVER,
            look_at: NEVER,
            measured: Measured::default(),
            measure_at: NEVER,
            texts: Box::new(texts),
        }
    }

    /// Nothing holds, nothing is open: an event that says the same again changes nothing.
    #[inline]
    pub(crate) fn is_idle(&self) -> bool {
        self.conditions.is_idle() && !self.state.is_open() && self.holds == [NEVER; 3] && self.absent_at == NEVER
    }

    /// The state that the rule wants now. Starts and stops what runs for `for` and `clear_for`.
    pub(crate) fn judge(&mut self, alert: &Alert, now: Timestamp) -> State {
        let present = self.state.max(State::Ok);
        let (mut want, mut any) = (State::Ok, false);
        for (at, state) in LEVELS.into_iter().enumerate().rev() {
            let (Some(level), Some(since)) = (alert.level(state), self.holds.get_mut(at)) else { continue };
            // A level's own clear keeps it, as long as the instance is at this level or above.
            if !(self.conditions.holds(at) || present >= state && self.conditions.level_unclear(at)) {
                *since = NEVER;
                continue;
            }
            any = true;
            if *since == NEVER {
                *since = now;
            }
            let held = now - *since;
            // Only a rise has to wait: a level at or below the present one counts at once.
            if want == State::Ok && (present >= state || held >= level.for_.unwrap_or(alert.for_)) {
                want = state;
            }
        }
        if now >= self.absent_at {
            (want, any) = (State::Critical, true);
        }
        if want == State::Ok && present.is_open() && self.conditions.unclear() {
            (want, any) = (alert.lowest(), true);
        }
        self.delay_close(alert, want, any, now)
    }

    /// `clear_for` delays closing, never a step down; whatever holds again starts it anew.
    fn delay_close(&mut self, alert: &Alert, want: State, any: bool, now: Timestamp) -> State {
        let closes = want == State::Ok && self.state.is_open();
        if !closes || any || alert.clear_for == Duration::ZERO {
            self.clear_since = None;
            return if closes && any && alert.clear_for > Duration::ZERO { self.state } else { want };
        }
        let clear = now - *self.clear_since.get_or_insert(now);
        if clear >= alert.clear_for { State::Ok } else { self.state }
    }

    /// Its events expired: the state that follows, if it is another one.
    pub(crate) fn expire(&mut self, alert: &Alert) -> Option<State> {
        self.gone = true;
        self.conditions = Conditions::default();
        self.holds = [NEVER; 3];
        self.clear_since = None;
        if !self.state.is_open() {
            return None;
        }
        let next = match alert.expired {
            Expired::Close => State::Expired,
            Expired::Hold => return None,
            Expired::Warn => State::Warning,
            Expired::Crit => State::Critical,
        };
        (next != self.state).then_some(next)
    }

    /// Whether its events have expired at `now` and that has not been dealt with. `absent` rules know no ttl.
    pub(crate) fn expires(&self, alert: &Alert, now: Timestamp) -> bool {
        !self.gone && alert.absent.is_none() && now >= self.deadline
    }

    /// Takes note of a change of state; `now` for its `since`, or a microsecond after the last where that is not later.
    pub(crate) fn enter(&mut self, state: State, now: Timestamp) -> Timestamp {
        let since = self.since.map_or(now, |since| now.max(since + Duration::from_micros(1)));
        self.since = Some(since);
        self.state = state;
        self.repeat_at = NEVER;
        since
    }

    /// Whether it may be forgotten at `now`.
    pub(crate) fn is_over(&self, is_expected: impl FnOnce(&Self) -> bool, now: Timestamp) -> bool {
        if self.absent_at != NEVER {
            return now >= self.absent_at + ABSENT_KEPT && !is_expected(self);
        }
        if !self.measured.is_event() {
            return !self.state.is_open() && self.measured.is_empty(now) && self.holds == [NEVER; 3];
        }
        !self.state.is_open() && self.gone && (self.state == State::Expired || now >= self.deadline + IDLE)
    }

    /// When something may happen to it without an event, always after `now`; [`NEVER`] when nothing does.
    pub(crate) fn next_look(&self, alert: &Alert, now: Timestamp) -> Timestamp {
        let mut next = NEVER;
        let mut wants = |at: Timestamp| {
            if at > now {
                next = next.min(at);
            }
        };
        wants(self.repeat_at);
        wants(self.absent_at);
        wants(self.absent_at + ABSENT_KEPT);
        wants(self.measure_at);
        if let Some(since) = self.clear_since {
            wants(since + alert.clear_for);
        }
        if let Some(opens_at) = self.opens_at(alert) {
            wants(opens_at);
        }
        if alert.absent.is_none() && self.measured.is_event() {
            let urgent = !self.gone && !self.is_idle();
            wants(if urgent { self.deadline } else { self.deadline + IDLE });
        }
        next
    }

    /// When the first `for` that runs is over.
    pub(crate) fn opens_at(&self, alert: &Alert) -> Option<Timestamp> {
        let running = |(state, since): (State, Timestamp)| {
            let level = alert.level(state)?;
            (state > self.state && since != NEVER).then_some(since + level.for_.unwrap_or(alert.for_))
        };
        LEVELS.into_iter().zip(self.holds).filter_map(running).min()
    }

    /// Something holds that could open it, or take it higher.
    pub(crate) fn may_rise(&self, now: Timestamp) -> bool {
        self.holds != [NEVER; 3] || now >= self.absent_at
    }

    /// Whether a `for` or `clear_for` ends at `now`.
    pub(crate) fn timer_ends(&self, alert: &Alert, now: Timestamp) -> bool {
        let for_ends = |(state, since): (State, Timestamp)| {
            alert.level(state).is_some_and(|level| since != NEVER && since + level.for_.unwrap_or(alert.for_) == now)
        };
        LEVELS.into_iter().zip(self.holds).any(for_ends) || self.clear_since.is_some_and(|since| since + alert.clear_for == now)
    }

    /// Time stood still: `for` and `clear_for` go on where they were, ttl and `absent` have `grace` besides.
    pub(crate) fn on_gap(&mut self, gap: Duration, grace: Duration) {
        // What is NEVER stays so: the arithmetic saturates.
        for since in self.holds.iter_mut().chain(&mut self.clear_since) {
            *since = *since + gap;
        }
        self.deadline = self.deadline + gap + grace;
        self.absent_at = self.absent_at + gap + grace;
        self.measure_at = self.measure_at + gap + grace;
        self.measured.on_gap(gap + grace);
    }
}
