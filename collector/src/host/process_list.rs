//! Every process, once: for `processes`, how many are in each state, and for `procstat`. Each is opened for it, so it is
//! done seldom.

use std::fs;
use std::path::PathBuf;

use event::Duration;
use rustix::fs::{Mode, OFlags, RawDir, SeekFrom, openat, seek};
use rustix::io::read;

use super::process_states::ProcessStates;
use super::procstat::Procstat;
use crate::kernel::number::whole;
use crate::kernel::pid_stat;
use crate::{Error, Root, Sampler, Samples, Turn};

const EVERY: Duration = Duration::from_secs(10);
/// Entries of `/proc` that one call to the kernel gives.
const LISTING: usize = 16 << 10;

/// The open folder and what it feeds.
#[derive(Debug)]
pub(super) struct ProcessList {
    folder: fs::File,
    path: PathBuf,
    listing: Vec<u8>,
    states: Option<ProcessStates>,
    procstat: Option<Procstat>,
}

impl ProcessList {
    pub(super) fn open(root: &Root, states: Option<ProcessStates>, procstat: Option<Procstat>) -> Result<Self, Error> {
        let path = root.proc("");
        match fs::File::open(&path) {
            Ok(folder) => Ok(Self { folder, path, listing: Vec::with_capacity(LISTING), states, procstat }),
            Err(source) => Err(Error::Read { path, source }),
        }
    }

    /// A process that ends meanwhile is not looked at.
    fn look(&mut self, buffer: &mut Vec<u8>) -> rustix::io::Result<()> {
        let Self { folder, listing, states, procstat, .. } = self;
        seek(&*folder, SeekFrom::Start(0))?;
        let mut entries = RawDir::new(&*folder, listing.spare_capacity_mut());
        while let Some(entry) = entries.next() {
            let entry = entry?;
            let name = entry.file_name().to_bytes();
            let Some(pid) = whole(name) else { continue };
            let mut text = [0; 1024];
            let Some(stat) = stat(folder, name, &mut text).and_then(pid_stat::parse) else { continue };
            if let Some(states) = states {
                states.see(stat.state);
            }
            if let Some(procstat) = procstat {
                procstat.see(pid, &stat, buffer);
            }
        }
        Ok(())
    }
}

/// Its text; `None` when it is gone.
fn stat<'t>(proc: &fs::File, pid: &[u8], text: &'t mut [u8; 1024]) -> Option<&'t [u8]> {
    let mut path = [0; 32];
    let length = pid.len() + b"/stat".len();
    path.get_mut(..pid.len())?.copy_from_slice(pid);
    path.get_mut(pid.len()..length)?.copy_from_slice(b"/stat");
    let file = openat(proc, path.get(..length)?, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).ok()?;
    let length = read(&file, &mut text[..]).ok()?;
    text.get(..length)
}

impl Sampler for ProcessList {
    fn name(&self) -> &'static str {
        "processes"
    }

    fn every(&self) -> Duration {
        EVERY
    }

    fn sample(&mut self, turn: &mut Turn<'_>, out: &mut Samples) -> Result<(), Error> {
        self.states.iter_mut().for_each(ProcessStates::begin);
        self.procstat.iter_mut().for_each(Procstat::begin);
        self.look(turn.buffer).map_err(|errno| Error::Read { path: self.path.clone(), source: errno.into() })?;
        if let Some(states) = &self.states {
            states.put(out);
        }
        if let Some(procstat) = &mut self.procstat {
            procstat.end(turn.now, out);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processes_of_this_machine_are_counted() {
        let mut list = ProcessList::open(&Root::new(None), Some(ProcessStates::new()), None).unwrap();
        for _ in 0..2 {
            list.states.as_mut().unwrap().begin();
            list.look(&mut Vec::new()).unwrap();
            let [total, sleeping, ..] = list.states.as_ref().unwrap().counts();
            let listed = fs::read_dir("/proc").unwrap().filter(|entry| {
                entry.as_ref().is_ok_and(|entry| entry.file_name().to_string_lossy().bytes().all(|byte| byte.is_ascii_digit()))
            });
            let listed = listed.count() as u64;
            assert!(total > 0 && sleeping > 0 && total.abs_diff(listed) < 200, "{total} counted, {listed} listed");
        }
    }
}
