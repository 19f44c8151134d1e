//! The notifier `log`: a line for each message, each once, even when the journal is applied again.

use std::io;
use std::path::Path;

use crossbeam_channel::Receiver;
use engine::{Change, Message, State};
use event::Timestamp;
use event::printable;
use transport::log::Position;

use super::outbox::Outbox;
use crate::hand_over::{HandOver, InFlight};

/// The outlet on the engine's thread.
#[derive(Debug)]
pub struct Notifier(HandOver<Note>);

#[derive(Debug)]
struct Note {
    key: String,
    now: Timestamp,
    level: State,
    line: String,
}

impl Notifier {
    /// Starts the thread; `path` is the file of the outbox.
    ///
    /// # Errors
    /// When the file cannot be read or made, or no thread can be had.
    pub fn start(path: &Path) -> io::Result<Self> {
        let (outbox, in_flight) = (Outbox::open(path)?, InFlight::default());
        let done = in_flight.clone();
        Ok(Self(HandOver::start("notify", in_flight, move |notes| run(outbox, notes, &done))?))
    }

    /// Takes a message.
    pub fn message(&mut self, message: &Message<'_>, now: Timestamp) {
        self.push(message, line(message), now);
    }

    /// Takes a message of what another alert holds down: whoever reads the log shall know that it is open, though nobody is told.
    pub fn muted(&mut self, message: &Message<'_>, now: Timestamp) {
        self.push(message, format!("{} (held down by another alert)", line(message)), now);
    }

    fn push(&mut self, message: &Message<'_>, line: String, now: Timestamp) {
        let key = &message.key;
        let text = format!("{} {} {} {} {}", key.notifier, key.rule, key.level, key.since.micros(), key.instance);
        self.0.push(Note { key: text, now, level: key.level, line });
    }

    /// Hands over what fits.
    pub fn flush(&mut self, position: Position) {
        self.0.flush(position);
    }

    /// Whether all could be handed over.
    pub fn has_room(&self) -> bool {
        self.0.has_room()
    }

    /// Up to where every message is written down.
    pub fn safe(&self) -> Position {
        self.0.safe()
    }

    /// Hands over the rest and waits until it is written down.
    pub fn finish(&mut self, position: Position) {
        self.0.finish(position);
    }
}

fn run(mut outbox: Outbox, notes: &Receiver<Note>, in_flight: &InFlight) {
    for note in notes {
        let fresh = outbox.enter(&note.key, note.now).unwrap_or_else(|error| {
            tracing::warn!("the outbox cannot be written ({error}): after a restart a message may be given out again");
            true
        });
        if fresh {
            match note.level {
                State::Critical | State::Warning => tracing::warn!("{}", note.line),
                State::Info | State::Ok | State::Expired => tracing::info!("{}", note.line),
            }
        }
        in_flight.done(1);
    }
}

/// `alert cpu-high n1: critical since 2026-12-01T08:00:00Z, CPU at 97 %`.
fn line(message: &Message<'_>) -> String {
    let key = &message.key;
    let level = match message.change {
        Change::Opened | Change::Rose | Change::Fell => key.level.as_str(),
        Change::Resolved => "resolved",
        Change::Gone => "gone",
    };
    let instance = if key.instance.is_empty() { String::new() } else { format!(" {}", key.instance) };
    let runbook = message.said.runbook.as_deref().map_or_else(String::new, |runbook| format!(" ({runbook})"));
    let line = format!("alert {}{instance}: {level} since {}, {}{runbook}", key.rule, key.since, message.text);
    printable(&line).into_owned()
}

#[cfg(test)]
mod tests {
    use engine::MessageKey;
    use engine::rules::Said;

    use super::*;

    fn message<'a>(change: Change, level: State) -> Message<'a> {
        let since = Timestamp::from_secs(0);
        Message {
            key: MessageKey { notifier: "log", rule: "cpu-high", instance: "n1", level, since },
            change,
            host: Some("n1"),
            text: "CPU at 97 %",
            said: Said::NOTHING,
            value: Some(97.0),
        }
    }

    #[test]
    fn a_line_names_alert_instance_level_and_time() {
        assert_eq!(line(&message(Change::Opened, State::Critical)), "alert cpu-high n1: critical since 1970-01-01T00:00:00Z, CPU at 97 %");
        assert_eq!(line(&message(Change::Resolved, State::Ok)), "alert cpu-high n1: resolved since 1970-01-01T00:00:00Z, CPU at 97 %");
    }

    #[test]
    fn it_is_safe_once_all_is_written_down() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("outbox");
        let mut notifier = Notifier::start(&path).unwrap();
        notifier.message(&message(Change::Opened, State::Critical), Timestamp::from_secs(1));
        notifier.finish(Position::from_u64(9));
        assert_eq!(notifier.safe(), Position::from_u64(9));
        assert!(std::fs::read_to_string(&path).unwrap().contains("log cpu-high critical 0 n1"));
    }
}
