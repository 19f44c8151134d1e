//! Silences and acknowledgements on the engine's thread: who is open, and what is said of it.

use std::sync::Arc;

use engine::rules::Plan;
use engine::{AlertInstance, Change, Engine, Message, MessageKey, State};
use event::Timestamp;

use super::request::{Alert, HeldBy, Listed, Page, Silenced};
use crate::quiet::{Acknowledge, Command, Done, Quiet, QuietError, Silence};

/// A command as the journal has it.
pub(super) fn frame(command: &Command) -> Vec<u8> {
    // Texts and numbers in memory: they can always be encoded.
    serde_json::to_vec(command).unwrap_or_default()
}

/// Does what the journal says was asked for. What failed then fails now; whoever asked was told.
pub(super) fn replay(engine: &Engine, quiet: &mut Quiet, content: &[u8], now: Timestamp) {
    match serde_json::from_slice(content) {
        Ok(command) => _ = apply(engine, quiet, command, now),
        Err(error) => tracing::warn!("a silence or acknowledgement of the journal cannot be read: {error}"),
    }
}

/// Does what somebody asked for.
pub(super) fn apply(engine: &Engine, quiet: &mut Quiet, command: Command, now: Timestamp) -> Result<Done, QuietError> {
    match command {
        Command::Silence(wish) => quiet.silence(wish, now),
        Command::End { id } => quiet.end(&id, now),
        Command::Acknowledge(wish) => {
            let open = open(engine, &wish)?;
            quiet.acknowledge(&wish, open, now)
        }
        Command::Disable(wish) => quiet.disable(wish, now),
        Command::Enable(wish) => quiet.enable(&wish.alert, now),
    }
}

/// The open instances that somebody wants to look after.
fn open(engine: &Engine, wish: &Acknowledge) -> Result<Vec<(String, State)>, QuietError> {
    let by = by_of(engine.plan(), &wish.alert).ok_or_else(|| QuietError::Wrong(format!("no alert `{}` is on", wish.alert)))?;
    if let Some(field) = wish.fields.keys().find(|field| !by.contains(field)) {
        return Err(QuietError::Wrong(format!("`{field}` is not in the `by` of {}, which has {}", wish.alert, by.join(", "))));
    }
    let has = |values: &[Option<String>]| {
        by.iter().zip(values).all(|(field, found)| wish.fields.get(field).is_none_or(|wanted| found.as_deref().unwrap_or("-") == wanted))
    };
    let found = engine.facts(&wish.alert, has).into_iter();
    Ok(found.filter(|facts| facts.state.is_open()).map(|facts| (facts.instance, facts.state)).collect())
}

fn by_of<'a>(plan: &'a Plan, name: &str) -> Option<&'a [String]> {
    plan.alerts().find(|alert| alert.name == name).map(|alert| alert.by.as_slice())
}

/// The alerts that are open, and with `pending` those about to be, each with what keeps it quiet. Only those of a page are copied.
pub(super) fn alerts(engine: &Engine, quiet: &mut Quiet, pending: bool, page: Option<&Page>) -> Listed {
    let is_told = |alert: &AlertInstance<'_>| alert.state.is_open() || (pending && alert.opens_at.is_some());
    let mut found: Vec<AlertInstance<'_>> = engine.alerts().filter(is_told).collect();
    if let Some(page) = page {
        page.cut(&mut found, |alert| (alert.rule, alert.instance));
    }
    let told = |instance: AlertInstance<'_>| {
        let held_by = |silence: &Silence| HeldBy { id: silence.id.clone(), disables: silence.disables.is_some() };
        let silences = quiet.silencing(&message(&instance)).into_iter().map(held_by).collect();
        let acknowledged = quiet.ack(instance.rule, instance.instance).cloned();
        let facts = engine.fact(instance.rule, instance.instance);
        Alert { facts, quiet: Silenced { silences, acknowledged }, ..Alert::from(instance) }
    };
    let alerts = found.into_iter().map(told).collect();
    Listed { now: engine.now(), plan: Arc::clone(engine.plan()), alerts }
}

impl Page {
    /// Leaves what is on it, in its order; what is beyond is not sorted.
    fn cut<T>(&self, found: &mut Vec<T>, place: impl Fn(&T) -> (&str, &str)) {
        if let Some((rule, instance)) = &self.after {
            found.retain(|one| place(one) > (rule.as_str(), instance.as_str()));
        }
        let limit = self.limit.unwrap_or(usize::MAX);
        if limit < found.len() {
            found.select_nth_unstable_by(limit, |one, other| place(one).cmp(&place(other)));
            found.truncate(limit);
        }
        found.sort_unstable_by(|one, other| place(one).cmp(&place(other)));
    }
}

/// An instance as a message would tell of it, for the queries of silences.
fn message<'a>(instance: &AlertInstance<'a>) -> Message<'a> {
    let key = MessageKey {
        notifier: "",
        rule: instance.rule,
        instance: instance.instance,
        level: instance.state,
        since: instance.since.unwrap_or_default(),
    };
    Message { key, change: Change::Opened, host: instance.host, text: instance.message, said: instance.said, value: instance.value }
}
