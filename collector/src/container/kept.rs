//! A file of `/proc` or of a control group that is kept open: opening costs ten times what reading costs.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use rustix::io::Errno;

/// The container has ended: what the file told of is no more. Nothing is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gone;

/// One open file.
#[derive(Debug)]
pub(super) struct Kept(File);

/// The kernel hands out such files in pieces of at most a page; a read of nearly that much may not have been all.
const PIECE: usize = 4096;
/// The longest line of these files.
const LINE: usize = 512;

impl Kept {
    /// Opens a file; `None` when there is none.
    ///
    /// # Errors
    /// No permission, too many open files; the text names the file.
    pub(super) fn open(folder: impl AsRef<Path>, file: &str) -> io::Result<Option<Self>> {
        let path = folder.as_ref().join(file);
        match File::open(&path) {
            Ok(file) => Ok(Some(Self(file))),
            Err(err) if is_gone(&err) => Ok(None),
            Err(err) => Err(io::Error::new(err.kind(), format!("{}: {err}", path.display()))),
        }
    }

    /// Reads a file that may not be there, by way of `buffer`, and parses it. What cannot be read or parsed is `None`.
    ///
    /// # Errors
    /// [`Gone`] when what it told of is no more.
    pub(super) fn ask<T>(file: Option<&Self>, buffer: &mut Vec<u8>, parse: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, Gone> {
        let Some(file) = file else { return Ok(None) };
        match file.read(buffer) {
            Ok(text) => Ok(parse(text)),
            Err(err) if is_gone(&err) => Err(Gone),
            Err(_) => Ok(None),
        }
    }

    fn read<'b>(&self, buffer: &'b mut Vec<u8>) -> io::Result<&'b str> {
        let mut filled = 0;
        loop {
            if buffer.len() < filled + PIECE {
                buffer.resize(filled + PIECE, 0);
            }
            let n = self.0.read_at(buffer.get_mut(filled..).unwrap_or_default(), filled as u64)?;
            filled += n;
            if n < PIECE - LINE {
                break;
            }
        }
        Ok(str::from_utf8(buffer.get(..filled).unwrap_or_default()).unwrap_or_default())
    }
}

/// No such file, no such process, no such device: a group's files say the last when it has been taken away.
fn is_gone(err: &io::Error) -> bool {
    let gone = [Errno::NOENT, Errno::SRCH, Errno::NODEV];
    err.raw_os_error().is_some_and(|code| gone.iter().any(|errno| errno.raw_os_error() == code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("file"), text).unwrap();
        let file = Kept::open(folder.path(), "file").unwrap();
        assert_eq!(Kept::ask(file.as_ref(), &mut Vec::new(), |text| Some(text.to_owned())), Ok(Some(text.to_owned())));
    }

    #[test]
    fn a_file_is_read_to_its_end_however_long() {
        check("");
        check("67108864\n");
        check(&"a line\n".repeat(5000));
    }

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
