//! Snapshots on disk: one file each, its name the position up to which it holds everything.
//!
//! A file is made under another name, synced, and renamed only when it may be used; so a name that ends in `.snapshot`
//! is whole, unless the disk broke it, which its checksum tells.

use std::fs::{self, File};
use std::io::{self, Read, Seek as _, Write};
use std::path::{Path, PathBuf};

use event::Timestamp;
use transport::log::Position;

const MAGIC: &[u8; 8] = b"skepsnp3";
/// Of snapshots without the notifiers' state and silences: the engine's bytes are all that follows.
const MAGIC_BEFORE: &[u8; 8] = b"skepsnp1";
const SUFFIX: &str = "snapshot";

/// The folder.
#[derive(Clone, Debug)]
pub struct Snapshots {
    dir: PathBuf,
}

/// A snapshot that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Everything up to and with the frame at this position is in it.
    pub position: Position,
    /// The engine's `now` then.
    pub now: Timestamp,
    /// The engine's own bytes.
    pub engine: Vec<u8>,
    /// What the notifiers have gathered and told, as they wrote it.
    pub notices: Vec<u8>,
    /// Silences and acknowledgements, likewise.
    pub quiet: Vec<u8>,
}

impl Snapshots {
    /// Uses a folder, made if it is not there; what a crash left half written is removed.
    ///
    /// # Errors
    /// When the folder cannot be made or read.
    pub fn open(dir: &Path) -> io::Result<Self> {
        fs::create_dir_all(dir)?;
        let snapshots = Self { dir: dir.to_owned() };
        for entry in fs::read_dir(dir)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "part") {
                fs::remove_file(path)?;
            }
        }
        Ok(snapshots)
    }

    /// The newest one that is whole, and how many newer ones were not.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn newest(&self) -> io::Result<(Option<Snapshot>, usize)> {
        let positions = self.positions()?;
        let whole = |position: &Position| read(&self.path(*position, SUFFIX), *position).ok();
        let found = positions.iter().rev().enumerate().find_map(|(n_broken, position)| whole(position).map(|found| (n_broken, found)));
        Ok(match found {
            Some((n_broken, snapshot)) => (Some(snapshot), n_broken),
            None => (None, positions.len()),
        })
    }

    /// Writes one aside, synced; [`Snapshots::publish`] makes it count. What a full disk cut short is removed: the next
    /// one has another name, and the pieces together would keep the disk full. Gives its bytes.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, snapshot: &Snapshot) -> io::Result<u64> {
        let path = self.path(snapshot.position, "part");
        write(&path, snapshot).inspect_err(|_| {
            // Where even that fails, the next start removes it.
            let _ = fs::remove_file(&path);
        })
    }

    /// Makes a written one count, and removes all others.
    ///
    /// # Errors
    /// When the folder cannot be changed.
    pub fn publish(&self, position: Position) -> io::Result<()> {
        fs::rename(self.path(position, "part"), self.path(position, SUFFIX))?;
        File::open(&self.dir)?.sync_all()?;
        for other in self.positions()? {
            if other != position {
                fs::remove_file(self.path(other, SUFFIX))?;
            }
        }
        Ok(())
    }

    /// The positions of all that stand in the folder, oldest first.
    fn positions(&self) -> io::Result<Vec<Position>> {
        let mut positions = Vec::new();
        for entry in fs::read_dir(&self.dir)? {
            let path = entry?.path();
            let stem = path.file_stem().and_then(|stem| stem.to_str()).filter(|_| path.extension().is_some_and(|found| found == SUFFIX));
            positions.extend(stem.and_then(|stem| u64::from_str_radix(stem, 16).ok()).map(Position::from_u64));
        }
        positions.sort_unstable();
        Ok(positions)
    }

    fn path(&self, position: Position, suffix: &str) -> PathBuf {
        self.dir.join(format!("{:016x}.{suffix}", position.as_u64()))
    }
}

fn write(path: &Path, snapshot: &Snapshot) -> io::Result<u64> {
    let mut file = File::create(path)?;
    let now = snapshot.now.micros().to_le_bytes();
    file.write_all(MAGIC)?;
    let [n_notices, n_quiet] = [&snapshot.notices, &snapshot.quiet].map(|part| (part.len() as u64).to_le_bytes());
    let parts: [&[u8]; 6] = [&now, &n_notices, &snapshot.notices, &n_quiet, &snapshot.quiet, &snapshot.engine];
    file.write_all(&checksum(snapshot.position, &parts).to_le_bytes())?;
    for part in parts {
        file.write_all(part)?;
    }
    file.sync_data()?;
    file.stream_position()
}

fn read(path: &Path, position: Position) -> io::Result<Snapshot> {
    let mut bytes = Vec::new();
    File::open(path)?.read_to_end(&mut bytes)?;
    let broken = || io::Error::from(io::ErrorKind::InvalidData);
    let (magic, rest) = bytes.split_first_chunk::<8>().ok_or_else(broken)?;
    let (crc, checked) = rest.split_first_chunk::<4>().ok_or_else(broken)?;
    if ![MAGIC, MAGIC_BEFORE].contains(&magic) || u32::from_le_bytes(*crc) != checksum(position, &[checked]) {
        return Err(broken());
    }
    let (now, rest) = checked.split_first_chunk::<8>().ok_or_else(broken)?;
    let (notices, quiet, engine) = if magic == MAGIC {
        let (notices, rest) = part(rest).ok_or_else(broken)?;
        let (quiet, engine) = part(rest).ok_or_else(broken)?;
        (notices, quiet, engine)
    } else {
        (&[][..], &[][..], rest)
    };
    let now = Timestamp::from_micros(i64::from_le_bytes(*now));
    Ok(Snapshot { position, now, engine: engine.to_vec(), notices: notices.to_vec(), quiet: quiet.to_vec() })
}

/// A part behind its length, and what follows it.
fn part(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<8>()?;
    rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)
}

/// The name is part of what is checked: a file that was renamed by hand is not what it says.
fn checksum(position: Position, parts: &[&[u8]]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&position.as_u64().to_le_bytes());
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(position: u64, engine: &[u8]) -> Snapshot {
        Snapshot {
            position: Position::from_u64(position),
            now: Timestamp::from_secs(7),
            engine: engine.to_vec(),
            notices: b"notices".to_vec(),
            quiet: b"quiet".to_vec(),
        }
    }

    #[test]
    fn only_what_was_published_counts_and_it_replaces_what_was_there() {
        let dir = tempfile::tempdir().unwrap();
        let snapshots = Snapshots::open(dir.path()).unwrap();
        assert_eq!(snapshots.newest().unwrap(), (None, 0));
        snapshots.write(&snapshot(5, b"five")).unwrap();
        assert_eq!(snapshots.newest().unwrap(), (None, 0));
        snapshots.publish(Position::from_u64(5)).unwrap();
        snapshots.write(&snapshot(9, b"nine")).unwrap();
        assert_eq!(snapshots.newest().unwrap(), (Some(snapshot(5, b"five")), 0));
        snapshots.publish(Position::from_u64(9)).unwrap();
        assert_eq!(snapshots.newest().unwrap(), (Some(snapshot(9, b"nine")), 0));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_damaged_one_is_passed_over() {
        let dir = tempfile::tempdir().unwrap();
        let snapshots = Snapshots::open(dir.path()).unwrap();
        snapshots.write(&snapshot(5, b"five")).unwrap();
        snapshots.publish(Position::from_u64(5)).unwrap();
        fs::write(snapshots.path(Position::from_u64(9), SUFFIX), b"skepsnp1 and then nothing of the kind").unwrap();
        assert_eq!(snapshots.newest().unwrap(), (Some(snapshot(5, b"five")), 1));
    }

    #[test]
    fn what_a_crash_left_half_written_is_removed() {
        let dir = tempfile::tempdir().unwrap();
        Snapshots::open(dir.path()).unwrap().write(&snapshot(5, b"five")).unwrap();
        Snapshots::open(dir.path()).unwrap();
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn one_that_could_not_be_written_leaves_nothing_behind() {
        let dir = tempfile::tempdir().unwrap();
        let snapshots = Snapshots::open(dir.path()).unwrap();
        let refused = snapshot(5, b"five");
        std::os::unix::fs::symlink("/dev/full", snapshots.path(refused.position, "part")).unwrap();
        snapshots.write(&refused).unwrap_err();
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
