//! What each alert instance went through: time, value, level, and why.

use engine::query::Query;
use engine::rules::{Alert, AlertInstance, Level};
use engine::{Cause, Engine, State};
use event::{Duration, Metric, Timestamp, View};

use super::Seen;
use super::report::secs;

/// Instances that are followed; a test that fails shows a few of them.
const MAX_TRACKS: usize = 1000;

/// Stretches of one instance.
const MAX_STRETCHES: usize = 1000;

/// Every instance, in the order in which they appeared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timeline {
    /// One for each instance.
    pub tracks: Vec<Track>,
}

/// What one instance went through.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Track {
    /// The rule.
    pub alert: String,
    /// The values of its `by`, escaped and joined.
    pub instance: String,
    /// In the order of time.
    pub stretches: Vec<Stretch>,
}

/// A time in which nothing but the value changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Stretch {
    /// The first moment at which it was looked at.
    pub from: Duration,
    /// The last one.
    pub to: Duration,
    /// The value then.
    pub first: Option<f64>,
    /// The value at the end.
    pub last: Option<f64>,
    /// The state.
    pub state: State,
    /// Why it is so.
    pub why: String,
}

impl Timeline {
    /// Takes down how all instances are at `at`; `seen` are the changes up to now. Where no event came, what stayed as it was is left out.
    pub(super) fn look(&mut self, at: Duration, engine: &Engine, seen: &[Seen], had_events: bool) {
        let changes: Vec<&Seen> = seen.iter().rev().take_while(|seen| seen.at == at).collect();
        let start = engine.now() + (Duration::ZERO - at);
        for instance in engine.alerts() {
            // The engine's own rules are none of the plan's.
            let Some(alert) = engine.plan().alerts().find(|alert| alert.name == instance.rule) else { continue };
            let change = changes.iter().find(|seen| seen.alert == instance.rule && seen.instance == instance.instance);
            let track = self.tracks.iter().find(|track| track.alert == instance.rule && track.instance == instance.instance);
            let last = track.and_then(|track| track.stretches.last());
            if !had_events && change.is_none() && last.is_some_and(|last| last.last == instance.value) {
                continue;
            }
            let why = match change {
                Some(change) => why_changed(alert, change),
                None => why_so(alert, &instance, start),
            };
            let stretch = Stretch { from: at, to: at, first: instance.value, last: instance.value, state: instance.state, why };
            self.add(instance.rule, instance.instance, stretch, change.is_some());
        }
        // What was forgotten at once is no instance any more.
        for change in changes.iter().rev().filter(|change| change.to == State::Expired) {
            if !engine.alerts().any(|known| known.rule == change.alert && known.instance == change.instance) {
                let why = "its events expired".to_owned();
                let stretch = Stretch { from: at, to: at, first: None, last: None, state: change.to, why };
                self.add(&change.alert, &change.instance, stretch, true);
            }
        }
    }

    fn add(&mut self, alert: &str, instance: &str, stretch: Stretch, is_change: bool) {
        let found = self.tracks.iter().position(|track| track.alert == alert && track.instance == instance);
        if found.is_none() && self.tracks.len() < MAX_TRACKS {
            self.tracks.push(Track { alert: alert.to_owned(), instance: instance.to_owned(), stretches: Vec::new() });
        }
        let at = found.unwrap_or(self.tracks.len().saturating_sub(1));
        let Some(track) = self.tracks.get_mut(at).filter(|track| track.instance == instance && track.alert == alert) else { return };
        if let Some(last) = track.stretches.last_mut()
            && !is_change
            && last.state == stretch.state
            && last.why == stretch.why
        {
            (last.to, last.last) = (stretch.to, stretch.last);
        } else if track.stretches.len() < MAX_STRETCHES {
            track.stretches.push(stretch);
        }
    }
}

/// The key of a level in a rule file.
fn key(state: State) -> &'static str {
    match state {
        State::Info => "info",
        State::Warning => "warn",
        State::Critical => "crit",
        State::Ok | State::Expired => "",
    }
}

fn level(alert: &Alert, state: State) -> Option<&Level> {
    match state {
        State::Info => alert.info.as_ref(),
        State::Warning => alert.warn.as_ref(),
        State::Critical => alert.crit.as_ref(),
        State::Ok | State::Expired => None,
    }
}

fn why_changed(alert: &Alert, change: &Seen) -> String {
    let since = |span: Duration| if span > Duration::ZERO { format!(" for {span}") } else { String::new() };
    match (change.cause, level(alert, change.to)) {
        (Cause::Absent, _) => format!("nothing came{}", since(alert.absent.unwrap_or_default())),
        (Cause::Expired, _) => "its events expired".to_owned(),
        (Cause::RuleRemoved, _) => "its rule was removed".to_owned(),
        (Cause::Level, Some(level)) if change.to > change.from => {
            let span = level.for_.unwrap_or(alert.for_);
            let held = if span > Duration::ZERO { "has held" } else { "holds" };
            format!("`{}: {}` {held}{}", key(change.to), level.when, since(span))
        }
        (Cause::Level, Some(_)) => format!("`{}` holds no more", key(change.from)),
        (Cause::Level, None) => match &alert.clear {
            Some(clear) if alert.clear_for > Duration::ZERO => format!("`clear: {clear}` has held{}", since(alert.clear_for)),
            Some(clear) => format!("`clear: {clear}` holds"),
            None if alert.clear_for > Duration::ZERO => format!("no level has held{}", since(alert.clear_for)),
            None if alert.absent.is_some() => "events come again".to_owned(),
            None => "no level holds".to_owned(),
        },
    }
}

fn why_so(alert: &Alert, instance: &AlertInstance<'_>, start: Timestamp) -> String {
    let holds = |query: &Query| holds(query, instance.value);
    let levels = [State::Critical, State::Warning, State::Info];
    let highest = levels.into_iter().find(|state| level(alert, *state).is_some_and(|level| holds(&level.when) == Some(true)));
    if let (Some(opens_at), Some(state)) = (instance.opens_at, highest.filter(|state| *state > instance.state)) {
        return format!("`{}` holds, counts from {} on", key(state), secs(opens_at - start));
    }
    if !instance.state.is_open() {
        return String::new();
    }
    match (highest, &alert.clear) {
        (Some(state), _) => format!("`{}` holds", key(state)),
        (None, Some(clear)) if holds(clear) == Some(false) => format!("`clear: {clear}` does not hold"),
        (None, _) if alert.clear_for > Duration::ZERO && instance.value.is_some() => format!("clear, closes after {}", alert.clear_for),
        (None, _) => String::new(),
    }
}

/// Whether a query about nothing but the number holds; `None` for one that asks for more.
fn holds(query: &Query, value: Option<f64>) -> Option<bool> {
    let only_metric = query.fields().iter().all(|field| *field == "metric");
    only_metric.then(|| query.matches(&View { metric: value.and_then(Metric::float), ..View::default() }))
}
