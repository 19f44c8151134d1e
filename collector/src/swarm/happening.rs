//! What happens to services and nodes: dockerd's events of the swarm, and tasks that failed.

use std::collections::HashMap;

use event::Timestamp;

use super::names::{Named, Names};
use super::task::Failure;

/// An action that is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A service was made.
    ServiceCreate,
    /// It was changed.
    ServiceUpdate,
    /// Its update went on.
    ServiceUpdateState,
    /// It was taken away.
    ServiceRemove,
    /// A task of it failed.
    TaskFailed,
    /// A task of it failed for want of its image.
    ImagePullFailed,
    /// A node joined.
    NodeCreate,
    /// It was taken off the list.
    NodeRemove,
    /// The managers hear of it.
    NodeReady,
    /// They do not.
    NodeDown,
    /// It went on purpose.
    NodeDisconnected,
    /// It takes tasks.
    NodeActive,
    /// It takes no further ones.
    NodePause,
    /// It gives away those it has.
    NodeDrain,
    /// It became a manager.
    NodePromote,
    /// It became a worker.
    NodeDemote,
    /// It leads.
    NodeLeader,
    /// The other managers reach it.
    NodeReachable,
    /// They do not.
    NodeUnreachable,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 19] = [
        Self::ServiceCreate,
        Self::ServiceUpdate,
        Self::ServiceUpdateState,
        Self::ServiceRemove,
        Self::TaskFailed,
        Self::ImagePullFailed,
        Self::NodeCreate,
        Self::NodeRemove,
        Self::NodeReady,
        Self::NodeDown,
        Self::NodeDisconnected,
        Self::NodeActive,
        Self::NodePause,
        Self::NodeDrain,
        Self::NodePromote,
        Self::NodeDemote,
        Self::NodeLeader,
        Self::NodeReachable,
        Self::NodeUnreachable,
    ];

    /// The field of `docker_event`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ServiceCreate => "service_create",
            Self::ServiceUpdate => "service_update",
            Self::ServiceUpdateState => "service_update_state",
            Self::ServiceRemove => "service_remove",
            Self::TaskFailed => "task_failed",
            Self::ImagePullFailed => "image_pull_failed",
            Self::NodeCreate => "node_create",
            Self::NodeRemove => "node_remove",
            Self::NodeReady => "node_ready",
            Self::NodeDown => "node_down",
            Self::NodeDisconnected => "node_disconnected",
            Self::NodeActive => "node_active",
            Self::NodePause => "node_pause",
            Self::NodeDrain => "node_drain",
            Self::NodePromote => "node_promote",
            Self::NodeDemote => "node_demote",
            Self::NodeLeader => "node_leader",
            Self::NodeReachable => "node_reachable",
            Self::NodeUnreachable => "node_unreachable",
        }
    }
}

/// Something that happened in the swarm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happening {
    /// What.
    pub action: Action,
    /// To which service or node; the event's instance.
    pub name: String,
    /// The service, when it happened to one or to a task of it.
    pub service: Option<String>,
    /// The service's stack, as far as it is known.
    pub stack: Option<String>,
    /// The node, when it happened to one or on one.
    pub node: Option<String>,
    /// When, by the clock of the leader, or of the task's node.
    pub time: Timestamp,
    /// The state that an update has come to.
    pub state: Option<String>,
    /// What the task's process ended with.
    pub exit_code: Option<i64>,
    /// What is to be known besides: Docker's error, what was changed from what.
    pub description: Option<String>,
}

impl Happening {
    fn of_service(action: Action, named: Named, time: Timestamp) -> Self {
        Self {
            action,
            name: named.name.clone(),
            service: Some(named.name),
            stack: named.stack,
            node: None,
            time,
            state: None,
            exit_code: None,
            description: None,
        }
    }

    fn of_node(action: Action, node: &str, time: Timestamp) -> Self {
        Self {
            action,
            name: node.to_owned(),
            service: None,
            stack: None,
            node: Some(node.to_owned()),
            time,
            state: None,
            exit_code: None,
            description: None,
        }
    }

    /// A task that failed; `None` when its service is not known, because it is gone.
    pub(super) fn of_failure(failure: &Failure, names: &Names) -> Option<Self> {
        let named = names.service(&failure.service)?.clone();
        let action = if failure.is_of_image() { Action::ImagePullFailed } else { Action::TaskFailed };
        let slot = failure.slot.map_or_else(String::new, |slot| format!(".{slot}"));
        let description = format!("task {}{slot} ({}): {}", named.name, failure.task, failure.error);
        let node = failure.node.as_deref().and_then(|node| names.node(node)).map(str::to_owned);
        let happening = Self::of_service(action, named, failure.time);
        Some(Self { node, exit_code: failure.exit_code, description: Some(description), ..happening })
    }
}

/// Reads one of dockerd's events about a service or a node; one may tell several things, or none that concerns us.
pub(super) fn read(kind: &str, action: &str, id: &str, attributes: &HashMap<String, String>, nanos: i64, names: &Names) -> Vec<Happening> {
    let time = Timestamp::from_micros(nanos / 1000);
    match kind {
        "service" => of_service(action, id, attributes, time, names).into_iter().collect(),
        "node" => of_node(action, id, attributes, time, names),
        _ => Vec::new(),
    }
}

fn of_service(action: &str, id: &str, attributes: &HashMap<String, String>, time: Timestamp, names: &Names) -> Option<Happening> {
    let known = names.service(id);
    let name = attributes.get("name").filter(|name| !name.is_empty()).or_else(|| known.map(|known| &known.name))?;
    let named = Named { name: name.clone(), stack: known.and_then(|known| known.stack.clone()) };
    let plain = |action| Some(Happening::of_service(action, named.clone(), time));
    match action {
        "create" => plain(Action::ServiceCreate),
        "remove" => plain(Action::ServiceRemove),
        "update" => match attributes.get("updatestate.new") {
            Some(state) => Some(Happening { state: Some(state.clone()), ..plain(Action::ServiceUpdateState)? }),
            None => Some(Happening { description: changes(attributes), ..plain(Action::ServiceUpdate)? }),
        },
        _ => None,
    }
}

/// `image web:1 to web:2, replicas 2 to 3`.
fn changes(attributes: &HashMap<String, String>) -> Option<String> {
    let change = |what: &str| {
        let new = attributes.get(&format!("{what}.new"))?;
        let old = attributes.get(&format!("{what}.old")).map_or("nothing", String::as_str);
        Some(format!("{what} {old} to {new}"))
    };
    let all: Vec<String> = ["image", "replicas"].into_iter().filter_map(change).collect();
    (!all.is_empty()).then(|| all.join(", "))
}

fn of_node(action: &str, id: &str, attributes: &HashMap<String, String>, time: Timestamp, names: &Names) -> Vec<Happening> {
    let name = attributes.get("name").map(String::as_str).filter(|name| !name.is_empty()).or_else(|| names.node(id));
    // A node has no name yet when it joins.
    let name = name.unwrap_or_else(|| id.get(..12).unwrap_or(id));
    let actions = match action {
        "create" => vec![Action::NodeCreate],
        "remove" => vec![Action::NodeRemove],
        "update" => ["state", "availability", "role", "leader", "reachability"]
            .into_iter()
            .filter_map(|what| changed(what, attributes.get(&format!("{what}.new"))?))
            .collect(),
        _ => Vec::new(),
    };
    actions.into_iter().map(|action| Happening::of_node(action, name, time)).collect()
}

fn changed(what: &str, new: &str) -> Option<Action> {
    match (what, new) {
        ("state", "ready") => Some(Action::NodeReady),
        ("state", "down") => Some(Action::NodeDown),
        ("state", "disconnected") => Some(Action::NodeDisconnected),
        ("availability", "active") => Some(Action::NodeActive),
        ("availability", "pause") => Some(Action::NodePause),
        ("availability", "drain") => Some(Action::NodeDrain),
        ("role", "manager") => Some(Action::NodePromote),
        ("role", "worker") => Some(Action::NodeDemote),
        ("leader", "true") => Some(Action::NodeLeader),
        ("reachability", "reachable") => Some(Action::NodeReachable),
        ("reachability", "unreachable") => Some(Action::NodeUnreachable),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use bollard::models::EventMessage;
    use proptest::prelude::*;

    use super::super::picture::Picture;
    use super::*;

    /// Reads an event as dockerd sends it; the swarm's service `web` is one of the stack `shop`.
    fn happenings(json: &str) -> Vec<Happening> {
        let event: EventMessage = serde_json::from_str(json).unwrap();
        let service =
            r#"{"ID": "4mx6", "Spec": {"Name": "web", "Labels": {"com.docker.stack.namespace": "shop"}, "Mode": {"Global": {}}}}"#;
        let service = super::super::service::Service::read(&serde_json::from_str(service).unwrap()).unwrap();
        let names = Names::of(&Picture { services: vec![service], nodes: Vec::new() });
        let actor = event.actor.unwrap();
        let kind = event.typ.unwrap().to_string();
        read(&kind, &event.action.unwrap(), &actor.id.unwrap(), &actor.attributes.unwrap(), event.time_nano.unwrap(), &names)
    }

    /// The events of a kind, action and attributes, as `NAME/ACTION STATE DESCRIPTION`.
    #[track_caller]
    fn check(kind: &str, action: &str, attributes: &str, expected: &[&str]) {
        let json = format!(
            r#"{{"Type": "{kind}", "Action": "{action}", "Actor": {{"ID": "4mx6", "Attributes": {{{attributes}}}}},
            "scope": "swarm", "time": 1795645134, "timeNano": 1795645134427325207}}"#
        );
        let text = |it: &Happening| {
            let (state, description) = (it.state.as_deref().unwrap_or("-"), it.description.as_deref().unwrap_or("-"));
            format!("{}/{} {state} {description}", it.name, it.action.as_str())
        };
        let seen = happenings(&json);
        assert_eq!(seen.iter().map(text).collect::<Vec<_>>(), expected);
        assert!(seen.iter().all(|it| it.time.to_string() == "2026-11-25T22:18:54.427325Z"), "{seen:?}");
        assert!(seen.iter().all(|it| it.stack.as_deref() == (kind == "service").then_some("shop")), "{seen:?}");
    }

    #[test]
    fn services_come_change_and_go() {
        check("service", "create", r#""name": "web""#, &["web/service_create - -"]);
        check("service", "update", r#""name": "web", "replicas.new": "3", "replicas.old": "2""#, &["web/service_update - replicas 2 to 3"]);
        check("service", "update", r#""name": "web""#, &["web/service_update - -"]);
        check("service", "update", r#""name": "web", "updatestate.new": "updating""#, &["web/service_update_state updating -"]);
        check("service", "remove", r#""name": "web""#, &["web/service_remove - -"]);
    }

    #[test]
    fn nodes_join_go_down_and_are_drained() {
        check("node", "create", r#""name": """#, &["4mx6/node_create - -"]);
        check("node", "update", r#""name": "worker1", "state.new": "down", "state.old": "ready""#, &["worker1/node_down - -"]);
        check(
            "node",
            "update",
            r#""availability.new": "drain", "availability.old": "active", "name": "worker1""#,
            &["worker1/node_drain - -"],
        );
        check("node", "update", r#""name": "worker1", "role.new": "manager", "role.old": "worker""#, &["worker1/node_promote - -"]);
        let both = r#""name": "manager2", "leader.new": "true", "leader.old": "false", "reachability.new": "reachable", "reachability.old": "unknown""#;
        check("node", "update", both, &["manager2/node_leader - -", "manager2/node_reachable - -"]);
    }

    #[test]
    fn what_tells_nothing_is_passed_over() {
        check("node", "update", r#""name": "worker1""#, &[]);
        check("node", "update", r#""name": "worker1", "state.new": "unknown", "leader.new": "false""#, &[]);
        check("secret", "create", r#""name": "key""#, &[]);
        check("service", "inspect", r#""name": "web""#, &[]);
    }

    #[test]
    fn each_action_has_a_row_in_the_catalogue() {
        for action in Action::ALL {
            assert!(catalogue::find("docker_event", action.as_str()).is_some(), "{}", action.as_str());
        }
    }

    proptest! {
        #[test]
        fn whatever_dockerd_says_gives_names_and_never_more_than_it_has_attributes(
            kind in "service|node|container|.{0,5}",
            action in "create|update|remove|.{0,8}",
            id in ".{0,14}",
            attributes in prop::collection::hash_map("name|(state|availability|role|leader|reachability|updatestate).new|.{0,6}", "down|drain|.{0,9}", 0..6),
            nanos: i64,
        ) {
            let seen = read(&kind, &action, &id, &attributes, nanos, &Names::default());
            prop_assert!(seen.len() <= attributes.len().max(1));
            for it in seen {
                prop_assert_eq!(it.service.is_some(), kind == "service");
                prop_assert!(it.service.is_none_or(|service| !service.is_empty() && service == it.name));
            }
        }
    }
}
