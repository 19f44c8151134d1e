//! The notifier `log`: a line for each message, each once, even when the journal is applied again.

use std::collections::VecDeque;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};

use crossbeam_channel::{Receiver, Sender, bounded};
use engine::{Change, Message, State};
use event::Timestamp;
use transport::log::Position;

use super::outbox::Outbox;

/// Messages that wait for the notifier's thread. Full, the engine takes no further batch until the disk has taken some.
const MAX_WAITING: usize = 1024;

/// The outlet on the engine's thread.
#[derive(Debug)]
pub struct Notifier {
    notes: Option<Sender<Note>>,
    thread: Option<JoinHandle<()>>,
    /// What did not fit, in its order; all of one turn at most.
    pending: VecDeque<Note>,
    in_flight: Arc<AtomicUsize>,
    safe: Position,
}

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
        let outbox = Outbox::open(path)?;
        let in_flight = Arc::new(AtomicUsize::new(0));
        let (notes, given) = bounded(MAX_WAITING);
        let flying = in_flight.clone();
        let thread = thread::Builder::new().name("notify".to_owned()).spawn(move || run(outbox, &given, &flying))?;
        Ok(Self { notes: Some(notes), thread: Some(thread), pending: VecDeque::new(), in_flight, safe: Position::START })
    }

    /// Takes a message.
    pub fn message(&mut self, message: &Message<'_>, now: Timestamp) {
        let key = &message.key;
        let text = format!("{} {} {} {} {}", key.notifier, key.rule, key.level, key.since.micros(), key.instance);
        self.pending.push_back(Note { key: text, now, level: key.level, line: line(message) });
    }

    /// Hands over what fits.
    pub fn flush(&mut self, position: Position) {
        while let (Some(notes), Some(note)) = (&self.notes, self.pending.pop_front()) {
            self.in_flight.fetch_add(1, Ordering::AcqRel);
            if let Err(refused) = notes.try_send(note) {
                self.in_flight.fetch_sub(1, Ordering::AcqRel);
                self.pending.push_front(refused.into_inner());
                return;
            }
        }
        if self.in_flight.load(Ordering::Acquire) == 0 {
            self.safe = position;
        }
    }

    /// Whether all could be handed over.
    pub fn has_room(&self) -> bool {
        self.pending.is_empty()
    }

    /// Up to where every message is written down.
    pub fn safe(&self) -> Position {
        self.safe
    }

    /// Hands over the rest and waits until it is written down.
    pub fn finish(&mut self, position: Position) {
        if let Some(notes) = self.notes.take() {
            for note in self.pending.drain(..) {
                // The thread ends only after this sender.
                let _ = notes.send(note);
            }
        }
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was reported by its hook.
            let _ = thread.join();
        }
        self.safe = position;
    }
}

fn run(mut outbox: Outbox, notes: &Receiver<Note>, in_flight: &AtomicUsize) {
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
        in_flight.fetch_sub(1, Ordering::AcqRel);
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
    format!("alert {}{instance}: {level} since {}, {}{runbook}", key.rule, key.since, message.text)
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
