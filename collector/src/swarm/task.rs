//! Tasks: which of them failed, wait, or only seem to run.

use std::collections::HashMap;

use bollard::models::{self, TaskState};
use event::Timestamp;

/// What dockerd says of an image that it does not have, after it has tried to pull it, begins with one of these.
const NO_IMAGE: [&str; 2] = ["No such image", "pull access denied"];

/// A task that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) task: String,
    pub(super) service: String,
    pub(super) slot: Option<i64>,
    /// The id of the node it was on.
    pub(super) node: Option<String>,
    /// When it failed, by the clock of its node.
    pub(super) time: Timestamp,
    /// What its process ended with, when there was one.
    pub(super) exit_code: Option<i64>,
    /// What Docker says: `task: non-zero exit (3)`.
    pub(super) error: String,
}

impl Failure {
    /// `None` for a task that did not fail. One that was asked to stop has `shutdown` as its state, whatever it ended with.
    pub(super) fn read(task: &models::Task) -> Option<Self> {
        let status = task.status.as_ref()?;
        if !matches!(status.state?, TaskState::FAILED | TaskState::REJECTED) {
            return None;
        }
        let container = status.container_status.as_ref().filter(|status| status.container_id.as_ref().is_some_and(|id| !id.is_empty()));
        Some(Self {
            task: task.id.clone()?,
            service: task.service_id.clone()?,
            slot: task.slot.filter(|slot| *slot > 0),
            node: task.node_id.clone().filter(|node| !node.is_empty()),
            time: Timestamp::parse(status.timestamp.as_deref()?).ok()?,
            exit_code: container.and_then(|container| container.exit_code),
            error: status.err.clone().or_else(|| status.message.clone()).unwrap_or_default(),
        })
    }

    /// Whether it failed for want of its image.
    pub(super) fn is_of_image(&self) -> bool {
        NO_IMAGE.iter().any(|text| self.error.starts_with(text))
    }
}

/// Tasks that are to run and do not yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Waiting {
    /// For a node, or for the node to take it.
    pub(super) pending: u64,
    /// For its image and its volumes.
    pub(super) preparing: u64,
    /// For its turn (after a failure), or for its process.
    pub(super) starting: u64,
}

/// Per service.
pub(super) fn waiting(tasks: &[models::Task]) -> HashMap<&str, Waiting> {
    let mut services: HashMap<&str, Waiting> = HashMap::new();
    for task in tasks {
        let Some(service) = task.service_id.as_deref() else { continue };
        let Some(state) = task.status.as_ref().and_then(|status| status.state) else { continue };
        let waiting = services.entry(service).or_default();
        match state {
            TaskState::NEW | TaskState::ALLOCATED | TaskState::PENDING | TaskState::ASSIGNED | TaskState::ACCEPTED => waiting.pending += 1,
            TaskState::PREPARING => waiting.preparing += 1,
            TaskState::READY | TaskState::STARTING => waiting.starting += 1,
            TaskState::RUNNING
            | TaskState::COMPLETE
            | TaskState::SHUTDOWN
            | TaskState::FAILED
            | TaskState::REJECTED
            | TaskState::REMOVE
            | TaskState::ORPHANED => {}
        }
    }
    services
}

/// Per service, how many of these tasks run: on nodes that are down they only seem to (moby #45922).
pub(super) fn running(tasks: &[models::Task]) -> HashMap<&str, u64> {
    let mut services = HashMap::new();
    for task in tasks {
        let is_running = task.status.as_ref().is_some_and(|status| status.state == Some(TaskState::RUNNING));
        if let Some(service) = task.service_id.as_deref().filter(|_| is_running) {
            *services.entry(service).or_insert(0) += 1;
        }
    }
    services
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tasks(json: &str) -> Vec<models::Task> {
        serde_json::from_str(json).unwrap()
    }

    /// Answers of Docker 20.10, shortened by what skep does not read.
    const FAILED: &str = r#"{"ID": "ftauchtd7qa035uvkgvofwi8a", "ServiceID": "jyl21zbulc3yk133uogxjymam", "Slot": 1, "NodeID": "phuvofd6oa8gg",
        "Status": {"Timestamp": "2026-11-25T22:18:19.224332535Z", "State": "failed", "Message": "started", "Err": "task: non-zero exit (4)",
            "ContainerStatus": {"ContainerID": "9739e575bcea3c758bf06c227ae78e47a881e30a8bb3edc4112a82e192d48a51", "PID": 0, "ExitCode": 4},
            "PortStatus": {}}, "DesiredState": "shutdown"}"#;
    const REJECTED: &str = r#"{"ID": "akrbrsfhp6y3s95zax6com1ip", "ServiceID": "qfobmqaywm1f06t202d3x0w5i", "Slot": 1, "NodeID": "phuvofd6oa8gg",
        "Status": {"Timestamp": "2026-11-25T22:18:22.565952634Z", "State": "rejected", "Message": "preparing", "Err": "No such image: skep/none:7",
            "ContainerStatus": {"ContainerID": "", "PID": 0, "ExitCode": 0}, "PortStatus": {}}, "DesiredState": "shutdown"}"#;
    /// Stopped by an update; it did not mind SIGTERM.
    const STOPPED: &str = r#"{"ID": "adk33co4z6y0qp56qycqmsm8m", "ServiceID": "4mx6alvumsi4xryam23fpk288", "Slot": 2, "NodeID": "tiecbz1cmfjgm",
        "Status": {"Timestamp": "2026-11-25T22:20:46.294718731Z", "State": "shutdown", "Message": "shutdown",
            "ContainerStatus": {"ContainerID": "92ba293d643ec86e04a19c3db5d4147a4a1e9d9b233c4a757a3477d72e7aa33f", "PID": 0, "ExitCode": 137}},
        "DesiredState": "shutdown"}"#;

    #[test]
    fn a_failure_has_its_exit_code_and_what_docker_says() {
        let failure = Failure::read(&tasks(&format!("[{FAILED}]"))[0]).unwrap();
        assert_eq!((failure.exit_code, failure.error.as_str()), (Some(4), "task: non-zero exit (4)"));
        assert_eq!((failure.slot, failure.time.to_string().as_str()), (Some(1), "2026-11-25T22:18:19.224332Z"));
        assert!(!failure.is_of_image());
    }

    #[test]
    fn a_missing_image_is_told_apart_and_has_no_exit_code() {
        let failure = Failure::read(&tasks(&format!("[{REJECTED}]"))[0]).unwrap();
        assert_eq!((failure.exit_code, failure.is_of_image()), (None, true));
    }

    #[test]
    fn a_planned_stop_is_no_failure_whatever_the_process_ended_with() {
        assert_eq!(Failure::read(&tasks(&format!("[{STOPPED}]"))[0]), None);
        assert_eq!(Failure::read(&models::Task::default()), None);
    }

    #[test]
    fn tasks_are_counted_by_what_they_wait_for() {
        let states = ["pending", "assigned", "preparing", "ready", "starting", "running", "complete", "orphaned"];
        let list: Vec<String> = states.iter().map(|state| format!(r#"{{"ServiceID": "web", "Status": {{"State": "{state}"}}}}"#)).collect();
        let list = tasks(&format!("[{}, {{}}]", list.join(",")));
        assert_eq!(waiting(&list), HashMap::from([("web", Waiting { pending: 2, preparing: 1, starting: 2 })]));
        assert_eq!(running(&list), HashMap::from([("web", 1)]));
    }
}
