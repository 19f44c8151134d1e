//! `skep_collector`: what of the host this process can see at all.

use std::fs;
use std::path::Path;

use event::Duration;

use crate::{Error, Root, Sampler, Samples, Series, Turn, int};

/// It does not change while the process runs.
const EVERY: Duration = Duration::from_secs(10);

/// Left in a container's `/` by those who made it: Docker, Podman.
const MARKERS: [&str; 2] = [".dockerenv", "run/.containerenv"];

/// What was found at the start.
#[derive(Debug)]
pub(super) struct Sight {
    sees_only_itself: bool,
    n_missing: usize,
    series: Series<2>,
}

impl Sight {
    /// Looks, and complains where only this process's own container is seen; `n_missing` samplers could not be opened.
    pub(super) fn look(root: &Root, n_missing: usize) -> Self {
        let sees_only_itself = !root.is_elsewhere() && is_shut_in(Path::new("/"));
        if sees_only_itself {
            tracing::warn!(
                "skep runs in a container and sees only itself: processes, network and file systems are the container's, not the host's; \
                 mount the host's / and name it, as in `docker run -v /:/host:ro … skep run --host-root /host`"
            );
        }
        Self { sees_only_itself, n_missing, series: Series::plain("skep_collector", ["sees_only_itself", "samplers_missing"]) }
    }
}

impl Sampler for Sight {
    fn name(&self) -> &'static str {
        "sight"
    }

    fn every(&self) -> Duration {
        EVERY
    }

    fn sample(&mut self, _: &mut Turn<'_>, out: &mut Samples) -> Result<(), Error> {
        self.series.put(out, [int(u64::from(self.sees_only_itself)), int(self.n_missing as u64)]);
        Ok(())
    }
}

/// Whether this is a container with processes of its own. Who sees the kernel's threads, of which `kthreadd` is the first, sees the host's,
/// as with `docker run --pid=host`.
fn is_shut_in(slash: &Path) -> bool {
    let sees_kernel = || fs::read(slash.join("proc/2/comm")).is_ok_and(|name| name.trim_ascii_end() == b"kthreadd");
    MARKERS.iter().any(|marker| slash.join(marker).exists()) && !sees_kernel()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(files: &[(&str, &str)], expected: bool) {
        let folder = tempfile::tempdir().unwrap();
        for (file, text) in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        assert_eq!(is_shut_in(folder.path()), expected, "{files:?}");
    }

    #[test]
    fn a_container_with_processes_of_its_own_sees_only_itself() {
        check(&[(".dockerenv", ""), ("proc/1/comm", "skep\n")], true);
        check(&[("run/.containerenv", ""), ("proc/2/comm", "sh\n")], true);
    }

    #[test]
    fn a_machine_and_a_container_with_the_hosts_processes_see_the_host() {
        check(&[("proc/2/comm", "kthreadd\n")], false);
        check(&[(".dockerenv", ""), ("proc/2/comm", "kthreadd\n")], false);
        // A virtual machine's, or a system container's, kernel threads may be hidden; nobody says that it is a container.
        check(&[("proc/1/comm", "systemd\n")], false);
    }
}
