//! `linux_sysctl_fs`, `conntrack`, the entropy of `kernel` and the users of `system`: small files that change slowly.

use event::Duration;

use crate::kept::{File, Shape};
use crate::kernel::sysctl::numbers;
use crate::kernel::utmp;
use crate::{Error, Root, Sampler, Samples, Series, Switches, Turn, float, int};

const EVERY: Duration = Duration::from_secs(10);

/// The open files; `None` is what this kernel or system does not have, or nobody wants.
#[derive(Debug)]
pub(super) struct Sysctl {
    fs: Option<(File, File, File, Series<6>)>,
    conntrack: Option<(File, File, Series<3>)>,
    entropy: Option<(File, Series<1>)>,
    utmp: Option<(File, Series<2>)>,
}

impl Sysctl {
    pub(super) fn open(root: &Root, switches: Switches) -> Self {
        let sys = |file: &str| File::open(root.proc("sys").join(file), Shape::Whole).ok();
        let fs = || Some((sys("fs/file-nr")?, sys("fs/inode-nr")?, sys("fs/dentry-state")?, fs_series()));
        let conntrack = || Some((sys("net/netfilter/nf_conntrack_count")?, sys("net/netfilter/nf_conntrack_max")?, conntrack_series()));
        let entropy = || Some((sys("kernel/random/entropy_avail")?, Series::plain("kernel", ["entropy_avail"])));
        let utmp =
            || Some((File::open(root.path("/run/utmp"), Shape::Whole).ok()?, Series::plain("system", ["n_users", "n_unique_users"])));
        Self {
            fs: switches.linux_sysctl_fs.then(fs).flatten(),
            conntrack: switches.conntrack.then(conntrack).flatten(),
            entropy: switches.kernel.then(entropy).flatten(),
            utmp: switches.system.then(utmp).flatten(),
        }
    }

    fn put_fs(&self, buffer: &mut Vec<u8>, out: &mut Samples) -> Result<(), Error> {
        let Some((files, inodes, names, series)) = &self.fs else { return Ok(()) };
        let [allocated, unused, max] = numbers(files.read(buffer)?).ok_or_else(|| files.lacks("three numbers"))?;
        let [n_inodes, free] = numbers(inodes.read(buffer)?).ok_or_else(|| inodes.lacks("two numbers"))?;
        let [n_names] = numbers(names.read(buffer)?).ok_or_else(|| names.lacks("number of names"))?;
        let used = allocated.saturating_sub(unused);
        series.put(out, [int(used), int(max), share(used, max), int(n_inodes), int(free), int(n_names)]);
        Ok(())
    }

    fn put_conntrack(&self, buffer: &mut Vec<u8>, out: &mut Samples) -> Result<(), Error> {
        let Some((count, max, series)) = &self.conntrack else { return Ok(()) };
        let [n] = numbers(count.read(buffer)?).ok_or_else(|| count.lacks("number of connections"))?;
        let [most] = numbers(max.read(buffer)?).ok_or_else(|| max.lacks("limit of connections"))?;
        series.put(out, [int(n), int(most), share(n, most)]);
        Ok(())
    }

    fn put_entropy(&self, buffer: &mut Vec<u8>, out: &mut Samples) -> Result<(), Error> {
        let Some((file, series)) = &self.entropy else { return Ok(()) };
        let [bits] = numbers(file.read(buffer)?).ok_or_else(|| file.lacks("number of bits"))?;
        series.put(out, [int(bits)]);
        Ok(())
    }

    fn put_users(&self, buffer: &mut Vec<u8>, out: &mut Samples) -> Result<(), Error> {
        let Some((file, series)) = &self.utmp else { return Ok(()) };
        let (sessions, unique) = utmp::users(file.read(buffer)?);
        series.put(out, [int(sessions), int(unique)]);
        Ok(())
    }
}

fn fs_series() -> Series<6> {
    Series::plain("linux_sysctl_fs", ["file-nr", "file-max", "file_used_percent", "inode-nr", "inode-free-nr", "dentry-nr"])
}

fn conntrack_series() -> Series<3> {
    Series::plain("conntrack", ["ip_conntrack_count", "ip_conntrack_max", "used_percent"])
}

/// A limit of 0 or one that counts for nothing has no share.
fn share(part: u64, of: u64) -> Option<event::Metric> {
    (of > 0).then(|| float((part as f64 * 100.0 / of as f64).min(100.0))).flatten()
}

impl Sampler for Sysctl {
    fn name(&self) -> &'static str {
        "sysctl"
    }

    fn every(&self) -> Duration {
        EVERY
    }

    /// Of several files that fail the first is told, the others go on.
    fn sample(&mut self, turn: &mut Turn<'_>, out: &mut Samples) -> Result<(), Error> {
        let buffer = &mut *turn.buffer;
        let fs = self.put_fs(buffer, out);
        let conntrack = self.put_conntrack(buffer, out);
        let entropy = self.put_entropy(buffer, out);
        fs.and(conntrack).and(entropy).and(self.put_users(buffer, out))
    }
}
