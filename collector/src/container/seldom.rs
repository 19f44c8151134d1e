//! A file about a container that is read too seldom to be kept open.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use crate::kernel::cgroup_place::Place;

/// What such a file holds at the most; none has more than a few lines.
const LONGEST: usize = 4096;

/// Its path, built once.
#[derive(Clone, Debug)]
pub(super) struct Seldom(String);

impl Seldom {
    /// A file of that group.
    pub(super) fn of(place: &Place, file: &str) -> Self {
        Self(format!("{}/{file}", place.folder))
    }

    /// A file of `/proc`.
    pub(super) fn at(path: &Path) -> Self {
        Self(path.to_string_lossy().into_owned())
    }

    /// Reads it, by way of `buffer` and without an allocation; empty when it is not there.
    pub(super) fn read<'b>(&self, buffer: &'b mut Vec<u8>) -> &'b str {
        if buffer.len() < LONGEST {
            buffer.resize(LONGEST, 0);
        }
        // The kernel hands out all of it at once.
        let length = File::open(&self.0).and_then(|mut file| file.read(buffer)).unwrap_or(0);
        buffer.get(..length).and_then(|text| str::from_utf8(text).ok()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::cgroup_place::Version;

    #[test]
    fn it_is_read_anew_each_time_and_empty_when_gone() {
        let folder = tempfile::tempdir().unwrap();
        let place = Place { folder: folder.path().to_string_lossy().into_owned(), version: Version::V2 };
        let (file, mut buffer) = (Seldom::of(&place, "pids.max"), Vec::new());
        assert_eq!(file.read(&mut buffer), "");
        std::fs::write(folder.path().join("pids.max"), "100\n").unwrap();
        assert_eq!(file.read(&mut buffer), "100\n");
        std::fs::write(folder.path().join("pids.max"), "7\n").unwrap();
        assert_eq!(file.read(&mut buffer), "7\n");
    }
}
