//! Containers that have just been started: watched for their end at once, for they may live less than a turn.

use super::Facts;
use super::farewell::Waiting;
use super::network::Network;
use super::open::open;
use crate::Root;
use crate::kernel::cgroup_place::Hierarchies;

/// Opens the files of the container for its last look.
#[derive(Clone, Debug)]
pub(super) struct Greeter {
    pub(super) root: Root,
    pub(super) hierarchies: Hierarchies,
    pub(super) waiting: Waiting,
    /// So many may be waited for; each keeps files open.
    pub(super) most: usize,
}

impl Greeter {
    /// Takes one that Docker has told of. Those that the sampling thread opens in its next turn take this one's place.
    pub(super) fn greet(&self, facts: &Facts) {
        let Some(pid) = facts.pid.filter(|_| facts.status.is_live() && !facts.identity.is_unwanted) else { return };
        if self.waiting.len() >= self.most {
            return;
        }
        // What keeps it from being opened is told by the sampling thread.
        if let Ok(Some(open)) = open(&self.root, &self.hierarchies, &facts.identity.name, facts) {
            self.waiting.add(&facts.id, pid, &open.files, open.network.as_ref().map(Network::file));
        }
    }
}
