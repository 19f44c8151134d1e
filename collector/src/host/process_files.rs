//! What `/proc/PID` tells beside `stat`: switches between tasks, input and output, open files, the command line.

use std::fs;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use super::process::n_open_files;
use crate::Error;
use crate::kept::{File, Shape};
use crate::kernel::pid_named;
use crate::kernel::pid_stat::PidStat;

/// An expression looks at the first bytes of a command line.
const COMMAND_BYTES: usize = 4096;

/// What is counted of a process: ticks in user mode and in the kernel, minor and major faults; switches that it wanted and
/// those that it did not; bytes read and written; calls to read and to write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counted(pub(super) [u64; 10]);

impl Counted {
    /// The sum.
    pub(super) fn plus(mut self, other: Self) -> Self {
        self.0.iter_mut().zip(other.0).for_each(|(value, other)| *value = value.saturating_add(other));
        self
    }

    /// What was added since.
    pub(super) fn minus(mut self, before: Self) -> Self {
        self.0.iter_mut().zip(before.0).for_each(|(value, before)| *value = value.saturating_sub(before));
        self
    }

    /// The greater of each.
    pub(super) fn max(mut self, other: Self) -> Self {
        self.0.iter_mut().zip(other.0).for_each(|(value, other)| *value = (*value).max(other));
        self
    }

    /// The same without what was read and written.
    pub(super) fn without_io(mut self) -> Self {
        self.0.iter_mut().skip(6).for_each(|value| *value = 0);
        self
    }

    /// Both kinds of ticks.
    pub(super) fn ticks(self) -> u64 {
        let [user, system, ..] = self.0;
        user.saturating_add(system)
    }
}

/// The files of a process. Each is absent when it has ended meanwhile, and when one has no right to it.
#[derive(Debug)]
pub(super) struct ProcessFiles {
    status: Option<File>,
    io: Option<File>,
    hides_io: bool,
    /// The folder of its open files.
    files: PathBuf,
}

impl ProcessFiles {
    pub(super) fn open(proc: &Path, pid: u64) -> Self {
        let folder = proc.join(pid.to_string());
        let io = File::open(folder.join("io"), Shape::Whole);
        Self {
            status: File::open(folder.join("status"), Shape::Whole).ok(),
            hides_io: io.as_ref().is_err_and(is_refused),
            io: io.ok(),
            files: folder.join("fd"),
        }
    }

    /// What the process has counted, and whether one has no right to its input and output. What cannot be read stays as it
    /// was before.
    pub(super) fn read(&self, stat: &PidStat<'_>, before: Counted, buffer: &mut Vec<u8>) -> (Counted, bool) {
        let ([user, system], [minor, major]) = (stat.ticks, stat.faults);
        let status = self.status.as_ref().and_then(|file| file.read(buffer).ok()).unwrap_or_default();
        let [wanted, unwanted] = pid_named::values(status, ["voluntary_ctxt_switches", "nonvoluntary_ctxt_switches"]);
        let io = self.io.as_ref().map_or(Ok(&[][..]), |file| file.read(buffer));
        let hides_io = self.hides_io || io.as_ref().is_err_and(is_refused);
        let [read, written, reads, writes] = pid_named::values(io.unwrap_or_default(), ["read_bytes", "write_bytes", "syscr", "syscw"]);
        let found = [Some(user), Some(system), Some(minor), Some(major), wanted, unwanted, read, written, reads, writes];
        let mut counted = before;
        counted.0.iter_mut().zip(found).for_each(|(value, found)| *value = found.unwrap_or(*value));
        (counted, hides_io)
    }

    /// How many files it has open; `None` when one may not know.
    pub(super) fn n_open(&self) -> Option<u64> {
        n_open_files(&self.files).or_else(|| (!self.files.exists()).then_some(0))
    }
}

/// The command line with blanks between its words, as long as it fits into the first of the buffer; empty for a thread of
/// the kernel and for a process that has ended.
pub(super) fn command<'b>(proc: &Path, pid: u64, buffer: &'b mut Vec<u8>) -> &'b [u8] {
    let length = fs::File::open(proc.join(pid.to_string()).join("cmdline")).and_then(|file| {
        if buffer.len() < COMMAND_BYTES {
            buffer.resize(COMMAND_BYTES, 0);
        }
        file.read_at(buffer.get_mut(..COMMAND_BYTES).unwrap_or_default(), 0)
    });
    let command = buffer.get_mut(..length.unwrap_or(0)).unwrap_or_default();
    command.iter_mut().filter(|byte| **byte == 0).for_each(|byte| *byte = b' ');
    command.trim_ascii_end()
}

fn is_refused(error: &Error) -> bool {
    matches!(error, Error::Read { source, .. } if source.kind() == io::ErrorKind::PermissionDenied)
}
