//! The outbox of the notifiers: which messages were given out in the last day, so that a replay gives none out twice.
//!
//! One text file, a line a message. A message is written down first and sent then: killed in between, it is in the log
//! of the outbox but was not sent; the other way round it would be sent twice.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use event::{Duration, Timestamp};

/// For how long a message is remembered: longer than a journal of ours reaches back.
const KEPT: Duration = Duration::from_secs(86_400);

/// Lines after which the file is written anew without those that are older than [`KEPT`].
const COMPACT_AT: usize = 20_000;

/// Keys that are kept at the most: of a day with more messages the oldest are forgotten, which no journal reaches back to.
const MAX_KEYS: usize = 100_000;

/// The keys of messages, in memory and in a file.
#[derive(Debug)]
pub struct Outbox {
    path: PathBuf,
    file: File,
    n_lines: usize,
    sent: HashMap<String, Timestamp>,
}

impl Outbox {
    /// Reads the file, or begins one.
    ///
    /// # Errors
    /// When it cannot be read or made.
    pub fn open(path: &Path) -> io::Result<Self> {
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error),
        };
        // A damaged disk may leave anything here; a line that cannot be read costs at most one message given out twice.
        let text = String::from_utf8_lossy(&bytes);
        let mut file = OpenOptions::new().create(true).append(true).open(path)?;
        if !text.is_empty() && !text.ends_with('\n') {
            // A crash cut the last line short; its message was not sent.
            file.write_all(b"\n")?;
        }
        let sent = text.lines().filter_map(read_line).collect();
        Ok(Self { path: path.to_owned(), file, n_lines: text.lines().count(), sent })
    }

    /// Writes a message's key down; `false` when it was given out before.
    ///
    /// # Errors
    /// When the file cannot be written; the message is to be sent all the same.
    pub fn enter(&mut self, key: &str, now: Timestamp) -> io::Result<bool> {
        let key = key.replace('\n', "\\n");
        if self.sent.contains_key(&key) {
            return Ok(false);
        }
        let line = format!("{} {key}\n", now.micros());
        self.sent.insert(key, now);
        self.file.write_all(line.as_bytes())?;
        self.n_lines += 1;
        if self.n_lines >= COMPACT_AT {
            self.compact(now)?;
        }
        Ok(true)
    }

    fn compact(&mut self, now: Timestamp) -> io::Result<()> {
        self.sent.retain(|_, sent| *sent + KEPT > now);
        if let Some(n_over) = self.sent.len().checked_sub(MAX_KEYS).filter(|n_over| *n_over > 0) {
            let mut times: Vec<Timestamp> = self.sent.values().copied().collect();
            let (_, newest_over, _) = times.select_nth_unstable(n_over - 1);
            let horizon = *newest_over;
            self.sent.retain(|_, sent| *sent > horizon);
        }
        let aside = self.path.with_extension("part");
        let mut lines = Vec::new();
        for (key, sent) in &self.sent {
            writeln!(lines, "{} {key}", sent.micros())?;
        }
        fs::write(&aside, &lines)?;
        fs::rename(&aside, &self.path)?;
        self.file = OpenOptions::new().append(true).open(&self.path)?;
        // A day of more messages than this is written anew once per COMPACT_AT further ones, not with each.
        self.n_lines = 0;
        Ok(())
    }
}

fn read_line(line: &str) -> Option<(String, Timestamp)> {
    let (micros, key) = line.split_once(' ')?;
    Some((key.to_owned(), Timestamp::from_micros(micros.parse().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_given_out_once_even_over_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("outbox");
        let now = Timestamp::from_secs(1);
        let mut outbox = Outbox::open(&path).unwrap();
        assert!(outbox.enter("cpu-high n1", now).unwrap());
        assert!(!outbox.enter("cpu-high n1", now).unwrap());
        let mut outbox = Outbox::open(&path).unwrap();
        assert!(!outbox.enter("cpu-high n1", now).unwrap());
        assert!(outbox.enter("cpu-high n2", now).unwrap());
    }

    #[test]
    fn of_a_day_with_very_many_messages_the_newest_are_kept() {
        let dir = tempfile::tempdir().unwrap();
        let mut outbox = Outbox::open(&dir.path().join("outbox")).unwrap();
        let at = |n: usize| Timestamp::from_secs(1_000_000) + Duration::from_micros(n as i64);
        let n_messages = MAX_KEYS + 2 * COMPACT_AT;
        for n in 0..n_messages {
            assert!(outbox.enter(&format!("rule {n}"), at(n)).unwrap());
        }
        assert!(outbox.sent.len() <= MAX_KEYS + COMPACT_AT, "{}", outbox.sent.len());
        let newest = format!("rule {}", n_messages - 1);
        assert!(!outbox.enter(&newest, at(n_messages)).unwrap());
        assert!(!outbox.sent.contains_key("rule 0"));
    }

    #[test]
    fn what_cannot_be_read_is_passed_over() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("outbox");
        fs::write(&path, b"\xff\x00\xfe garbage\n1000000 cpu-high n1\nno number\n17").unwrap();
        let mut outbox = Outbox::open(&path).unwrap();
        assert!(!outbox.enter("cpu-high n1", Timestamp::from_secs(2)).unwrap());
        assert!(outbox.enter("cpu-high n2", Timestamp::from_secs(2)).unwrap());
    }

    #[test]
    fn the_file_forgets_what_is_older_than_a_day() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("outbox");
        let mut outbox = Outbox::open(&path).unwrap();
        assert!(outbox.enter("old", Timestamp::from_secs(0)).unwrap());
        for number in 1..COMPACT_AT {
            assert!(outbox.enter(&number.to_string(), Timestamp::from_secs(90_000)).unwrap());
        }
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().count(), COMPACT_AT - 1);
        assert!(!text.contains("old"));
    }
}
