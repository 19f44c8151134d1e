//! Silences and acknowledgements on the engine's thread: who is open, and what is said of it.

use engine::rules::Plan;
use engine::{AlertInstance, Change, Engine, Message, MessageKey, State};
use event::Timestamp;

use super::request::{Alert, Silenced};
use crate::own::trouble;
use crate::quiet::{Acknowledge, Command, Done, Quiet, QuietError};

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

/// The alerts that are open, and with `pending` those about to be, each with what keeps it quiet.
pub(super) fn alerts(engine: &Engine, quiet: &mut Quiet, pending: bool) -> Vec<Alert> {
    let is_told = |alert: &AlertInstance<'_>| alert.state.is_open() || (pending && alert.opens_at.is_some());
    let told = |instance: AlertInstance<'_>| {
        let silenced = quiet.silenced_by(&message(&instance)).map(str::to_owned);
        let acknowledged = quiet.ack(instance.rule, instance.instance).cloned();
        Alert { quiet: Silenced { silenced, acknowledged }, ..Alert::from(instance) }
    };
    let mut alerts: Vec<Alert> = engine.alerts().filter(is_told).map(told).collect();
    alerts.extend(trouble::open(engine));
    alerts
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
