//! A service, as the swarm's leader has it.

use bollard::models::{self, ServiceSpecMode, ServiceUpdateStatusStateEnum as ApiUpdate};

use super::task::Waiting;

/// The label that `docker stack deploy` puts on a stack's services.
const STACK: &str = "com.docker.stack.namespace";

/// What is published of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Service {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) stack: Option<String>,
    pub(super) mode: Mode,
    /// `None` before Docker 20.10, which does not count.
    pub(super) tasks: Option<Tasks>,
    /// `None` until it was updated once.
    pub(super) update: Option<Update>,
    /// Failures since the leader began to count.
    pub(super) failed: u64,
    /// Tasks that do not run yet; not counted for jobs.
    pub(super) waiting: Waiting,
}

/// How many tasks it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tasks {
    pub(super) running: u64,
    pub(super) desired: u64,
    pub(super) completed: u64,
}

/// Which tasks it wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Replicated,
    Global,
    /// So many at a time, until so many have completed.
    ReplicatedJob {
        max_concurrent: Option<u64>,
        total_completions: Option<u64>,
    },
    GlobalJob,
}

/// How far the last update came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Update {
    Updating,
    Paused,
    Completed,
    RollbackStarted,
    RollbackPaused,
    RollbackCompleted,
}

impl Service {
    /// `None` for one without id, name or mode.
    pub(super) fn read(service: &models::Service) -> Option<Self> {
        let spec = service.spec.as_ref()?;
        let filled = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let status = service.service_status.as_ref();
        Some(Self {
            id: filled(&service.id)?,
            name: filled(&spec.name)?,
            stack: spec.labels.as_ref().and_then(|labels| labels.get(STACK)).cloned().filter(|stack| !stack.is_empty()),
            mode: Mode::read(spec.mode.as_ref()?)?,
            tasks: status.map(|status| Tasks {
                running: status.running_tasks.unwrap_or(0),
                desired: status.desired_tasks.unwrap_or(0),
                completed: status.completed_tasks.unwrap_or(0),
            }),
            update: service.update_status.as_ref().and_then(|status| Update::read(status.state?)),
            failed: 0,
            waiting: Waiting::default(),
        })
    }
}

impl Mode {
    fn read(mode: &ServiceSpecMode) -> Option<Self> {
        let number = |number: Option<i64>| number.and_then(|number| u64::try_from(number).ok());
        if mode.replicated.is_some() {
            return Some(Self::Replicated);
        }
        if mode.global.is_some() {
            return Some(Self::Global);
        }
        if let Some(job) = &mode.replicated_job {
            let (max_concurrent, total_completions) = (number(job.max_concurrent), number(job.total_completions));
            return Some(Self::ReplicatedJob { max_concurrent, total_completions });
        }
        mode.global_job.is_some().then_some(Self::GlobalJob)
    }

    /// Telegraf's word for it.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Replicated => "replicated",
            Self::Global => "global",
            Self::ReplicatedJob { .. } => "replicated_job",
            Self::GlobalJob => "global_job",
        }
    }

    /// Whether its tasks are to end.
    pub(super) fn is_job(self) -> bool {
        match self {
            Self::Replicated | Self::Global => false,
            Self::ReplicatedJob { .. } | Self::GlobalJob => true,
        }
    }
}

impl Update {
    fn read(state: ApiUpdate) -> Option<Self> {
        match state {
            ApiUpdate::EMPTY => None,
            ApiUpdate::UPDATING => Some(Self::Updating),
            ApiUpdate::PAUSED => Some(Self::Paused),
            ApiUpdate::COMPLETED => Some(Self::Completed),
            ApiUpdate::ROLLBACK_STARTED => Some(Self::RollbackStarted),
            ApiUpdate::ROLLBACK_PAUSED => Some(Self::RollbackPaused),
            ApiUpdate::ROLLBACK_COMPLETED => Some(Self::RollbackCompleted),
        }
    }

    /// Docker's word for it.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Updating => "updating",
            Self::Paused => "paused",
            Self::Completed => "completed",
            Self::RollbackStarted => "rollback_started",
            Self::RollbackPaused => "rollback_paused",
            Self::RollbackCompleted => "rollback_completed",
        }
    }

    /// Whether tasks are being replaced.
    pub(super) fn is_under_way(self) -> bool {
        matches!(self, Self::Updating | Self::RollbackStarted)
    }

    /// Whether the update did not do what was asked for: it stopped, or was taken back.
    pub(super) fn is_failed(self) -> bool {
        !matches!(self, Self::Updating | Self::Completed)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(json: &str) -> Option<Service> {
        Service::read(&serde_json::from_str(json).unwrap())
    }

    #[test]
    fn a_service_in_the_middle_of_its_rollback() {
        // An answer of Docker 20.10, shortened by what skep does not read.
        let service = read(
            r#"{"ID": "4mx6alvumsi4xryam23fpk288", "Version": {"Index": 464}, "CreatedAt": "2026-11-25T22:18:16.335398814Z",
            "Spec": {"Name": "shop_web", "Labels": {"com.docker.stack.namespace": "shop"},
                "TaskTemplate": {"ContainerSpec": {"Image": "skep/busybox:1"}, "ForceUpdate": 0, "Runtime": "container"},
                "Mode": {"Replicated": {"Replicas": 3}}, "EndpointSpec": {"Mode": "dnsrr"}},
            "Endpoint": {"Spec": {}},
            "UpdateStatus": {"State": "rollback_started", "StartedAt": "2026-11-25T22:19:04.139066242Z", "Message": "rolling back"},
            "ServiceStatus": {"RunningTasks": 5, "DesiredTasks": 3, "CompletedTasks": 0}}"#,
        )
        .unwrap();
        assert_eq!((service.name.as_str(), service.stack.as_deref()), ("shop_web", Some("shop")));
        assert_eq!(service.tasks, Some(Tasks { running: 5, desired: 3, completed: 0 }));
        let update = service.update.unwrap();
        assert_eq!((update.as_str(), update.is_under_way(), update.is_failed()), ("rollback_started", true, true));
    }

    #[track_caller]
    fn check_mode(json: &str, mode: Mode, word: &str) {
        let service = read(&format!(r#"{{"ID": "x", "Spec": {{"Name": "web", "Mode": {json}}}}}"#)).unwrap();
        assert_eq!((service.mode, service.mode.as_str(), service.tasks), (mode, word, None));
    }

    #[test]
    fn each_mode_has_telegrafs_word() {
        check_mode(r#"{"Replicated": {}}"#, Mode::Replicated, "replicated");
        check_mode(r#"{"Global": {}}"#, Mode::Global, "global");
        check_mode(r#"{"GlobalJob": {}}"#, Mode::GlobalJob, "global_job");
        let job = Mode::ReplicatedJob { max_concurrent: Some(2), total_completions: Some(3) };
        check_mode(r#"{"ReplicatedJob": {"MaxConcurrent": 2, "TotalCompletions": 3}}"#, job, "replicated_job");
    }

    #[test]
    fn what_has_no_name_or_no_mode_is_passed_over() {
        for json in
            ["{}", r#"{"ID": "x", "Spec": {"Name": "web", "Mode": {}}}"#, r#"{"ID": "x", "Spec": {"Name": "", "Mode": {"Global": {}}}}"#]
        {
            assert_eq!(read(json), None, "{json}");
        }
    }

    proptest! {
        #[test]
        fn any_numbers_are_taken_as_they_are(running in 0..u64::MAX, desired in 0..u64::MAX, max in i64::MIN..i64::MAX) {
            let service = read(&format!(
                r#"{{"ID": "x", "Spec": {{"Name": "job", "Mode": {{"ReplicatedJob": {{"MaxConcurrent": {max}}}}}}},
                "ServiceStatus": {{"RunningTasks": {running}, "DesiredTasks": {desired}}}}}"#
            )).unwrap();
            prop_assert_eq!(service.tasks, Some(Tasks { running, desired, completed: 0 }));
            prop_assert_eq!(service.mode, Mode::ReplicatedJob { max_concurrent: u64::try_from(max).ok(), total_completions: None });
        }
    }
}
