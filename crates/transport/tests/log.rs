//! The log against a model: appended, committed, released, killed, damaged and opened again at random.
//!
//! What was committed before a damage is there, in order and at its place; nothing is invented; a recycled file never gives back what it
//! held before; positions only grow.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests may panic")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use event::Timestamp;
use proptest::prelude::*;
use proptest::sample::Index;
use transport::log::{Error, Log, Options, Position};

/// Bytes before a segment's first frame.
const HEADER: u64 = 32;

#[derive(Clone, Debug)]
enum Action {
    Append(Vec<u8>),
    Commit,
    /// Up to one of the frames.
    Release(Index),
    /// The process ends without a word, and starts again.
    Restart,
    /// A file loses its end while the process is away.
    Truncate(Index, Index),
    /// A byte of a file changes while the process is away.
    Flip(Index, Index, u8),
}

fn action() -> impl Strategy<Value = Action> {
    let index = any::<Index>;
    prop_oneof![
        10 => prop::collection::vec(any::<u8>(), 0..80).prop_map(Action::Append),
        10 => Just(Action::Commit),
        3 => index().prop_map(Action::Release),
        2 => Just(Action::Restart),
        1 => (index(), index()).prop_map(|(file, at)| Action::Truncate(file, at)),
        1 => (index(), index(), 1..=255u8).prop_map(|(file, at, change)| Action::Flip(file, at, change)),
    ]
}

type Frames = BTreeMap<Position, (u8, Timestamp, Vec<u8>)>;

struct Machine {
    dir: tempfile::TempDir,
    log: Option<Log>,
    n_appended: i64,
    /// All that was ever committed.
    ever: Frames,
    /// What must be there.
    kept: Frames,
    pending: Frames,
    /// Nothing up to here need be there.
    released: Position,
    newest: Position,
}

impl Machine {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut machine = Self {
            dir,
            log: None,
            n_appended: 0,
            ever: Frames::new(),
            kept: Frames::new(),
            pending: Frames::new(),
            released: Position::START,
            newest: Position::START,
        };
        machine.open();
        machine
    }

    fn open(&mut self) {
        self.log = None;
        // The oldest frames may be unread when the log is opened, or read for nothing.
        let after = if self.n_appended % 2 == 0 { self.released } else { Position::START };
        let options = Options { segment_bytes: 200, max_bytes: 2_000, after };
        self.log = Some(Log::open(self.dir.path(), options).unwrap().0);
        self.pending.clear();
    }

    fn log(&mut self) -> &mut Log {
        self.log.as_mut().unwrap()
    }

    fn append(&mut self, payload: Vec<u8>) {
        self.n_appended += 1;
        let (kind, now) = (self.n_appended as u8, Timestamp::from_micros(self.n_appended));
        let (front, back) = payload.split_at(payload.len() / 2);
        match self.log().append(kind, now, &[front, back]) {
            Ok(position) => {
                assert!(position > self.newest, "{position} after {}", self.newest);
                self.newest = position;
                self.pending.insert(position, (kind, now, payload));
            }
            Err(Error::Full { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }

    fn commit(&mut self) {
        self.log().commit().unwrap();
        let pending = std::mem::take(&mut self.pending);
        self.ever.extend(pending.clone());
        self.kept.extend(pending);
    }

    fn release(&mut self, index: Index) {
        let Some(position) = self.kept.keys().nth(index.index(self.kept.len().max(1))).copied() else { return };
        self.released = self.released.max(position);
        let released = self.released;
        self.log().release(released).unwrap();
        self.kept.retain(|&position, _| position > released);
    }

    /// Changes a segment file while nobody has it open, from the given byte on.
    fn damage(&mut self, file: Index, at: Index, change: impl FnOnce(&mut Vec<u8>, usize)) {
        self.log = None;
        let files = segments(self.dir.path());
        let (number, path) = &files[file.index(files.len())];
        let mut bytes = fs::read(path).unwrap();
        if !bytes.is_empty() {
            let at = at.index(bytes.len());
            change(&mut bytes, at);
            fs::write(path, bytes).unwrap();
            let is_before = |position: &Position| at as u64 >= HEADER && u64::from(position.offset()) <= at as u64;
            self.kept.retain(|position, _| position.segment() != *number || is_before(position));
        }
        self.open();
    }

    fn apply(&mut self, action: Action) {
        match action {
            Action::Append(payload) => self.append(payload),
            Action::Commit => self.commit(),
            Action::Release(index) => self.release(index),
            Action::Restart => self.open(),
            Action::Truncate(file, at) => self.damage(file, at, |bytes, at| bytes.truncate(at)),
            Action::Flip(file, at, change) => self.damage(file, at, |bytes, at| bytes[at] ^= change),
        }
    }

    fn read(&mut self, after: Position) -> Frames {
        let mut reader = self.log().read_after(after);
        let mut last = after;
        let mut found = Frames::new();
        while let Some(frame) = reader.next().unwrap() {
            assert!(frame.position > last, "{} after {last}", frame.position);
            last = frame.position;
            found.insert(last, (frame.kind, frame.now, frame.payload.to_vec()));
        }
        found
    }

    fn check(&mut self) {
        let (all, wanted) = (self.read(Position::START), self.read(self.released));
        for (position, frame) in &all {
            assert_eq!(self.ever.get(position), Some(frame), "invented or changed at {position}");
        }
        for (position, frame) in &self.kept {
            assert_eq!(wanted.get(position), Some(frame), "lost at {position}");
        }
        assert!(wanted.keys().all(|position| *position > self.released));
    }
}

fn segments(dir: &Path) -> Vec<(u32, PathBuf)> {
    let entries = dir.read_dir().unwrap().map(|entry| entry.unwrap().path());
    let segments = entries.filter(|path| path.extension().is_some_and(|ending| ending == "seg"));
    let mut numbered: Vec<_> = segments.map(|path| (path.file_stem().unwrap().to_str().unwrap().parse().unwrap(), path)).collect();
    numbered.sort();
    numbered
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn what_was_committed_stays_and_nothing_is_invented(actions in prop::collection::vec(action(), 0..80)) {
        let mut machine = Machine::new();
        for action in actions {
            let is_worth_a_look = !matches!(action, Action::Append(_));
            machine.apply(action);
            if is_worth_a_look {
                machine.check();
            }
        }
        machine.open();
        machine.check();
    }
}
