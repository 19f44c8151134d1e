//! Silences, acknowledgements and held messages in a snapshot: JSON, since there are few and people may want to look.

use std::sync::Arc;

use engine::rules::Said;
use engine::{Change, State};
use event::Timestamp;
use serde::{Deserialize, Serialize};

use super::command::Disable;
use super::held::{Held, Told};
use super::silence::{Silence, SilenceError, Wish};
use super::state::{Ack, Kept, Quiet};
use crate::driver::taken::Later;

#[derive(Serialize, Deserialize)]
struct Saved {
    made: u64,
    silences: Vec<SavedSilence>,
    acks: Vec<SavedAck>,
    held: Vec<SavedHeld>,
}

#[derive(Serialize, Deserialize)]
struct SavedSilence {
    id: String,
    since: i64,
    wish: Wish,
    /// Left out by versions that disabled no rule.
    #[serde(default)]
    disables: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct SavedAck {
    rule: String,
    instance: String,
    level: String,
    note: String,
    author: String,
    at: i64,
}

#[derive(Serialize, Deserialize)]
struct SavedHeld {
    unseen: bool,
    notifier: String,
    rule: String,
    instance: String,
    host: Option<String>,
    level: String,
    since: i64,
    change: String,
    text: String,
    details: Option<String>,
    runbook: Option<String>,
    team: Option<String>,
    labels: Vec<(String, String)>,
    links: Vec<(String, String)>,
    /// Its bits: JSON has no NaN and no infinity.
    value: Option<u64>,
}

const CHANGES: [(&str, Change); 5] =
    [("opened", Change::Opened), ("rose", Change::Rose), ("fell", Change::Fell), ("resolved", Change::Resolved), ("gone", Change::Gone)];

impl Quiet {
    /// All but what comes from rule files. There may be very many held messages, which are not copied.
    pub(crate) fn save(&self) -> Later {
        let made = self.n_made;
        let silences: Vec<_> = self.silences.iter().map(|kept| SavedSilence::from(&kept.silence)).collect();
        let acks: Vec<_> = self.acks.iter().map(|((rule, instance), ack)| SavedAck::new(rule, instance, ack)).collect();
        let held: Vec<_> = self.held.values().cloned().collect();
        Later::new(move || {
            let held = held.iter().map(|held| SavedHeld::from(held.as_ref())).collect();
            serde_json::to_vec(&Saved { made, silences, acks, held }).unwrap_or_else(|error| {
                // Every key is a text, and there is memory.
                tracing::error!("silences could not be written down: {error}");
                Vec::new()
            })
        })
    }

    /// What was saved; nothing of what cannot be read, which the log says.
    pub(crate) fn restore(bytes: &[u8], now: Timestamp) -> Self {
        let mut quiet = Self::default();
        if bytes.is_empty() {
            return quiet;
        }
        let saved: Saved = match serde_json::from_slice(bytes) {
            Ok(saved) => saved,
            Err(error) => {
                tracing::warn!("the silences of the snapshot cannot be read ({error}); there are none now");
                return quiet;
            }
        };
        quiet.n_made = saved.made;
        for one in saved.silences {
            match one.silence() {
                Ok(silence) => quiet.silences.push(Kept::new(silence)),
                Err(error) => tracing::warn!("a silence of the snapshot is not taken up: {error}"),
            }
        }
        quiet.acks.extend(saved.acks.into_iter().filter_map(SavedAck::ack));
        let held = saved.held.into_iter().filter_map(SavedHeld::held);
        quiet.held.extend(held.map(|held| ((held.last.rule.clone(), held.last.instance.clone()), Arc::new(held))));
        quiet.look_anew(now);
        quiet
    }
}

impl From<&Silence> for SavedSilence {
    fn from(silence: &Silence) -> Self {
        let (since, disables) = (silence.since.unwrap_or_default().micros(), silence.disables.clone());
        Self { id: silence.id.clone(), since, wish: silence.wish.clone(), disables }
    }
}

impl SavedSilence {
    fn silence(self) -> Result<Silence, SilenceError> {
        let Self { id, since, wish, disables } = self;
        let since = Some(Timestamp::from_micros(since));
        match disables {
            Some(alert) => Silence::disabling(id, since, Disable { alert, why: wish.why, author: wish.author }),
            None => Silence::new(id, since, wish),
        }
    }
}

impl SavedAck {
    fn new(rule: &str, instance: &str, ack: &Ack) -> Self {
        let Ack { note, author, at, level } = ack.clone();
        Self { rule: rule.to_owned(), instance: instance.to_owned(), level: level.as_str().to_owned(), note, author, at: at.micros() }
    }

    fn ack(self) -> Option<((String, String), Ack)> {
        let level = State::parse(&self.level)?;
        let ack = Ack { note: self.note, author: self.author, at: Timestamp::from_micros(self.at), level };
        Some(((self.rule, self.instance), ack))
    }
}

impl From<&Held> for SavedHeld {
    fn from(held: &Held) -> Self {
        let Told { notifier, rule, instance, host, level, since, change, text, said, value } = held.last.clone();
        let Said { details, runbook, team, labels, links } = said;
        let change = CHANGES.iter().find(|(_, known)| *known == change).map_or("", |(name, _)| name).to_owned();
        let (level, since, value) = (level.as_str().to_owned(), since.micros(), value.map(f64::to_bits));
        let unseen = held.is_unseen;
        Self { unseen, notifier, rule, instance, host, level, since, change, text, details, runbook, team, labels, links, value }
    }
}

impl SavedHeld {
    fn held(self) -> Option<Held> {
        let Self { unseen, notifier, rule, instance, host, level, since, change, text, details, runbook, team, labels, links, value } =
            self;
        let (_, change) = CHANGES.into_iter().find(|(name, _)| *name == change)?;
        let said = Said { details, runbook, team, labels, links };
        let (level, since, value) = (State::parse(&level)?, Timestamp::from_micros(since), value.map(f64::from_bits));
        Some(Held { is_unseen: unseen, last: Told { notifier, rule, instance, host, level, since, change, text, said, value } })
    }
}
