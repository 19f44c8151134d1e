//! A node, as the swarm's leader has it.

use bollard::models::{self, NodeSpecAvailabilityEnum as ApiAvailability, NodeSpecRoleEnum as ApiRole, NodeState, Reachability};

/// What is published of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) id: String,
    /// Its host name; not unique: a node that left and joined again is listed twice.
    pub(super) name: String,
    pub(super) role: &'static str,
    pub(super) state: State,
    pub(super) availability: &'static str,
    /// For managers.
    pub(super) manager: Option<Manager>,
}

/// Whether the managers hear of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Unknown,
    Down,
    Ready,
    Disconnected,
}

/// What only managers have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Manager {
    pub(super) is_leader: bool,
    pub(super) reachability: &'static str,
}

impl Node {
    /// `None` for one without id, or whose name is not known yet: it is just joining.
    pub(super) fn read(node: &models::Node) -> Option<Self> {
        let spec = node.spec.as_ref()?;
        let filled = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let state = node.status.as_ref().and_then(|status| status.state);
        Some(Self {
            id: filled(&node.id)?,
            name: filled(&node.description.as_ref()?.hostname)?,
            role: if spec.role == Some(ApiRole::MANAGER) { "manager" } else { "worker" },
            state: state.map_or(State::Unknown, State::read),
            availability: availability(spec.availability?)?,
            manager: node.manager_status.as_ref().map(|status| Manager {
                is_leader: status.leader == Some(true),
                reachability: reachability(status.reachability.unwrap_or(Reachability::UNKNOWN)),
            }),
        })
    }

    pub(super) fn is_leader(&self) -> bool {
        self.manager.is_some_and(|manager| manager.is_leader)
    }
}

impl Manager {
    pub(super) fn is_reachable(self) -> bool {
        self.reachability == "reachable"
    }
}

impl State {
    fn read(state: NodeState) -> Self {
        match state {
            NodeState::UNKNOWN => Self::Unknown,
            NodeState::DOWN => Self::Down,
            NodeState::READY => Self::Ready,
            NodeState::DISCONNECTED => Self::Disconnected,
        }
    }

    /// Docker's word for it.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Down => "down",
            Self::Ready => "ready",
            Self::Disconnected => "disconnected",
        }
    }
}

fn availability(availability: ApiAvailability) -> Option<&'static str> {
    match availability {
        ApiAvailability::EMPTY => None,
        ApiAvailability::ACTIVE => Some("active"),
        ApiAvailability::PAUSE => Some("pause"),
        ApiAvailability::DRAIN => Some("drain"),
    }
}

fn reachability(reachability: Reachability) -> &'static str {
    match reachability {
        Reachability::UNKNOWN => "unknown",
        Reachability::UNREACHABLE => "unreachable",
        Reachability::REACHABLE => "reachable",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Option<Node> {
        Node::read(&serde_json::from_str(json).unwrap())
    }

    #[test]
    fn a_leader_and_a_worker_that_is_down() {
        // Answers of Docker 20.10, shortened by what skep does not read.
        let leader = read(
            r#"{"ID": "phuvofd6oa8ggrkv2vhf5qfxx", "Spec": {"Labels": {}, "Role": "manager", "Availability": "active"},
            "Description": {"Hostname": "manager1", "Platform": {"Architecture": "x86_64", "OS": "linux"}},
            "Status": {"State": "ready", "Addr": "10.78.1.21"},
            "ManagerStatus": {"Leader": true, "Reachability": "reachable", "Addr": "10.78.1.21:2377"}}"#,
        )
        .unwrap();
        assert!(leader.is_leader());
        assert_eq!((leader.name.as_str(), leader.role, leader.state.as_str()), ("manager1", "manager", "ready"));
        let worker = read(
            r#"{"ID": "tiecbz1cmfjgmur0rirlut4o9", "Spec": {"Labels": {"a": "b"}, "Role": "worker", "Availability": "drain"},
            "Description": {"Hostname": "worker1"},
            "Status": {"State": "down", "Message": "heartbeat failure", "Addr": "10.78.1.31"}}"#,
        )
        .unwrap();
        assert_eq!((worker.role, worker.availability, worker.manager), ("worker", "drain", None));
        assert_eq!(worker.state, State::Down);
    }

    #[test]
    fn a_manager_that_is_no_longer_heard_of() {
        let manager = read(
            r#"{"ID": "x", "Spec": {"Role": "manager", "Availability": "active"}, "Description": {"Hostname": "manager2"},
            "Status": {"State": "unknown"}, "ManagerStatus": {"Reachability": "unreachable"}}"#,
        )
        .unwrap();
        assert_eq!(manager.manager, Some(Manager { is_leader: false, reachability: "unreachable" }));
        assert!(!manager.is_leader());
    }

    #[test]
    fn one_that_is_just_joining_has_no_name_yet() {
        assert_eq!(read(r#"{"ID": "x", "Spec": {"Role": "worker", "Availability": "active"}, "Description": {}}"#), None);
        assert_eq!(read("{}"), None);
    }
}
