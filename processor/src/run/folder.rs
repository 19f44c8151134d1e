//! The data folder: writable, and ours alone.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

use super::StartError;

/// Held as long as the processor runs.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

/// Makes the folder if it is not there, and takes it.
pub(super) fn take(path: &Path) -> Result<Lock, StartError> {
    let failed = |source| StartError::Folder { path: path.to_owned(), source };
    fs::create_dir_all(path).map_err(failed)?;
    let mut options = OpenOptions::new();
    let mut file = options.read(true).write(true).create(true).truncate(false).open(path.join("lock")).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(StartError::InUse { path: path.to_owned(), holder: holder(&mut file) }),
        Err(TryLockError::Error(source)) => return Err(failed(source)),
    }
    file.set_len(0).and_then(|()| file.rewind()).and_then(|()| writeln!(file, "{}", std::process::id())).map_err(failed)?;
    Ok(Lock { _file: file })
}

fn holder(file: &mut File) -> String {
    let mut text = String::new();
    match file.read_to_string(&mut text) {
        Ok(_) if !text.trim().is_empty() => format!(" (process {})", text.trim()),
        Ok(_) | Err(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_taken_by_one_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("new/data");
        let lock = take(&folder).unwrap();
        let error = take(&folder).unwrap_err().to_string();
        let expected = format!(
            "the data folder {} is in use by another skep (process {}); stop it, or choose another with --data-dir",
            folder.display(),
            std::process::id()
        );
        assert_eq!(error, expected);
        drop(lock);
        take(&folder).unwrap();
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named_with_the_next_step() {
        let error = take(Path::new("/proc/none/data")).unwrap_err().to_string();
        assert!(error.starts_with("could not write to the data folder /proc/none/data: "), "{error}");
        assert!(error.ends_with("; make it writable, or choose another with --data-dir"), "{error}");
    }

    #[test]
    fn a_file_in_place_of_the_folder_is_called_so() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("data");
        fs::write(&file, "").unwrap();
        let error = take(&file).unwrap_err().to_string();
        assert!(error.contains("a file stands where a folder is wanted"), "{error}");
    }
}
