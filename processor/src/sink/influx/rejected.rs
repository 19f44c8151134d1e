//! `rejected.lp`: the lines that a server will never take, each batch below a comment with its words.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use event::Timestamp;

/// When the file is as large, it becomes `rejected.lp.1` in place of the one before.
const MAX_BYTES: u64 = 10_000_000;

/// The file, opened when the first line is refused.
#[derive(Debug)]
pub(crate) struct Rejected {
    path: PathBuf,
    file: Option<File>,
    bytes: u64,
}

impl Rejected {
    /// The file of a folder.
    pub(crate) fn new(folder: &Path) -> Self {
        Self { path: folder.join("rejected.lp"), file: None, bytes: 0 }
    }

    /// Where the lines go.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes refused lines down.
    pub(crate) fn write(&mut self, now: Timestamp, message: &str, lines: &[u8]) -> io::Result<()> {
        let comment = format!("# {now} {message}\n");
        let size = (comment.len() + lines.len()) as u64;
        if self.file.is_some() && self.bytes + size > MAX_BYTES {
            self.file = None;
            std::fs::rename(&self.path, self.path.with_extension("lp.1"))?;
        }
        let mut file = match self.file.take() {
            Some(file) => file,
            None => self.open()?,
        };
        file.write_all(comment.as_bytes())?;
        file.write_all(lines)?;
        self.bytes += size;
        self.file = Some(file);
        Ok(())
    }

    fn open(&mut self) -> io::Result<File> {
        let file = OpenOptions::new().create(true).append(true).open(&self.path)?;
        self.bytes = file.metadata()?.len();
        Ok(file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_795_332_051);

    #[test]
    fn lines_stand_below_the_servers_words() {
        let folder = tempfile::tempdir().unwrap();
        Rejected::new(folder.path()).write(NOW, "unable to parse", b"bad\n").unwrap();
        Rejected::new(folder.path()).write(NOW, "missing fields", b"worse\n").unwrap();
        let text = std::fs::read_to_string(folder.path().join("rejected.lp")).unwrap();
        assert_eq!(text, "# 2026-11-22T07:20:51Z unable to parse\nbad\n# 2026-11-22T07:20:51Z missing fields\nworse\n");
    }

    #[test]
    fn a_full_file_makes_way_for_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let mut rejected = Rejected::new(folder.path());
        for fill in [b'a', b'b', b'c'] {
            rejected.write(NOW, "no", &vec![fill; 6_000_000]).unwrap();
        }
        let begins_with = |name: &str| std::fs::read(folder.path().join(name)).unwrap()[26..27].to_vec();
        assert_eq!((begins_with("rejected.lp"), begins_with("rejected.lp.1")), (b"c".to_vec(), b"b".to_vec()));
    }
}
