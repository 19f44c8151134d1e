//! Whether rule files are others than those that were read last, found by looking: no inotify, which network file systems and mounted
//! configs do not tell of.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::files::is_rule_file;

/// Looks at the rule folders now and then.
#[derive(Debug)]
pub struct Watch {
    folders: Vec<PathBuf>,
    settling: Settling<Stamp>,
}

impl Watch {
    /// What stands there now counts as read; begin before reading, so that no change is missed in between.
    pub fn begin(folders: Vec<PathBuf>) -> Self {
        let settling = Settling::new(stamp(&folders));
        Self { folders, settling }
    }

    /// Looks; gives whether the files are to be read again: they are others than those read last, and stand still since the last look.
    pub fn look(&mut self) -> bool {
        self.settling.look(stamp(&self.folders))
    }
}

/// Tells a state that has changed and stands still.
#[derive(Debug)]
struct Settling<T> {
    /// At the last look.
    last: T,
    /// When it was last told.
    told: T,
}

impl<T: Clone + PartialEq> Settling<T> {
    fn new(state: T) -> Self {
        Self { last: state.clone(), told: state }
    }

    fn look(&mut self, state: T) -> bool {
        let stands_still = state == self.last;
        self.last = state;
        if !stands_still || self.last == self.told {
            return false;
        }
        self.told = self.last.clone();
        true
    }
}

/// The files that count, each with what tells it from another one; by folder and name.
type Stamp = Vec<(PathBuf, Option<File>)>;

/// A config that is mounted anew has another inode, an edited one another time; both at once where an editor renames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct File {
    device: u64,
    inode: u64,
    n_bytes: u64,
    modified: (i64, i64),
}

impl From<Metadata> for File {
    fn from(meta: Metadata) -> Self {
        Self { device: meta.dev(), inode: meta.ino(), n_bytes: meta.len(), modified: (meta.mtime(), meta.mtime_nsec()) }
    }
}

fn stamp(folders: &[PathBuf]) -> Stamp {
    let mut stamp = Stamp::new();
    for folder in folders {
        match files_of(folder) {
            Ok(files) => stamp.extend(files.into_iter().map(|file| (file.clone(), fs::metadata(file).ok().map(File::from)))),
            // A folder that is gone is a change too; reading it tells why.
            Err(_) => stamp.push((folder.clone(), None)),
        }
    }
    stamp
}

fn files_of(folder: &Path) -> io::Result<Vec<PathBuf>> {
    if folder.is_file() {
        return Ok(vec![folder.to_owned()]);
    }
    let mut files = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>()?;
    files.retain(|file| is_rule_file(file));
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(states: &str, told: &str) {
        let mut settling = Settling::new('a');
        let looks: String = states.chars().map(|state| if settling.look(state) { state } else { '.' }).collect();
        assert_eq!(looks, told, "{states}");
    }

    #[test]
    fn a_change_is_told_once_and_only_when_it_stands_still() {
        check("aaa", "...");
        check("bbbb", ".b..");
        check("bcdd", "...d");
        check("bbcc", ".b.c");
    }

    #[test]
    fn what_went_back_before_it_stood_still_is_no_change() {
        check("baa", "...");
        check("bbaa", ".b.a");
    }

    #[track_caller]
    fn look_twice(watch: &mut Watch) -> (bool, bool) {
        (watch.look(), watch.look())
    }

    #[test]
    fn files_that_come_change_and_go_are_told_and_others_are_not() {
        let dir = tempfile::tempdir().unwrap();
        let (file, folder) = (dir.path().join("a.yaml"), dir.path().to_owned());
        fs::write(&file, "alerts: {}").unwrap();
        let mut watch = Watch::begin(vec![folder.clone()]);
        assert_eq!(look_twice(&mut watch), (false, false));
        fs::write(&file, "alerts: {}\n").unwrap();
        assert_eq!(look_twice(&mut watch), (false, true));
        fs::write(folder.join("b.yaml"), "alerts: {}").unwrap();
        assert_eq!(look_twice(&mut watch), (false, true));
        for other in [".c.yaml", "d.yaml~", "notes.txt"] {
            fs::write(folder.join(other), "").unwrap();
        }
        assert_eq!(look_twice(&mut watch), (false, false));
        fs::write(folder.join("next"), "alerts: {}\n").unwrap();
        fs::rename(folder.join("next"), &file).unwrap();
        assert_eq!(look_twice(&mut watch), (false, true));
        fs::remove_file(&file).unwrap();
        assert_eq!(look_twice(&mut watch), (false, true));
    }
}
