//! The swarm as a whole, told by its leader: services, nodes, and what happens to them.

use crate::metric::{Group, Metric, Pace, Unit};

const PACE: Pace = Pace::Seconds(5);
const WHOLE: Group = Group { measurement: "docker_swarm", attributes: &[], pace: PACE };
const SERVICE: Group = Group { attributes: &["swarm_service", "service_name", "service_mode", "swarm_stack"], ..WHOLE };
const MEMBER: Group = Group { measurement: "docker_node", attributes: &["node", "role"], pace: PACE };
const HAPPENED: Group =
    Group { measurement: "docker_event", attributes: &["action", "swarm_service", "swarm_stack", "node", "exit_code"], pace: Pace::Event };

const COUNTED: &str = "Docker 20.10";
const NO_JOB: &str = "a service that is no job";
const JOB: &str = "a replicated job";
const MANAGER: &str = "a manager";

/// The swarm, and each service.
pub(crate) const SWARM: &[Metric] = &[
    WHOLE.gauge("services", Unit::Number, "Services of the swarm."),
    WHOLE.gauge("nodes", Unit::Number, "Nodes of the swarm."),
    WHOLE.gauge("nodes_ready", Unit::Number, "Nodes that the managers hear of."),
    WHOLE.gauge("managers", Unit::Number, "Managers of the swarm."),
    WHOLE.gauge("managers_reachable", Unit::Number, "Managers that the leader reaches, itself included."),
    WHOLE.gauge("quorum_margin", Unit::Number, "How many more managers may go before the swarm can decide nothing; below 0 it cannot."),
    SERVICE.gauge("tasks_running", Unit::Number, "Tasks that run on nodes that are not down.").needs(COUNTED),
    SERVICE.gauge("tasks_desired", Unit::Number, "Tasks that are to run.").needs(COUNTED),
    SERVICE.gauge("tasks_completed", Unit::Number, "Tasks of a job that have ended well.").needs(COUNTED),
    SERVICE.gauge("tasks_missing", Unit::Number, "Tasks that are to run less those that do, at least 0.").needs(NO_JOB),
    SERVICE.gauge("tasks_pending", Unit::Number, "Tasks that wait for a node to run on.").needs(NO_JOB),
    SERVICE.gauge("tasks_preparing", Unit::Number, "Tasks that wait for their image or a volume.").needs(NO_JOB),
    SERVICE.gauge("tasks_starting", Unit::Number, "Tasks that wait for their process, or for their turn after a failure.").needs(NO_JOB),
    SERVICE.gauge("max_concurrent", Unit::Number, "Tasks of the job that may run at one time.").needs(JOB),
    SERVICE.gauge("total_completions", Unit::Number, "Tasks of the job that are to end well.").needs(JOB),
    SERVICE.counter("tasks_failed", Unit::Number, "Tasks that failed since the leader began to count, planned stops not among them."),
    SERVICE.text(
        "update_state",
        "How far the last update came: none, updating, paused, completed, rollback_started, rollback_paused or rollback_completed.",
    ),
    SERVICE.gauge("updating", Unit::Flag, "Whether an update or its rollback is under way."),
    SERVICE.gauge("update_failed", Unit::Flag, "Whether the last update was stopped or taken back."),
];

/// Each node.
pub(crate) const NODE: &[Metric] = &[
    MEMBER.gauge("ready", Unit::Flag, "Whether the managers hear of it."),
    MEMBER.text("node_state", "Docker's word for it: ready, down, disconnected or unknown."),
    MEMBER.gauge("active", Unit::Flag, "Whether it takes tasks."),
    MEMBER.text("availability", "What it was told: active, pause (no further tasks) or drain (none at all)."),
    MEMBER.gauge("manager", Unit::Flag, "Whether it is to be a manager."),
    MEMBER.gauge("leader", Unit::Flag, "Whether it leads the managers."),
    MEMBER.gauge("reachable", Unit::Flag, "Whether the other managers reach it.").needs(MANAGER),
    MEMBER.text("reachability", "Docker's word for it: reachable, unreachable or unknown.").needs(MANAGER),
];

/// What happened to services and nodes, one event each.
pub(crate) const EVENT: &[Metric] = &[
    HAPPENED.event("service_create", "The service was made."),
    HAPPENED.event("service_update", "It was changed; the description says image and replicas where those were."),
    HAPPENED.event("service_update_state", "Its update went on; the event's state says how far, as in update_state."),
    HAPPENED.event("service_remove", "It was taken away."),
    HAPPENED.event("task_failed", "A task of it failed; exit_code says with what, the description has Docker's error."),
    HAPPENED.event("image_pull_failed", "A task of it could not start because its image is not to be had; the description names it."),
    HAPPENED.event("node_create", "The node joined the swarm."),
    HAPPENED.event("node_remove", "It was taken off the list of nodes."),
    HAPPENED.event("node_ready", "The managers hear of it."),
    HAPPENED.event("node_down", "The managers no longer hear of it."),
    HAPPENED.event("node_disconnected", "It left the managers in good order."),
    HAPPENED.event("node_active", "It was told to take tasks."),
    HAPPENED.event("node_pause", "It was told to take no further tasks."),
    HAPPENED.event("node_drain", "It was told to give away its tasks."),
    HAPPENED.event("node_promote", "It was made a manager."),
    HAPPENED.event("node_demote", "It was made a worker."),
    HAPPENED.event("node_leader", "It became the leader of the managers."),
    HAPPENED.event("node_reachable", "The other managers reach it."),
    HAPPENED.event("node_unreachable", "The other managers do not reach it."),
];
