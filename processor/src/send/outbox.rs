//! The outbox of one way: a file with the messages that wait, and with the keys of all that were taken in the last day.
//!
//! A line a thing, as JSON: a message, the end of one, a key. A message is written down and synced before it is sent; killed between its
//! sending and its end in the file, it is sent once more with the same id. A message that a replay brings again is dropped by its keys.

use std::collections::{HashMap, VecDeque};
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use event::{Duration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::notify::{Id, Kind, Letter, LetterRecord};

/// Messages may tell what not everybody shall read.
const MODE: u32 = 0o600;

/// For how long keys are kept: longer than a journal of ours reaches back.
const KEPT: Duration = Duration::from_secs(86_400);

/// Messages that wait at the most.
const MAX_LETTERS: usize = 10_000;

/// Bytes of messages that wait at the most.
const MAX_BYTES: usize = 16 << 20;

/// Keys at the most: of a day with more the oldest are forgotten.
const MAX_KEYS: usize = 100_000;

/// The file is written anew when it is longer than twice what is of use, and this.
const SLACK: usize = 1 << 20;

/// Bytes of a key's line in the file: 32 digits and a time.
const KEY_LINE: usize = 64;

/// How often keys that are too old are looked for.
const PRUNED_EVERY: Duration = Duration::from_secs(3600);

#[derive(Serialize, Deserialize)]
enum Line {
    /// A message.
    #[serde(rename = "put")]
    Put(u64, LetterRecord),
    /// It needs no sending any more.
    #[serde(rename = "end")]
    End(u64),
    /// When a key was taken.
    #[serde(rename = "key")]
    Key(String, i64),
}

/// A message that waits.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    pub(super) number: u64,
    pub(super) letter: Arc<Letter>,
    n_bytes: usize,
    /// Bytes of its line in the file.
    n_written: usize,
}

/// In memory and in a file.
#[derive(Debug)]
pub(super) struct Outbox {
    path: PathBuf,
    file: File,
    /// How long the file is.
    n_file: usize,
    waiting: VecDeque<Waiting>,
    n_bytes: usize,
    /// Bytes of the lines of what waits.
    n_written: usize,
    keys: HashMap<Id, Timestamp>,
    /// When keys that are too old were last forgotten.
    pruned: Timestamp,
    next: u64,
    /// What was written and not synced yet.
    unsynced: bool,
    /// Something could not be written, and half a line may stand at the end: the file is to be written anew before it goes on.
    torn: bool,
}

impl Outbox {
    /// Reads the file, or begins one; what is too long for what it holds is written anew. Nobody but its owner may read it.
    ///
    /// # Errors
    /// When it cannot be read or made.
    pub(super) fn open(path: &Path, now: Timestamp) -> io::Result<Self> {
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error),
        };
        let mut file = OpenOptions::new().create(true).append(true).mode(MODE).open(path)?;
        file.set_permissions(Permissions::from_mode(MODE))?;
        if bytes.last().is_some_and(|last| *last != b'\n') {
            // A crash cut the last line short; its message comes again with the journal.
            file.write_all(b"\n")?;
        }
        sync_folder(path)?;
        let mut outbox = Self {
            path: path.to_owned(),
            file,
            n_file: bytes.len() + 1,
            waiting: VecDeque::new(),
            n_bytes: 0,
            n_written: 0,
            keys: HashMap::new(),
            pruned: now,
            next: 0,
            unsynced: false,
            torn: false,
        };
        for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            // A damaged disk may leave anything here; what cannot be read is passed over.
            if let Ok(read) = serde_json::from_slice(line) {
                outbox.read(read, line.len() + 1);
            }
        }
        outbox.prune(now);
        if outbox.is_long() && outbox.compact(now).is_err() {
            // What is in the file stands; the next sync tries again.
            outbox.torn = true;
        }
        Ok(outbox)
    }

    fn read(&mut self, line: Line, n_written: usize) {
        match line {
            Line::Put(number, record) => {
                self.next = self.next.max(number + 1);
                let Some(letter) = record.letter() else { return };
                self.remember(&letter);
                let n_bytes = estimate(&letter);
                self.n_bytes += n_bytes;
                self.n_written += n_written;
                self.waiting.push_back(Waiting { number, letter: Arc::new(letter), n_bytes, n_written });
            }
            Line::End(number) => self.forget(number),
            Line::Key(key, at) => {
                if let Some(key) = Id::parse(&key) {
                    self.keys.insert(key, Timestamp::from_micros(at));
                }
            }
        }
    }

    fn remember(&mut self, letter: &Letter) {
        self.keys.insert(letter.id, letter.at);
        if letter.kind != Kind::Reminder {
            self.keys.extend(letter.entries.iter().map(|entry| (Id::of_entry(&letter.notifier, entry), letter.at)));
        }
    }

    fn forget(&mut self, number: u64) {
        if let Some(place) = self.waiting.iter().position(|waiting| waiting.number == number)
            && let Some(waiting) = self.waiting.remove(place)
        {
            self.n_bytes -= waiting.n_bytes;
            self.n_written -= waiting.n_written;
        }
    }

    /// Takes a message, less what was taken before; gives how many older ones had to go for it, or `None` when nothing of it is new.
    ///
    /// # Errors
    /// When the file cannot be written; the message waits all the same.
    pub(super) fn put(&mut self, mut letter: Letter) -> (Option<usize>, io::Result<()>) {
        if self.keys.contains_key(&letter.id) {
            return (None, Ok(()));
        }
        if letter.kind != Kind::Reminder {
            let n_before = letter.entries.len();
            letter.entries.retain(|entry| !self.keys.contains_key(&Id::of_entry(&letter.notifier, entry)));
            if letter.entries.is_empty() && (n_before > 0 || letter.n_more == 0) {
                return (None, Ok(()));
            }
        }
        self.remember(&letter);
        let number = self.next;
        self.next += 1;
        let record = LetterRecord::from(&letter);
        let n_bytes = estimate(&letter);
        let (n_written, mut written) = self.append(&Line::Put(number, record));
        self.n_bytes += n_bytes;
        self.n_written += n_written;
        self.waiting.push_back(Waiting { number, letter: Arc::new(letter), n_bytes, n_written });
        let mut n_dropped = 0;
        while self.waiting.len() > MAX_LETTERS || self.n_bytes > MAX_BYTES && self.waiting.len() > 1 {
            // A reminder says nothing that was not said.
            let reminder = self.waiting.iter().position(|waiting| waiting.letter.kind == Kind::Reminder);
            let Some(number) = self.waiting.get(reminder.unwrap_or(0)).map(|waiting| waiting.number) else { break };
            n_dropped += 1;
            written = written.and(self.end(number));
        }
        (Some(n_dropped), written)
    }

    /// The message that has waited longest.
    pub(super) fn first(&self) -> Option<&Waiting> {
        self.waiting.front()
    }

    /// How many wait.
    pub(super) fn n_waiting(&self) -> usize {
        self.waiting.len()
    }

    /// A message needs no sending any more.
    ///
    /// # Errors
    /// When the file cannot be written; after a restart it is sent again.
    pub(super) fn end(&mut self, number: u64) -> io::Result<()> {
        self.forget(number);
        self.append(&Line::End(number)).1
    }

    /// Gives how long the line is, too.
    fn append(&mut self, line: &Line) -> (usize, io::Result<()>) {
        let mut bytes = match serde_json::to_vec(line) {
            Ok(bytes) => bytes,
            Err(error) => return (0, Err(error.into())),
        };
        bytes.push(b'\n');
        self.unsynced = true;
        if self.torn {
            // The next sync writes all that waits.
            return (bytes.len(), Err(io::Error::other("what came before could not be written")));
        }
        self.n_file += bytes.len();
        (bytes.len(), self.file.write_all(&bytes).inspect_err(|_| self.torn = true))
    }

    /// Brings what was written to the disk, and writes the file anew where that is worth it, or where the disk had refused something.
    ///
    /// # Errors
    /// When the disk refuses; the next sync tries again.
    pub(super) fn sync(&mut self, now: Timestamp) -> io::Result<()> {
        if !self.unsynced {
            return Ok(());
        }
        self.prune(now);
        if self.torn || self.is_long() || self.keys.len() > MAX_KEYS {
            self.compact(now)?;
        } else {
            self.file.sync_data()?;
        }
        self.unsynced = false;
        Ok(())
    }

    /// Forgets the keys that are too old, each hour.
    fn prune(&mut self, now: Timestamp) {
        if self.pruned == now || now - self.pruned >= PRUNED_EVERY {
            self.pruned = now;
            self.keys.retain(|_, at| *at + KEPT > now);
        }
    }

    /// Whether most of the file is of no use any more.
    fn is_long(&self) -> bool {
        self.n_file > 2 * (self.n_written + KEY_LINE * self.keys.len()) + SLACK
    }

    fn compact(&mut self, now: Timestamp) -> io::Result<()> {
        self.keys.retain(|_, at| *at + KEPT > now);
        if self.keys.len() > MAX_KEYS / 2 {
            let mut times: Vec<Timestamp> = self.keys.values().copied().collect();
            let n_over = times.len() - MAX_KEYS / 2;
            let (_, horizon, _) = times.select_nth_unstable(n_over.saturating_sub(1));
            let horizon = *horizon;
            self.keys.retain(|_, at| *at > horizon);
        }
        let mut keys: Vec<(Id, Timestamp)> = self.keys.iter().map(|(key, at)| (*key, *at)).collect();
        keys.sort_unstable();
        let keys = keys.into_iter().map(|(key, at)| Line::Key(key.to_string(), at.micros()));
        let letters = self.waiting.iter().map(|waiting| Line::Put(waiting.number, LetterRecord::from(&*waiting.letter)));
        let mut bytes = Vec::new();
        for line in keys.chain(letters) {
            serde_json::to_writer(&mut bytes, &line)?;
            bytes.push(b'\n');
        }
        let aside = self.path.with_extension("part");
        let mut file = OpenOptions::new().create(true).write(true).truncate(true).mode(MODE).open(&aside)?;
        file.set_permissions(Permissions::from_mode(MODE))?;
        file.write_all(&bytes)?;
        file.sync_data()?;
        fs::rename(&aside, &self.path)?;
        self.file = OpenOptions::new().append(true).open(&self.path)?;
        (self.n_file, self.torn) = (bytes.len(), false);
        // Without this a power cut may bring the old file back, without what is appended to the new one.
        sync_folder(&self.path)
    }
}

/// Brings the file's name to the disk.
fn sync_folder(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

/// About what a message takes.
fn estimate(letter: &Letter) -> usize {
    let entry = |entry: &crate::notify::Entry| 400 + entry.text.len() + entry.said.details.as_ref().map_or(0, String::len);
    200 + letter.entries.iter().map(entry).sum::<usize>()
}

#[cfg(test)]
mod tests;
