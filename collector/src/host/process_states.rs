//! `processes`: how many there are in each state. Each process is opened for it, so it is done seldom.

use std::fs;

use event::Duration;
use rustix::fs::{Mode, OFlags, RawDir, openat};
use rustix::io::read;

use crate::kernel::pid_stat;
use crate::{Error, Root, Sampler, Samples, Series, Turn, int};

const EVERY: Duration = Duration::from_secs(10);
const FIELDS: [&str; 8] = ["total", "sleeping", "idle", "stopped", "zombies", "dead", "paging", "parked"];
/// Entries of `/proc` that one call to the kernel gives.
const LISTING: usize = 16 << 10;

/// The open folder and the series.
#[derive(Debug)]
pub(super) struct ProcessStates {
    folder: fs::File,
    path: std::path::PathBuf,
    listing: Vec<u8>,
    series: Series<8>,
}

impl ProcessStates {
    pub(super) fn open(root: &Root) -> Result<Self, Error> {
        let path = root.proc("");
        match fs::File::open(&path) {
            Ok(folder) => Ok(Self { folder, path, listing: Vec::with_capacity(LISTING), series: Series::plain("processes", FIELDS) }),
            Err(source) => Err(Error::Read { path, source }),
        }
    }

    /// A process that ends meanwhile is not counted.
    fn count(&mut self) -> rustix::io::Result<[u64; 8]> {
        rustix::fs::seek(&self.folder, rustix::fs::SeekFrom::Start(0))?;
        let mut counts = [0; 8];
        let mut entries = RawDir::new(&self.folder, self.listing.spare_capacity_mut());
        while let Some(entry) = entries.next() {
            let entry = entry?;
            let name = entry.file_name().to_bytes();
            if name.iter().all(u8::is_ascii_digit) {
                add(&mut counts, state(&self.folder, name));
            }
        }
        Ok(counts)
    }
}

/// Its state; `None` when it is gone.
fn state(proc: &fs::File, pid: &[u8]) -> Option<u8> {
    let mut path = [0; 32];
    let length = pid.len() + b"/stat".len();
    path.get_mut(..pid.len())?.copy_from_slice(pid);
    path.get_mut(pid.len()..length)?.copy_from_slice(b"/stat");
    let file = openat(proc, path.get(..length)?, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).ok()?;
    let mut text = [0; 1024];
    let length = read(&file, &mut text).ok()?;
    Some(pid_stat::parse(text.get(..length)?)?.state)
}

/// What runs or is blocked is counted by the kernel itself, each turn.
fn add(counts: &mut [u64; 8], state: Option<u8>) {
    let Some(state) = state else { return };
    let [total, sleeping, idle, stopped, zombies, dead, paging, parked] = counts;
    *total += 1;
    match state {
        b'S' => *sleeping += 1,
        b'I' => *idle += 1,
        b'T' | b't' => *stopped += 1,
        b'Z' => *zombies += 1,
        b'X' | b'x' => *dead += 1,
        b'W' => *paging += 1,
        b'P' => *parked += 1,
        _ => {}
    }
}

impl Sampler for ProcessStates {
    fn name(&self) -> &'static str {
        "processes"
    }

    fn every(&self) -> Duration {
        EVERY
    }

    fn sample(&mut self, _turn: &mut Turn<'_>, out: &mut Samples) -> Result<(), Error> {
        let counts = self.count().map_err(|errno| Error::Read { path: self.path.clone(), source: errno.into() })?;
        self.series.put(out, counts.map(int));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processes_of_this_machine_are_counted() {
        let mut states = ProcessStates::open(&Root::new(None)).unwrap();
        for _ in 0..2 {
            let [total, sleeping, ..] = states.count().unwrap();
            let listed = fs::read_dir("/proc").unwrap().filter(|entry| {
                entry.as_ref().is_ok_and(|entry| entry.file_name().to_string_lossy().bytes().all(|byte| byte.is_ascii_digit()))
            });
            let listed = listed.count() as u64;
            assert!(total > 0 && sleeping > 0 && total.abs_diff(listed) < 200, "{total} counted, {listed} listed");
        }
    }
}
