//! `disk`: how full file systems are.

use std::ffi::CString;

use event::Duration;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{StatVfs, statvfs};

use super::mounts::on_disks;
use crate::kept::{File, Shape};
use crate::kernel::mountinfo::{Mount, mounts};
use crate::{Error, Root, Sampler, Samples, Series, Turn, float, int};

const FIELDS: [&str; 9] =
    ["total", "free", "used", "reserved", "used_percent", "inodes_total", "inodes_free", "inodes_used", "inodes_used_percent"];

/// Disks fill slowly.
const EVERY: Duration = Duration::from_secs(10);

/// The open list of mounts and what was found in it.
#[derive(Debug)]
pub(super) struct Disk {
    root: Root,
    mountinfo: File,
    mounts: Vec<Mounted>,
    is_read: bool,
}

#[derive(Debug)]
struct Mounted {
    mount: Mount,
    /// Where it is seen from here.
    path: CString,
    series: Series<9>,
}

impl Disk {
    pub(super) fn open(root: &Root) -> Result<Self, Error> {
        let mountinfo = File::open(root.proc_of_host("mountinfo"), Shape::Records)?;
        Ok(Self { root: root.clone(), mountinfo, mounts: Vec::new(), is_read: false })
    }

    /// Reads the mounts again when something was mounted or unmounted: a hundred containers make hundreds of lines.
    fn follow_mounts(&mut self, buffer: &mut Vec<u8>) -> Result<(), Error> {
        if self.is_read && !has_changed(&self.mountinfo) {
            return Ok(());
        }
        // Asked once more before reading, so that what is mounted while it is read is seen the next time.
        has_changed(&self.mountinfo);
        let wanted = on_disks(mounts(self.mountinfo.read(buffer)?));
        let mut before = std::mem::take(&mut self.mounts);
        for mount in wanted {
            let known = before.iter().position(|known| known.mount == mount).map(|at| before.swap_remove(at));
            self.mounts.extend(known.or_else(|| Mounted::new(&self.root, mount)));
        }
        self.is_read = true;
        Ok(())
    }
}

/// The kernel says it once for each change.
fn has_changed(mountinfo: &File) -> bool {
    let mut asked = [PollFd::new(mountinfo.as_file(), PollFlags::PRI | PollFlags::ERR)];
    matches!(poll(&mut asked, Some(&Timespec::default())), Ok(n) if n > 0)
}

impl Mounted {
    /// `None` for a path with a zero byte, which no kernel has.
    fn new(root: &Root, mount: Mount) -> Option<Self> {
        let name = String::from_utf8_lossy(&mount.path).into_owned();
        let device = String::from_utf8_lossy(&mount.source).replace("/dev/", "");
        let fstype = String::from_utf8_lossy(&mount.fstype).into_owned();
        let attributes = [("path", name.as_str()), ("device", &device), ("fstype", &fstype)];
        let series = Series::of("disk", &name, FIELDS, &attributes);
        let path = CString::new(root.bytes(&mount.path)).ok()?;
        Some(Self { mount, path, series })
    }
}

impl Sampler for Disk {
    fn name(&self) -> &'static str {
        "disk"
    }

    fn every(&self) -> Duration {
        EVERY
    }

    /// A file system that does not answer is an error, the others go on.
    fn sample(&mut self, turn: &mut Turn<'_>, out: &mut Samples) -> Result<(), Error> {
        self.follow_mounts(turn.buffer)?;
        let mut result = Ok(());
        for Mounted { path, series, .. } in &self.mounts {
            match statvfs(path.as_c_str()) {
                Ok(stat) => put(series, &stat, out),
                Err(errno) => {
                    let path = path.to_string_lossy().into_owned().into();
                    result = Err(Error::Read { path, source: errno.into() });
                }
            }
        }
        result
    }
}

fn put(series: &Series<9>, stat: &StatVfs, out: &mut Samples) {
    let bytes = |blocks: u64| blocks.saturating_mul(stat.f_frsize);
    let used = stat.f_blocks.saturating_sub(stat.f_bfree);
    let reserved = stat.f_bfree.saturating_sub(stat.f_bavail);
    let inodes_used = stat.f_files.saturating_sub(stat.f_ffree);
    let share = |part: u64, of: u64| (of > 0).then(|| float(part as f64 * 100.0 / of as f64)).flatten();
    series.put(
        out,
        [
            int(bytes(stat.f_blocks)),
            int(bytes(stat.f_bavail)),
            int(bytes(used)),
            int(bytes(reserved)),
            share(used, used.saturating_add(stat.f_bavail)),
            int(stat.f_files),
            int(stat.f_ffree),
            int(inodes_used),
            share(inodes_used, stat.f_files),
        ],
    );
}

#[cfg(test)]
mod tests {
    use event::{Event, Timestamp, msg};
    use rustix::fs::StatVfsMountFlags;

    use super::*;

    fn shown(stat: &StatVfs) -> Vec<String> {
        let series = Series::of("disk", "/var", FIELDS, &[]);
        let mut samples = Samples::new("node1");
        samples.begin(Timestamp::from_secs(60));
        put(&series, stat, &mut samples);
        let events: Vec<Event> = samples.messages().flat_map(msg::events).map(|view| Event::from(&view)).collect();
        events.iter().map(|event| format!("{} {}", event.service.as_deref().unwrap(), event.metric.unwrap())).collect()
    }

    fn stat(f_files: u64, f_ffree: u64) -> StatVfs {
        StatVfs {
            f_bsize: 4096,
            f_frsize: 1024,
            f_blocks: 1000,
            f_bfree: 450,
            f_bavail: 400,
            f_files,
            f_ffree,
            f_favail: f_ffree,
            f_fsid: 0,
            f_flag: StatVfsMountFlags::empty(),
            f_namemax: 255,
        }
    }

    #[test]
    fn the_share_is_of_what_anybody_can_fill() {
        let expected = [
            "disk//var/total 1024000",
            "disk//var/free 409600",
            "disk//var/used 563200",
            "disk//var/reserved 51200",
            "disk//var/used_percent 57.89473684210526",
            "disk//var/inodes_total 200",
            "disk//var/inodes_free 150",
            "disk//var/inodes_used 50",
            "disk//var/inodes_used_percent 25",
        ];
        assert_eq!(shown(&stat(200, 150)), expected);
    }

    /// Only root may mount; elsewhere there is nothing to see.
    #[test]
    fn the_kernel_says_when_something_was_mounted() {
        use rustix::mount::{MountFlags, UnmountFlags, mount, unmount};

        let mountinfo = File::open("/proc/self/mountinfo", Shape::Records).unwrap();
        has_changed(&mountinfo);
        let folder = tempfile::tempdir().unwrap();
        if mount("none", folder.path(), "tmpfs", MountFlags::empty(), None).is_err() {
            return;
        }
        assert!(has_changed(&mountinfo));
        unmount(folder.path(), UnmountFlags::empty()).unwrap();
        assert!(has_changed(&mountinfo));
    }

    #[test]
    fn a_file_system_without_a_limit_of_files_has_no_share_of_them() {
        assert_eq!(shown(&stat(0, 0)).last().unwrap(), "disk//var/inodes_used 0");
    }
}
