//! A log on disk: frames in segment files, written in order, read back after a place, recycled when they are no longer wanted.
//!
//! It is the processor's journal, and what the [`crate::spool`] lies on. A commit is one `write(2)`; another thread brings it to the disk
//! ([`Syncer`]). The newest segment is never continued after a restart or a failed write: its successor's header says where it ended, so
//! that nothing torn, failed or recycled is ever taken for part of the log.

mod frame;
mod position;
mod reader;
mod recover;
mod segment;
mod sync;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use event::Timestamp;

pub use frame::Frame;
pub use position::Position;
pub use reader::Reader;
pub use recover::{Damage, Recovered};
pub use sync::{SyncThread, Syncer};

use segment::{HEADER, Header, Role};

/// Damaged files that are kept to be looked at; older ones are deleted.
const MAX_BAD: usize = 3;

/// Memory that the buffer of a commit keeps; a greater one is given back.
const KEPT_BUFFER: usize = 1 << 20;

/// How a log is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// A segment that is as long is followed by a new one with the next commit. At most a quarter of `max_bytes` is taken, as only whole
    /// segments are freed.
    pub segment_bytes: u32,
    /// The log is full when its frames take so much. The files may take one segment more.
    pub max_bytes: u64,
    /// Frames up to this place are not wanted: their segments are not read when the log is opened, and positions go on after it even when the
    /// files were lost.
    pub after: Position,
}

impl Default for Options {
    /// The journal's. A snapshot, due after 256 MiB, frees several segments of 32 MiB at once; with batches of 90 bytes an event and
    /// 50,000 events a second a new one is begun every 7 s.
    fn default() -> Self {
        Self { segment_bytes: 32 << 20, max_bytes: 1 << 30, after: Position::START }
    }
}

/// Why the log could not do it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no room for the frame within [`Options::max_bytes`].
    #[error("the log in {} holds {max_bytes} bytes, which is all it may", dir.display())]
    Full {
        /// The log's folder.
        dir: PathBuf,
        /// Its bound.
        max_bytes: u64,
    },
    /// Another process has it open.
    #[error("{} is in use by another process", dir.display())]
    InUse {
        /// The log's folder.
        dir: PathBuf,
    },
    /// A frame of 4 GiB or more.
    #[error("a frame of {n_bytes} bytes is too long for a log")]
    TooLong {
        /// Its length.
        n_bytes: usize,
    },
    /// The disk failed.
    #[error("could not {doing} {}", path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// A segment that nothing is added to any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sealed {
    end: u32,
    damaged: bool,
}

/// The segment that is written.
#[derive(Debug)]
struct Current {
    header: Header,
    file: Arc<File>,
    /// Where the last committed frame ends.
    offset: u32,
    /// A write failed: nothing may be added behind what it left.
    failed: bool,
}

/// A log that is open for writing; only one can be in a folder.
#[derive(Debug)]
pub struct Log {
    dir: PathBuf,
    options: Options,
    sealed: BTreeMap<u32, Sealed>,
    current: Current,
    /// Frames appended and not yet committed.
    buffer: Vec<u8>,
    spares: Vec<u32>,
    bad: Vec<u32>,
    sync: Arc<sync::Shared>,
    _lock: File,
}

impl Log {
    /// Opens the log of a folder, which is made if need be, and says what was found in it.
    ///
    /// # Errors
    /// [`Error::InUse`] or [`Error::Io`].
    pub fn open(dir: &Path, options: Options) -> Result<(Self, Recovered), Error> {
        let failed = |source| Error::Io { doing: "open the log in", path: dir.to_owned(), source };
        fs::create_dir_all(dir).map_err(failed)?;
        let lock = lock(dir)?;
        let quarter = u32::try_from(options.max_bytes / 4).unwrap_or(u32::MAX);
        let options = Options { segment_bytes: options.segment_bytes.min(quarter), ..options };
        let mut found = recover::recover(dir, options.after)?;
        let header = Header { number: found.newest + 1, after: found.recovered.end };
        let file = begin(dir, header, &mut found.spares).map_err(failed)?;
        let sync = Arc::new(sync::Shared::new(dir, file.clone()).map_err(failed)?);
        let log = Self {
            dir: dir.to_owned(),
            options,
            sealed: found.segments,
            current: Current { header, file, offset: HEADER, failed: false },
            buffer: Vec::new(),
            spares: found.spares,
            bad: found.bad,
            sync,
            _lock: lock,
        };
        Ok((log, found.recovered))
    }

    /// Adds a frame to the next commit and says where it will be; `parts` are written one after the other.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::TooLong`], or [`Error::Io`] when a new segment was due and could not be begun. What was appended before
    /// stands.
    pub fn append(&mut self, kind: u8, now: Timestamp, parts: &[&[u8]]) -> Result<Position, Error> {
        let n_bytes = frame::HEAD + parts.iter().map(|part| part.len()).sum::<usize>();
        if self.bytes() + n_bytes as u64 > self.options.max_bytes {
            return Err(self.full());
        }
        if self.buffer.is_empty() && (self.current.failed || self.current.offset >= self.options.segment_bytes) {
            self.roll()?;
        }
        let end = self.current.offset as usize + self.buffer.len() + n_bytes;
        let end = u32::try_from(end).map_err(|_| Error::TooLong { n_bytes })?;
        frame::put(&mut self.buffer, self.current.header.number, kind, now, parts);
        Ok(Position::new(self.current.header.number, end))
    }

    /// Whether a frame with so long a payload fits into the log when all else is released.
    ///
    /// # Errors
    /// [`Error::Full`] when it does not.
    pub fn check_fits(&self, payload: usize) -> Result<(), Error> {
        // Its own segment, and the header of one that was sealed to be released.
        let n_bytes = 2 * u64::from(HEADER) + (frame::HEAD + payload) as u64;
        if n_bytes > self.options.max_bytes { Err(self.full()) } else { Ok(()) }
    }

    fn full(&self) -> Error {
        Error::Full { dir: self.dir.clone(), max_bytes: self.options.max_bytes }
    }

    /// Writes what was appended, and says where the log ends now.
    ///
    /// # Errors
    /// [`Error::Io`]: nothing of what was appended since the last commit is in the log, and the positions it was given are never used
    /// again. Also once after a [`Syncer`] failed.
    pub fn commit(&mut self) -> Result<Position, Error> {
        if self.buffer.is_empty() {
            return Ok(self.end());
        }
        let written = match self.sync.take_error() {
            Some(error) => Err(error),
            None => self.current.file.write_all_at(&self.buffer, u64::from(self.current.offset)),
        };
        let n_bytes = self.buffer.len() as u32;
        self.buffer.clear();
        self.buffer.shrink_to(KEPT_BUFFER);
        if let Err(source) = written {
            self.current.failed = true;
            // Should the process end before the next segment is begun, its frames would be found. Where this fails too, nothing can be done.
            let _ = self.current.file.set_len(u64::from(self.current.offset));
            return Err(Error::Io { doing: "write", path: self.path(self.current.header.number, Role::Segment), source });
        }
        self.current.offset += n_bytes;
        self.sync.note_written();
        Ok(self.end())
    }

    /// Ends the current segment and begins the next.
    fn roll(&mut self) -> Result<(), Error> {
        let Current { header, offset, .. } = self.current;
        let after = if offset > HEADER { Position::new(header.number, offset) } else { header.after };
        let header = Header { number: header.number + 1, after };
        let path = self.path(header.number, Role::Segment);
        let file = begin(&self.dir, header, &mut self.spares).map_err(|source| Error::Io { doing: "begin", path, source })?;
        self.sync.note_rolled(file.clone());
        self.sealed.insert(self.current.header.number, Sealed { end: offset, damaged: false });
        self.current = Current { header, file, offset: HEADER, failed: false };
        Ok(())
    }

    /// Frames up to `position` are no longer wanted: segments that hold no others are kept to be written over, or deleted.
    ///
    /// # Errors
    /// [`Error::Io`]; what could not be renamed is tried again with the next release.
    pub fn release(&mut self, position: Position) -> Result<(), Error> {
        while let Some((&number, &sealed)) = self.sealed.first_key_value() {
            if Position::new(number, sealed.end) > position {
                break;
            }
            let path = self.path(number, Role::Segment);
            self.retire(number, sealed).map_err(|source| Error::Io { doing: "recycle", path, source })?;
            self.sealed.remove(&number);
        }
        Ok(())
    }

    fn retire(&mut self, number: u32, sealed: Sealed) -> io::Result<()> {
        let path = self.path(number, Role::Segment);
        if sealed.damaged {
            fs::rename(&path, self.path(number, Role::Bad))?;
            self.bad.push(number);
            while self.bad.len() > MAX_BAD {
                let oldest = self.bad.remove(0);
                fs::remove_file(self.path(oldest, Role::Bad))?;
            }
            return Ok(());
        }
        // As many files as the log may fill are enough.
        let n_files = self.sealed.len() + self.spares.len();
        if n_files as u64 * u64::from(self.options.segment_bytes) > self.options.max_bytes {
            return fs::remove_file(path);
        }
        fs::rename(path, self.path(number, Role::Spare))?;
        self.spares.push(number);
        Ok(())
    }

    /// Ends the current segment, so that it can be released as soon as its frames are no longer wanted.
    ///
    /// # Errors
    /// [`Error::Io`] when the next segment cannot be begun.
    pub fn seal(&mut self) -> Result<(), Error> {
        self.commit()?;
        if self.current.offset > HEADER { self.roll() } else { Ok(()) }
    }

    /// The frames after `position` that are committed now. Nothing that is yet to be read may be released.
    pub fn read_after(&self, position: Position) -> Reader {
        let sealed = self.sealed.iter().map(|(&number, sealed)| (number, sealed.end));
        let all = sealed.chain([(self.current.header.number, self.current.offset)]);
        let segments = all.filter(|&(number, end)| Position::new(number, end) > position).collect();
        Reader::new(self.dir.clone(), segments, position)
    }

    /// Where the log ends: the place of the last committed frame, or where the first of a new segment will begin.
    pub fn end(&self) -> Position {
        Position::new(self.current.header.number, self.current.offset)
    }

    /// The segments that hold frames, oldest first: the place where each ends.
    pub fn segments(&self) -> impl Iterator<Item = Position> {
        let sealed = self.sealed.iter().map(|(&number, sealed)| Position::new(number, sealed.end));
        sealed.chain([self.end()])
    }

    /// Bytes that the frames take, those not yet committed included.
    pub fn bytes(&self) -> u64 {
        let sealed = self.sealed.values().map(|sealed| u64::from(sealed.end)).sum::<u64>();
        sealed + u64::from(self.current.offset) + self.buffer.len() as u64
    }

    /// Another bound from now on, see [`Options::max_bytes`].
    pub fn set_max_bytes(&mut self, max_bytes: u64) {
        self.options.max_bytes = max_bytes;
    }

    /// For the thread that brings it to the disk.
    pub fn syncer(&self) -> Syncer {
        Syncer(self.sync.clone())
    }

    fn path(&self, number: u32, role: Role) -> PathBuf {
        segment::path(&self.dir, number, role)
    }
}

/// Begins a segment, in a spare file if there is one: a fresh file costs three times the CPU.
fn begin(dir: &Path, header: Header, spares: &mut Vec<u32>) -> io::Result<Arc<File>> {
    let path = segment::path(dir, header.number, Role::Segment);
    let recycled = match spares.pop() {
        Some(spare) => fs::rename(segment::path(dir, spare, Role::Spare), &path).is_ok(),
        None => false,
    };
    // Left by an attempt that failed before it held a frame, the file is as good as a new one.
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(!recycled).open(&path)?;
    header.write(&file)?;
    Ok(Arc::new(file))
}

fn lock(dir: &Path) -> Result<File, Error> {
    let path = dir.join("lock");
    let failed = |source| Error::Io { doing: "lock", path: path.clone(), source };
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::InUse { dir: dir.to_owned() }),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}
