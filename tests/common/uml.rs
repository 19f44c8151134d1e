//! Nodes that User Mode Linux boots, on control groups v2 and in a network of their own: `vagrant/uml`.

use std::path::{Path, PathBuf};
use std::process::Command;

use testbed::network;

use super::project;

/// An image of a busybox with the applets that tests start by name, for [`Uml::box_image`].
pub(crate) const BOX: &str = "box:1";

/// The nodes of one disk; all are gone when dropped.
pub(crate) struct Uml {
    folder: PathBuf,
}

impl Uml {
    /// Makes the disk in the folder that `SKEP_UML` names, where there is none yet; ends what an earlier run has left.
    pub(crate) fn new() -> Self {
        let folder = PathBuf::from(std::env::var_os("SKEP_UML").expect("SKEP_UML names the folder of the nodes' disk"));
        let made = Command::new(project("vagrant/uml/base.sh")).arg(&folder).status().unwrap();
        assert!(made.success(), "no disk for the nodes");
        let uml = Self { folder };
        uml.script(&["down"]);
        uml
    }

    /// Boots a node and waits until Docker answers there. `number` is the end of its address.
    #[track_caller]
    pub(crate) fn boot(&self, name: &str, number: &str) {
        let (told, is_up) = self.script(&["up", name, number]);
        assert!(is_up, "{name} does not come up: {told}");
    }

    #[track_caller]
    pub(crate) fn put(&self, number: &str, file: &Path, path: &str) {
        let (told, succeeded) = self.script(&["put", number, &file.to_string_lossy(), path]);
        assert!(succeeded, "{} cannot be copied: {told}", file.display());
    }

    /// What a command prints on a node.
    #[track_caller]
    pub(crate) fn run(&self, number: &str, command: &str) -> String {
        let (text, succeeded) = self.try_run(number, command);
        assert!(succeeded, "`{command}` failed on node {number}:\n{text}");
        text
    }

    /// The same when it may fail.
    pub(crate) fn try_run(&self, number: &str, command: &str) -> (String, bool) {
        self.script(&["run", number, command])
    }

    /// Makes the image [`BOX`] on a node.
    #[track_caller]
    pub(crate) fn box_image(&self, number: &str) {
        let command = format!(
            "mkdir -p /tmp/image/bin && cd /tmp/image/bin && cp /bin/busybox . && for name in sh dd sleep tail; do ln -s busybox $name; done \
             && tar -C /tmp/image -c . | docker import - {BOX}"
        );
        self.run(number, &command);
    }

    /// From here on the calling thread is on the nodes' network instead of the machine's.
    pub(crate) fn enter(&self) {
        let (name, _) = self.script(&["hub"]);
        network::enter_named(&Path::new("/run/netns").join(name.trim()));
    }

    fn script(&self, arguments: &[&str]) -> (String, bool) {
        let output = Command::new(project("vagrant/uml/node.sh")).arg(&self.folder).args(arguments).output().unwrap();
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (text, output.status.success())
    }
}

impl Drop for Uml {
    fn drop(&mut self) {
        self.script(&["down"]);
    }
}
