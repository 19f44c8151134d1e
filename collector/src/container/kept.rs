//! A kept-open file about a container, which may not be there, or no more.

use std::path::Path;

use rustix::io::Errno;

use crate::Error;
use crate::kept::{File, Shape};

/// The container has ended: what the file told of is no more. Nothing is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gone;

/// One open file.
#[derive(Debug)]
pub(super) struct Kept(File);

impl Kept {
    /// Opens a file of a control group; `None` when there is none.
    ///
    /// # Errors
    /// No permission, too many open files.
    pub(super) fn open(folder: impl AsRef<Path>, file: &str) -> Result<Option<Self>, Error> {
        Self::open_as(Shape::Whole, folder, file)
    }

    /// Opens a file of that shape.
    ///
    /// # Errors
    /// No permission, too many open files.
    pub(super) fn open_as(shape: Shape, folder: impl AsRef<Path>, file: &str) -> Result<Option<Self>, Error> {
        match File::open(folder.as_ref().join(file), shape) {
            Ok(file) => Ok(Some(Self(file))),
            Err(err) if is_gone(&err) => Ok(None),
            Err(err) => Err(err),
        }
    }

    /// Reads a file that may not be there, by way of `buffer`, and parses it. What cannot be read or parsed is `None`.
    ///
    /// # Errors
    /// [`Gone`] when what it told of is no more.
    pub(super) fn ask<T>(file: Option<&Self>, buffer: &mut Vec<u8>, parse: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, Gone> {
        let Some(Self(file)) = file else { return Ok(None) };
        match file.read(buffer) {
            Ok(text) => Ok(str::from_utf8(text).ok().and_then(parse)),
            Err(err) if is_gone(&err) => Err(Gone),
            Err(_) => Ok(None),
        }
    }
}

/// No such file, no such process, no such device: a group's files say the last when it has been taken away.
fn is_gone(err: &Error) -> bool {
    let Error::Read { source, .. } = err else { return false };
    let gone = [Errno::NOENT, Errno::SRCH, Errno::NODEV];
    source.raw_os_error().is_some_and(|code| gone.iter().any(|errno| errno.raw_os_error() == code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_not_there_says_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = Kept::open(folder.path(), "file").unwrap();
        assert!(file.is_none());
        assert_eq!(Kept::ask(None, &mut Vec::new(), |_| Some(1)), Ok(None));
    }

    #[test]
    fn a_process_that_has_ended_is_gone() {
        let mut child = std::process::Command::new("cat").stdin(std::process::Stdio::piped()).spawn().unwrap();
        let file = Kept::open(format!("/proc/{}", child.id()), "cgroup").unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(Kept::ask(file.as_ref(), &mut Vec::new(), |_| Some(1)), Err(Gone));
    }
}
