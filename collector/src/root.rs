//! Where the kernel's files are: under `/`, or where the host's tree is mounted in a container.

use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// The tree of the machine that is watched.
#[derive(Clone, Debug, Default)]
pub struct Root {
    host_root: Option<PathBuf>,
}

impl Root {
    /// `host_root` is the folder in which the host's `/` (or at least its `/proc` and `/sys`) is mounted; `None` is `/`.
    pub fn new(host_root: Option<&Path>) -> Self {
        Self { host_root: host_root.map(Path::to_owned) }
    }

    /// A file of the host, by its absolute path.
    pub fn path(&self, absolute: &str) -> PathBuf {
        match &self.host_root {
            Some(root) => root.join(absolute.trim_start_matches('/')),
            None => PathBuf::from(absolute),
        }
    }

    /// The same for a path that need not be text.
    pub fn bytes(&self, absolute: &[u8]) -> Vec<u8> {
        match &self.host_root {
            Some(root) => [root.as_os_str().as_bytes(), absolute].concat(),
            None => absolute.to_owned(),
        }
    }

    /// Whether the host's tree is not this process's own.
    pub fn is_elsewhere(&self) -> bool {
        self.host_root.is_some()
    }

    /// A file of `/proc` that says the same to every reader: `stat`.
    pub fn proc(&self, file: &str) -> PathBuf {
        self.path("/proc").join(file)
    }

    /// A file of `/proc` that shows the reader's own namespaces: `net/dev`, `mountinfo`. In a container it is the one of the
    /// host's first process.
    pub fn proc_of_host(&self, file: &str) -> PathBuf {
        let process = if self.host_root.is_some() { "1" } else { "self" };
        self.proc(process).join(file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_the_host_paths_are_the_kernels_own() {
        let root = Root::new(None);
        assert_eq!(root.proc("stat"), Path::new("/proc/stat"));
        assert_eq!(root.proc_of_host("net/dev"), Path::new("/proc/self/net/dev"));
        assert_eq!(root.path("/var/lib"), Path::new("/var/lib"));
    }

    #[test]
    fn in_a_container_they_are_those_of_the_hosts_first_process() {
        let root = Root::new(Some(Path::new("/host")));
        assert_eq!(root.proc("stat"), Path::new("/host/proc/stat"));
        assert_eq!(root.proc_of_host("net/dev"), Path::new("/host/proc/1/net/dev"));
        assert_eq!(root.path("/"), Path::new("/host/"));
    }
}
