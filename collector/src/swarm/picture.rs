//! The swarm at one time.

use std::collections::HashMap;

use super::node::{Manager, Node};
use super::service::Service;

/// What one look of the leader saw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Picture {
    pub(super) services: Vec<Service>,
    pub(super) nodes: Vec<Node>,
}

/// How many managers there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Quorum {
    pub(super) managers: u64,
    pub(super) reachable: u64,
}

impl Picture {
    pub(super) fn quorum(&self) -> Quorum {
        let managers: Vec<Manager> = self.nodes.iter().filter_map(|node| node.manager).collect();
        let reachable = managers.iter().filter(|manager| manager.is_reachable()).count();
        Quorum { managers: managers.len() as u64, reachable: reachable as u64 }
    }

    /// Takes tasks away that only seem to run: those on nodes that are down.
    pub(super) fn correct(&mut self, lost: &HashMap<&str, u64>) {
        for service in &mut self.services {
            if let (Some(tasks), Some(lost)) = (&mut service.tasks, lost.get(service.id.as_str())) {
                tasks.running = tasks.running.saturating_sub(*lost);
            }
        }
    }
}

impl Quorum {
    /// How many more managers may go before nothing can be decided; below 0 nothing can.
    pub(super) fn margin(self) -> i64 {
        let needed = self.managers / 2 + 1;
        self.reachable.cast_signed() - needed.cast_signed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_margin_is_what_may_still_go() {
        let margin = |managers, reachable| Quorum { managers, reachable }.margin();
        assert_eq!([margin(1, 1), margin(3, 3), margin(3, 2), margin(3, 1), margin(5, 5), margin(4, 4)], [0, 1, 0, -1, 2, 1]);
    }
}
