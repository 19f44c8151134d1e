//! Files that are kept open between turns: opening costs ten times what reading costs.

use std::fs;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use crate::Error;

/// How the kernel hands a file out, which decides when a read was the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// In one piece, as long as the buffer holds it: `stat`, `meminfo`, `loadavg`, `pressure/…`. To look for the end would
    /// make the kernel write it all again.
    Whole,
    /// Record by record, at most a page (or a long record) at a time: `diskstats`, `net/dev`, `vmstat`, `mountinfo`.
    Records,
}

/// One read gives at most this of a file of records, unless one record is longer.
const PAGE: usize = 4096;

/// No record of the files that we read is longer, but those of `mountinfo`.
const LONGEST_RECORD: usize = 1024;

/// What a buffer has at first; it grows to what the largest file needs.
const FIRST_BUFFER: usize = 4 * PAGE;

/// One open file.
#[derive(Debug)]
pub struct File {
    file: fs::File,
    /// Without room to grow: a host has thousands.
    path: Box<Path>,
    shape: Shape,
}

impl File {
    /// Opens a file.
    ///
    /// # Errors
    /// [`Error::Read`]; see [`Error::is_missing`].
    pub fn open(path: impl Into<PathBuf>, shape: Shape) -> Result<Self, Error> {
        let path = path.into();
        match fs::File::open(&path) {
            Ok(file) => Ok(Self { file, path: path.into_boxed_path(), shape }),
            Err(source) => Err(Error::Read { path, source }),
        }
    }

    /// Reads all of it, from the start, into a buffer that is kept by the caller: one system call where the buffer is large
    /// enough and the file of less than a page or [`Shape::Whole`].
    ///
    /// # Errors
    /// [`Error::Read`].
    pub fn read<'b>(&self, buffer: &'b mut Vec<u8>) -> Result<&'b [u8], Error> {
        let length = match self.shape {
            Shape::Whole => self.read_whole(buffer),
            Shape::Records => self.read_records(buffer),
        };
        let length = length.map_err(|source| Error::Read { path: self.path.to_path_buf(), source })?;
        Ok(buffer.get(..length).unwrap_or_default())
    }

    /// The error for a text that lacks `expected`.
    pub fn lacks(&self, expected: &'static str) -> Error {
        Error::Text { path: self.path.to_path_buf(), expected }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The open file itself.
    pub fn as_file(&self) -> &fs::File {
        &self.file
    }

    fn read_whole(&self, buffer: &mut Vec<u8>) -> io::Result<usize> {
        loop {
            grow_to(buffer, FIRST_BUFFER);
            let length = self.file.read_at(buffer, 0)?;
            if length < buffer.len() {
                return Ok(length);
            }
            grow_to(buffer, 2 * length);
        }
    }

    fn read_records(&self, buffer: &mut Vec<u8>) -> io::Result<usize> {
        let mut filled = 0;
        loop {
            grow_to(buffer, filled + FIRST_BUFFER);
            let room = buffer.get_mut(filled..).unwrap_or_default();
            let length = self.file.read_at(room, filled as u64)?;
            filled += length;
            if length < PAGE - LONGEST_RECORD {
                return Ok(filled);
            }
        }
    }
}

fn grow_to(buffer: &mut Vec<u8>, length: usize) {
    if buffer.len() < length {
        buffer.resize(length, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, text).unwrap();
        for shape in [Shape::Whole, Shape::Records] {
            let file = File::open(&path, shape).unwrap();
            let mut buffer = Vec::new();
            for _ in 0..2 {
                assert_eq!(str::from_utf8(file.read(&mut buffer).unwrap()).unwrap(), text);
            }
        }
    }

    #[test]
    fn a_file_is_read_to_its_end_however_long() {
        check("");
        check("0.41 0.20 0.10 1/112 4711\n");
        check(&"a line\n".repeat(5000));
        check(&"x".repeat(FIRST_BUFFER));
    }

    #[test]
    fn the_kernels_own_files_are_read_whole() {
        for (name, shape) in [("stat", Shape::Whole), ("meminfo", Shape::Whole), ("vmstat", Shape::Records)] {
            let path = Path::new("/proc").join(name);
            let mut buffer = Vec::new();
            let n_lines = |text: &[u8]| text.split(|byte| *byte == b'\n').count();
            let kept = n_lines(File::open(&path, shape).unwrap().read(&mut buffer).unwrap());
            assert_eq!(kept, n_lines(&fs::read(&path).unwrap()), "{name}");
        }
    }

    #[test]
    fn a_missing_file_is_told_from_others() {
        let missing = File::open("/proc/no-such-file", Shape::Whole).unwrap_err();
        assert!(missing.is_missing());
        assert_eq!(missing.to_string(), "could not read /proc/no-such-file");
        let folder = File::open("/proc", Shape::Whole).unwrap();
        assert!(!folder.read(&mut Vec::new()).unwrap_err().is_missing());
    }
}
