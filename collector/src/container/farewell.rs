//! The last look at a container: when its first process ends, its groups are read once more before the runtime takes them away.
//!
//! Docker's `die` comes too late for that. The kernel tells at once, by the process's pidfd; the thread that waits for it sleeps
//! all the time between.

use std::collections::HashMap;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender};
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::event::{EventfdFlags, eventfd};
use rustix::process::{Pid, PidfdFlags, pidfd_open};

use super::Id;
use super::files::{Files, Usage};
use super::kept::Kept;

/// How many last looks may wait for the sampling thread, which takes all of them each turn; more are lost.
const WAITING: usize = 256;

/// The key of the descriptor that ends the thread.
const END: u64 = 0;

/// What a container had used when its process ended.
#[derive(Debug, Default)]
pub(super) struct Last {
    /// What its groups told.
    pub usage: Usage,
    /// What `/proc/PID/net/dev` told.
    pub net_dev: Option<String>,
}

/// Processes of containers whose end is waited for.
#[derive(Debug)]
pub(super) struct Farewell {
    waiting: Waiting,
    end: Arc<OwnedFd>,
    last: Receiver<(Id, Last)>,
    thread: Option<JoinHandle<()>>,
}

/// Where processes are added, from any thread.
#[derive(Clone, Debug)]
pub(super) struct Waiting(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    epoll: OwnedFd,
    next_key: AtomicU64,
    watched: Mutex<HashMap<u64, Watched>>,
}

#[derive(Debug)]
struct Watched {
    id: Id,
    files: Arc<Files>,
    network: Option<Arc<Kept>>,
    /// Closed when it is dropped, which takes it from the set.
    _process: OwnedFd,
}

impl Farewell {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the kernel gives no thread or no descriptor.
    pub(super) fn start() -> io::Result<Self> {
        let end = Arc::new(eventfd(0, EventfdFlags::CLOEXEC)?);
        let shared =
            Arc::new(Shared { epoll: epoll::create(CreateFlags::CLOEXEC)?, next_key: AtomicU64::new(END + 1), watched: Mutex::default() });
        epoll::add(&shared.epoll, &end, EventData::new_u64(END), EventFlags::IN)?;
        let (sender, last) = crossbeam_channel::bounded(WAITING);
        let work = {
            let shared = Arc::clone(&shared);
            move || shared.wait(&sender)
        };
        let thread = std::thread::Builder::new().name("farewell".to_owned()).spawn(work)?;
        Ok(Self { waiting: Waiting(shared), end, last, thread: Some(thread) })
    }

    /// Where processes are added.
    pub(super) fn waiting(&self) -> &Waiting {
        &self.waiting
    }

    /// Those that have ended since the last call, with what they had used.
    pub(super) fn last(&self) -> impl Iterator<Item = (Id, Last)> {
        self.last.try_iter()
    }
}

impl Waiting {
    /// How many are waited for.
    pub(super) fn len(&self) -> usize {
        self.0.watched.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Waits for the end of a container's first process; where that has ended, or the kernel (before 5.3) cannot tell, nothing
    /// comes of it.
    pub(super) fn add(&self, id: &Id, pid: u32, files: &Arc<Files>, network: Option<Arc<Kept>>) {
        let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) else { return };
        let Ok(process) = pidfd_open(pid, PidfdFlags::empty()) else { return };
        let key = self.0.next_key.fetch_add(1, Ordering::Relaxed);
        let mut watched = self.0.watched.lock().unwrap_or_else(PoisonError::into_inner);
        watched.retain(|_, watched| watched.id != *id);
        if epoll::add(&self.0.epoll, &process, EventData::new_u64(key), EventFlags::IN).is_ok() {
            watched.insert(key, Watched { id: id.clone(), files: Arc::clone(files), network, _process: process });
        }
    }
}

impl Drop for Farewell {
    fn drop(&mut self) {
        let told = rustix::io::write(&*self.end, &1_u64.to_ne_bytes());
        if let (Ok(_), Some(thread)) = (told, self.thread.take()) {
            // A panic in there has been reported by the thread itself.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn wait(&self, last: &Sender<(Id, Last)>) {
        let mut events = Vec::with_capacity(16);
        let mut buffer = Vec::new();
        loop {
            events.clear();
            match epoll::wait(&self.epoll, rustix::buffer::spare_capacity(&mut events), None) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(_) => return,
            }
            for event in &events {
                let Event { data, .. } = *event;
                if data.u64() == END {
                    return;
                }
                let watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner).remove(&data.u64());
                let Some(watched) = watched else { continue };
                let mut told = Last::default();
                if watched.files.read(&mut buffer, &mut told.usage).is_ok() {
                    // Its namespace would live as long as the file is open, which ends here.
                    let network = watched.network.as_deref();
                    told.net_dev = Kept::ask(network, &mut buffer, |text| Some(text.to_owned())).ok().flatten();
                    let _ = last.try_send((watched.id, told));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::process::{Child, Command, Stdio};
    use std::time::Duration;

    use super::*;
    use crate::kernel::cgroup_place::Hierarchies;

    fn id() -> Id {
        Id::new(&format!("{:064x}", 7)).unwrap()
    }

    /// A process that lives until it is killed, and the files of a group that it could be in.
    fn process() -> (Child, tempfile::TempDir, Arc<Files>) {
        let child = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let group = folder.path().join("docker").join(id().as_str());
        std::fs::create_dir_all(&group).unwrap();
        std::fs::write(group.join("pids.current"), "1\n").unwrap();
        let mounts = format!("26 23 0:24 / {} rw - cgroup2 cgroup2 rw\n", folder.path().display());
        let cgroup = format!("0::/docker/{}\n", id().as_str());
        let files = Files::open(&Hierarchies::parse(&mounts), &cgroup, id().as_str(), |folder| PathBuf::from(folder)).unwrap();
        (child, folder, Arc::new(files))
    }

    #[test]
    fn when_the_process_ends_its_groups_are_read_once_more() {
        let (mut child, folder, files) = process();
        let farewell = Farewell::start().unwrap();
        farewell.waiting().add(&id(), child.id(), &files, None);
        // Told again, as after a file could not be read: the same process is waited for once.
        farewell.waiting().add(&id(), child.id(), &files, None);
        assert_eq!(farewell.last().count(), 0);
        std::fs::write(folder.path().join("docker").join(id().as_str()).join("pids.current"), "9\n").unwrap();
        child.kill().unwrap();
        let (ended, last) = farewell.last.recv_timeout(Duration::from_secs(60)).unwrap();
        assert_eq!((ended, last.usage.pids), (id(), Some(9)));
        child.wait().unwrap();
        assert_eq!(farewell.waiting().len(), 0);
        assert_eq!(farewell.last().count(), 0);
    }

    #[test]
    fn a_process_that_is_no_more_is_not_waited_for() {
        let (mut child, _folder, files) = process();
        let pid = child.id();
        child.kill().unwrap();
        child.wait().unwrap();
        let farewell = Farewell::start().unwrap();
        farewell.waiting().add(&id(), pid, &files, None);
        assert_eq!(farewell.waiting().len(), 0);
    }
}
