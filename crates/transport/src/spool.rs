//! What a server could not take yet, on disk: batches in order, a cursor, a bound in bytes.
//!
//! The oldest batches are dropped, and counted, when the bound is reached. The cursor is a small file that is written aside and renamed;
//! losing it only means that batches are sent again.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use event::Timestamp;

use crate::log::{Error, Log, Options, Position, Reader, Recovered, Syncer};

/// The kind of a spool's frames; there is only one.
const BATCH: u8 = 1;

/// The bound is kept by dropping whole segments: one is at most an eighth of it, and at most 8 MiB.
const SEGMENTS: u64 = 8;
const MAX_SEGMENT: u64 = 8 << 20;

/// A batch that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batch<'a> {
    /// Its place: what [`Spool::advance`] is given when it has been sent.
    pub position: Position,
    /// When it was pushed.
    pub pushed: Timestamp,
    /// How many lines (or points) it holds.
    pub n_lines: u32,
    /// The batch as it was pushed.
    pub bytes: &'a [u8],
}

/// What was dropped to keep within the bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    /// Batches.
    pub batches: u64,
    /// Lines in them.
    pub lines: u64,
    /// Bytes of them.
    pub bytes: u64,
}

/// What a segment holds that was not sent.
#[derive(Clone, Copy, Debug, Default)]
struct Waiting {
    batches: u64,
    lines: u64,
    bytes: u64,
}

impl Waiting {
    fn add(&mut self, batch: &Batch<'_>) {
        self.batches += 1;
        self.lines += u64::from(batch.n_lines);
        self.bytes += batch.bytes.len() as u64;
    }

    fn sub(&mut self, batch: &Batch<'_>) {
        self.batches = self.batches.saturating_sub(1);
        self.lines = self.lines.saturating_sub(u64::from(batch.n_lines));
        self.bytes = self.bytes.saturating_sub(batch.bytes.len() as u64);
    }
}

/// A queue of batches on disk.
#[derive(Debug)]
pub struct Spool {
    log: Log,
    dir: PathBuf,
    max_bytes: u64,
    is_held: bool,
    cursor: Position,
    /// By segment.
    waiting: BTreeMap<u32, Waiting>,
    reader: Option<Reader>,
    dropped: Dropped,
}

impl Spool {
    /// Opens the spool of a folder, which is made if need be. Its files take little more than `max_bytes`.
    ///
    /// # Errors
    /// As [`Log::open`], and when the cursor cannot be read.
    pub fn open(dir: &Path, max_bytes: u64) -> Result<(Self, Recovered), Error> {
        let cursor = read_cursor(dir).map_err(|source| Error::Io { doing: "read", path: dir.join("cursor"), source })?;
        let segment_bytes = (max_bytes / SEGMENTS).clamp(1, MAX_SEGMENT) as u32;
        let (log, recovered) = Log::open(dir, Options { segment_bytes, max_bytes, after: cursor })?;
        let waiting = BTreeMap::new();
        let mut spool =
            Self { log, dir: dir.to_owned(), max_bytes, is_held: false, cursor, waiting, reader: None, dropped: Dropped::default() };
        let mut reader = spool.log.read_after(cursor);
        while let Some(batch) = next_batch(&mut reader)? {
            spool.waiting.entry(batch.position.segment()).or_default().add(&batch);
        }
        spool.log.release(cursor)?;
        Ok((spool, recovered))
    }

    /// Appends a batch and writes it down. Where it does not fit, the oldest batches are dropped and counted.
    ///
    /// # Errors
    /// [`Error::Full`] when it alone is over the bound, else [`Error::Io`]; it is not in the spool then.
    pub fn push(&mut self, now: Timestamp, n_lines: u32, batch: &[u8]) -> Result<Position, Error> {
        // What never fits must not cost the others their place.
        self.log.check_fits(size_of_val(&n_lines) + batch.len())?;
        loop {
            match self.log.append(BATCH, now, &[&n_lines.to_le_bytes(), batch]) {
                Err(Error::Full { .. }) if self.drop_oldest()? => {}
                Err(error) => return Err(error),
                Ok(_) => break,
            }
        }
        let position = self.log.commit()?;
        self.waiting.entry(position.segment()).or_default().add(&Batch { position, pushed: now, n_lines, bytes: batch });
        Ok(position)
    }

    /// Keeps the files from growing, for as long as that is wanted: the oldest batches make way for new ones, as at the bound.
    pub fn stop_growing(&mut self, is_held: bool) {
        if is_held != std::mem::replace(&mut self.is_held, is_held) {
            self.log.set_max_bytes(if is_held { self.log.bytes().min(self.max_bytes) } else { self.max_bytes });
        }
    }

    /// Drops the oldest segment, whether its batches were sent or not. False when there is nothing left to drop.
    fn drop_oldest(&mut self) -> Result<bool, Error> {
        if self.log.segments().nth(1).is_none() {
            let end = self.log.end();
            self.log.seal()?;
            if self.log.end() == end {
                return Ok(false);
            }
        }
        let Some(oldest) = self.log.segments().next() else { return Ok(false) };
        let lost = self.waiting.remove(&oldest.segment()).unwrap_or_default();
        self.dropped.batches += lost.batches;
        self.dropped.lines += lost.lines;
        self.dropped.bytes += lost.bytes;
        self.move_cursor(oldest)?;
        Ok(true)
    }

    /// The oldest batch that was not sent; it stays.
    ///
    /// # Errors
    /// [`Error::Io`] when it cannot be read.
    pub fn peek(&mut self) -> Result<Option<Batch<'_>>, Error> {
        self.after(self.cursor)
    }

    /// The first batch after a place, for a sender that has several under way. Cheap when asked in order.
    ///
    /// # Errors
    /// [`Error::Io`] when it cannot be read.
    pub fn after(&mut self, position: Position) -> Result<Option<Batch<'_>>, Error> {
        let position = position.max(self.cursor);
        if self.log.end() <= position {
            return Ok(None);
        }
        let in_place = self.reader.take().filter(|reader| reader.position() == position && !reader.is_at_end());
        let reader = self.reader.insert(in_place.unwrap_or_else(|| self.log.read_after(position)));
        next_batch(reader)
    }

    /// All up to and with `position` has been sent: it is not given out again, after a restart neither.
    ///
    /// # Errors
    /// [`Error::Io`] when the cursor cannot be written; the batches count as sent until the next restart.
    pub fn advance(&mut self, position: Position) -> Result<(), Error> {
        if position <= self.cursor {
            return Ok(());
        }
        let mut reader = self.log.read_after(self.cursor);
        while reader.position() < position {
            let Some(batch) = next_batch(&mut reader)? else { break };
            if batch.position > position {
                break;
            }
            if let Some(waiting) = self.waiting.get_mut(&batch.position.segment()) {
                waiting.sub(&batch);
            }
        }
        self.move_cursor(position)
    }

    fn move_cursor(&mut self, position: Position) -> Result<(), Error> {
        self.cursor = self.cursor.max(position);
        self.waiting.retain(|&segment, waiting| segment >= self.cursor.segment() && waiting.batches > 0);
        self.log.release(self.cursor)?;
        write_cursor(&self.dir, self.cursor).map_err(|source| Error::Io { doing: "write", path: self.dir.join("cursor"), source })
    }

    /// Nothing waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Bytes of the batches that wait.
    pub fn bytes_waiting(&self) -> u64 {
        self.waiting.values().map(|waiting| waiting.bytes).sum()
    }

    /// Lines that wait.
    pub fn lines_waiting(&self) -> u64 {
        self.waiting.values().map(|waiting| waiting.lines).sum()
    }

    /// What was dropped since it was opened.
    pub fn dropped(&self) -> Dropped {
        self.dropped
    }

    /// The place of the last batch that was sent.
    pub fn cursor(&self) -> Position {
        self.cursor
    }

    /// The place of the last batch.
    pub fn end(&self) -> Position {
        self.log.end()
    }

    /// For the thread that brings it to the disk.
    pub fn syncer(&self) -> Syncer {
        self.log.syncer()
    }
}

fn next_batch(reader: &mut Reader) -> Result<Option<Batch<'_>>, Error> {
    let Some(frame) = reader.next()? else { return Ok(None) };
    let (n_lines, bytes) = frame.payload.split_first_chunk().map_or((0, frame.payload), |(n, bytes)| (u32::from_le_bytes(*n), bytes));
    Ok(Some(Batch { position: frame.position, pushed: frame.now, n_lines, bytes }))
}

/// The cursor, or the start when there is none or it makes no sense: batches are then sent again.
fn read_cursor(dir: &Path) -> io::Result<Position> {
    match fs::read_to_string(dir.join("cursor")) {
        Ok(text) => Ok(Position::from_u64(text.trim_end().parse().unwrap_or(0))),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::InvalidData) => Ok(Position::START),
        Err(error) => Err(error),
    }
}

fn write_cursor(dir: &Path, position: Position) -> io::Result<()> {
    let aside = dir.join("cursor.new");
    fs::write(&aside, format!("{}\n", position.as_u64()))?;
    fs::rename(aside, dir.join("cursor"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_000);

    fn open(dir: &Path, max_bytes: u64) -> Spool {
        Spool::open(dir, max_bytes).unwrap().0
    }

    #[track_caller]
    fn check(spool: &mut Spool, expected: &[&str]) {
        let mut position = spool.cursor();
        let mut found = Vec::new();
        while let Some(batch) = spool.after(position).unwrap() {
            position = batch.position;
            found.push(std::str::from_utf8(batch.bytes).unwrap().to_owned());
        }
        assert_eq!(found, expected);
        assert_eq!(spool.bytes_waiting(), expected.concat().len() as u64);
    }

    #[test]
    fn batches_come_back_in_order_until_they_were_sent() {
        let dir = tempfile::tempdir().unwrap();
        let mut spool = open(dir.path(), 1 << 20);
        let first = spool.push(NOW, 2, b"a\nb\n").unwrap();
        spool.push(NOW, 1, b"c\n").unwrap();
        assert_eq!(spool.peek().unwrap(), Some(Batch { position: first, pushed: NOW, n_lines: 2, bytes: b"a\nb\n" }));
        check(&mut spool, &["a\nb\n", "c\n"]);
        spool.advance(first).unwrap();
        assert_eq!(spool.lines_waiting(), 1);
        check(&mut spool, &["c\n"]);
        spool.push(NOW, 1, b"d\n").unwrap();
        check(&mut spool, &["c\n", "d\n"]);
    }

    #[test]
    fn a_restart_goes_on_after_the_cursor_and_a_lost_cursor_sends_again() {
        let dir = tempfile::tempdir().unwrap();
        let mut spool = open(dir.path(), 1 << 20);
        let first = spool.push(NOW, 1, b"a\n").unwrap();
        spool.push(NOW, 1, b"b\n").unwrap();
        spool.advance(first).unwrap();
        drop(spool);
        let mut spool = open(dir.path(), 1 << 20);
        check(&mut spool, &["b\n"]);
        drop(spool);
        fs::remove_file(dir.path().join("cursor")).unwrap();
        check(&mut open(dir.path(), 1 << 20), &["a\n", "b\n"]);
        fs::write(dir.path().join("cursor"), b"\xff").unwrap();
        check(&mut open(dir.path(), 1 << 20), &["a\n", "b\n"]);
    }

    #[test]
    fn a_spool_that_was_sent_whole_is_empty_and_frees_its_files() {
        let dir = tempfile::tempdir().unwrap();
        let mut spool = open(dir.path(), 800);
        for _ in 0..100 {
            let position = spool.push(NOW, 1, b"a line of text\n").unwrap();
            spool.advance(position).unwrap();
        }
        assert!(spool.is_empty());
        assert_eq!(spool.dropped(), Dropped::default());
        check(&mut spool, &[]);
    }

    #[test]
    fn while_it_may_not_grow_the_oldest_make_way() {
        let dir = tempfile::tempdir().unwrap();
        let mut spool = open(dir.path(), 4000);
        (0..30).for_each(|n| _ = spool.push(NOW, 1, format!("line number {n:03}\n").as_bytes()).unwrap());
        let before = spool.bytes_waiting();
        spool.stop_growing(true);
        (30..60).for_each(|n| _ = spool.push(NOW, 1, format!("line number {n:03}\n").as_bytes()).unwrap());
        assert!(spool.bytes_waiting() <= before && spool.dropped().lines >= 30, "{:?}", spool.dropped());
        spool.stop_growing(false);
        let dropped = spool.dropped();
        (60..90).for_each(|n| _ = spool.push(NOW, 1, format!("line number {n:03}\n").as_bytes()).unwrap());
        assert_eq!(spool.dropped(), dropped);
        assert!(spool.bytes_waiting() > before);
    }

    #[test]
    fn over_its_bound_it_drops_the_oldest_and_counts_them() {
        let dir = tempfile::tempdir().unwrap();
        let mut spool = open(dir.path(), 400);
        let texts: Vec<_> = (0..20).map(|n| format!("line number {n:03}\n")).collect();
        for text in &texts {
            spool.push(NOW, 1, text.as_bytes()).unwrap();
        }
        let dropped = spool.dropped();
        assert!(dropped.lines >= 10 && dropped.batches == dropped.lines && dropped.bytes == dropped.lines * 16, "{dropped:?}");
        let left: Vec<_> = texts.iter().skip(dropped.lines as usize).map(String::as_str).collect();
        check(&mut spool, &left);
        let error = spool.push(NOW, 1, &[b'x'; 350]).unwrap_err();
        assert!(matches!(error, Error::Full { .. }), "{error}");
        check(&mut spool, &left);
    }
}
