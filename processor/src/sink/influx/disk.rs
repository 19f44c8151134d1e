//! Whether the disk has room for the spool.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::Instant;

/// Below this share of free space the spool stops growing: the disk is everybody's.
const LEAST_FREE: f64 = 0.05;

/// How often it is asked.
const EACH: Duration = Duration::from_secs(1);

/// The filesystem of a folder.
#[derive(Debug)]
pub(crate) struct Disk {
    folder: PathBuf,
    /// The share of it that is free, from 0 to 1.
    free: fn(&Path) -> Option<f64>,
    next: Option<Instant>,
    is_low: bool,
}

impl Disk {
    /// Asks the kernel.
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self::with(folder, free)
    }

    /// Asks `free`.
    pub(crate) fn with(folder: PathBuf, free: fn(&Path) -> Option<f64>) -> Self {
        Self { folder, free, next: None, is_low: false }
    }

    /// Whether it is nearly full, as far as was seen.
    pub(crate) fn is_low(&self) -> bool {
        self.is_low
    }

    /// Looks, when it is time, and says when it changes. What cannot be asked counts as free: writing will tell.
    pub(crate) fn look(&mut self, now: Instant) -> bool {
        if self.next.is_some_and(|next| now < next) {
            return self.is_low;
        }
        self.next = Some(now + EACH);
        let is_low = (self.free)(&self.folder).is_some_and(|free| free < LEAST_FREE);
        if is_low != std::mem::replace(&mut self.is_low, is_low) {
            let folder = self.folder.display();
            if is_low {
                tracing::error!(
                    "less than 5 % of the disk of {folder} is free: the spool grows no further and drops its oldest points; make room"
                );
            } else {
                tracing::info!("the disk of {folder} has room again for the spool");
            }
        }
        is_low
    }
}

fn free(folder: &Path) -> Option<f64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    Some(disk.f_bavail as f64 / disk.f_blocks as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_of_a_real_disk_is_between_nothing_and_all() {
        let share = free(Path::new("/")).unwrap();
        assert!((0.0..=1.0).contains(&share), "{share}");
        assert_eq!(free(Path::new("/proc")).filter(|share| *share < LEAST_FREE), None, "a filesystem without blocks is not full");
    }
}
