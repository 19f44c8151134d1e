//! From Docker's answer to `inspect` to the facts that we keep.

use bollard::models::{ContainerInspectResponse, ContainerState, ContainerStateStatusEnum, HealthStatusEnum};

use super::facts::timestamp;
use super::signal;
use super::{Attachment, Endpoint, Facts, Health, Id, Identity, Status};
use crate::ContainerChoice;

/// Reads an answer; `None` when it names no container.
pub(super) fn facts(answer: &ContainerInspectResponse, choice: &ContainerChoice) -> Option<Facts> {
    let id = Id::new(answer.id.as_deref()?)?;
    let labels = answer.config.as_ref().and_then(|config| config.labels.as_ref());
    let label = |key: &str| labels.and_then(|labels| labels.get(key)).map(String::as_str);
    let image = answer.config.as_ref().and_then(|config| config.image.as_deref()).unwrap_or_default();
    let none = ContainerState::default();
    let state = answer.state.as_ref().unwrap_or(&none);
    let status = status(state.status.unwrap_or(ContainerStateStatusEnum::EMPTY));
    let network_mode = answer.host_config.as_ref().and_then(|config| config.network_mode.as_deref());
    Some(Facts {
        identity: Identity::new(answer.name.as_deref().unwrap_or_else(|| id.short(12)), choice, label),
        image: image.split('@').next().unwrap_or_default().to_owned(),
        status,
        pid: state.pid.and_then(|pid| u32::try_from(pid).ok()).filter(|pid| *pid > 0),
        created: answer.created.as_deref().and_then(timestamp).unwrap_or_default(),
        started: state.started_at.as_deref().and_then(timestamp),
        restart_count: answer.restart_count.unwrap_or(0),
        exit_code: state.exit_code.unwrap_or(0),
        oom_killed: state.oom_killed.unwrap_or(false),
        stop_signal: answer.config.as_ref().and_then(|config| signal::number(config.stop_signal.as_deref()?)),
        health: health(state).filter(|_| status.is_live()),
        host_network: network_mode == Some("host"),
        attachments: attachments(answer),
        endpoint: Endpoint::of(label),
        id,
    })
}

fn attachments(answer: &ContainerInspectResponse) -> Vec<Attachment> {
    let networks = answer.network_settings.as_ref().and_then(|settings| settings.networks.as_ref());
    let mut attachments: Vec<Attachment> = networks
        .into_iter()
        .flatten()
        .filter_map(|(network, endpoint)| {
            let address = endpoint.ip_address.as_deref()?.parse().ok()?;
            Some(Attachment { network: network.clone(), address })
        })
        .collect();
    attachments.sort_by(|a, b| a.network.cmp(&b.network));
    attachments
}

fn status(status: ContainerStateStatusEnum) -> Status {
    match status {
        ContainerStateStatusEnum::CREATED => Status::Created,
        // One that is told to stop runs until it has ended.
        ContainerStateStatusEnum::RUNNING | ContainerStateStatusEnum::STOPPING => Status::Running,
        ContainerStateStatusEnum::PAUSED => Status::Paused,
        ContainerStateStatusEnum::RESTARTING => Status::Restarting,
        ContainerStateStatusEnum::REMOVING => Status::Removing,
        ContainerStateStatusEnum::EXITED => Status::Exited,
        ContainerStateStatusEnum::DEAD => Status::Dead,
        ContainerStateStatusEnum::EMPTY => Status::Unknown,
    }
}

/// Of a container that runs: dockerd calls the health of every one that has ended unhealthy, however it was.
fn health(state: &ContainerState) -> Option<Health> {
    let health = state.health.as_ref()?;
    let status = health.status.unwrap_or(HealthStatusEnum::EMPTY);
    match status {
        HealthStatusEnum::EMPTY | HealthStatusEnum::NONE => None,
        HealthStatusEnum::STARTING | HealthStatusEnum::HEALTHY | HealthStatusEnum::UNHEALTHY => {
            Some(Health { status: status.to_string(), failing_streak: health.failing_streak.unwrap_or(0) })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "f9623002f954217048c5a2d694847e54af6ffb3b458063ce676b358876b45d52";

    /// An answer of dockerd 20.10, cut down to what is read; `state` goes into its `State`.
    #[track_caller]
    fn answer(state: &str, labels: &str) -> Facts {
        let text = format!(
            r#"{{"Id": "{ID}", "Created": "2026-11-24T17:05:51.350217075Z", "Name": "/lim", "RestartCount": 3,
                "State": {{{state}}}, "HostConfig": {{"NetworkMode": "default", "CgroupnsMode": "host"}},
                "NetworkSettings": {{"Networks": {{
                    "shop": {{"IPAddress": "10.0.1.3", "IPPrefixLen": 24}},
                    "ingress": {{"IPAddress": "10.0.0.7", "IPPrefixLen": 24}},
                    "v6only": {{"IPAddress": ""}}}}}},
                "Config": {{"Image": "web:2@sha256:5422", "Labels": {labels}}}}}"#
        );
        facts(&serde_json::from_str(&text).unwrap(), &ContainerChoice::default()).unwrap()
    }

    #[test]
    fn a_running_container() {
        let state = r#""Status": "running", "Running": true, "OOMKilled": false, "Pid": 11113, "ExitCode": 0,
            "StartedAt": "2026-11-24T17:05:51.530725861Z", "FinishedAt": "0001-01-01T00:00:00Z""#;
        let facts = answer(state, "{}");
        assert_eq!((facts.status, facts.pid, facts.restart_count), (Status::Running, Some(11_113), 3));
        assert_eq!((facts.identity.name.as_str(), facts.image.as_str()), ("lim", "web:2"));
        assert_eq!(facts.started.unwrap().to_string(), "2026-11-24T17:05:51.530725Z");
        assert_eq!((facts.health, facts.host_network), (None, false));
        let networks: Vec<String> = facts.attachments.iter().map(|at| format!("{} {}", at.network, at.address)).collect();
        assert_eq!(networks, ["ingress 10.0.0.7", "shop 10.0.1.3"]);
    }

    #[test]
    fn a_dead_one_has_no_process() {
        let facts = answer(r#""Status": "exited", "Pid": 0, "ExitCode": 137, "OOMKilled": true"#, "null");
        assert_eq!((facts.status, facts.pid, facts.exit_code, facts.oom_killed), (Status::Exited, None, 137, true));
    }

    #[test]
    fn a_health_check_has_a_result() {
        let facts = answer(r#""Status": "running", "Health": {"Status": "unhealthy", "FailingStreak": 4, "Log": []}"#, "{}");
        assert_eq!(facts.health, Some(Health { status: "unhealthy".to_owned(), failing_streak: 4 }));
        assert_eq!(answer(r#""Status": "running", "Health": {"Status": "none", "FailingStreak": 0}"#, "{}").health, None);
        let ended = answer(r#""Status": "exited", "ExitCode": 0, "Health": {"Status": "unhealthy", "FailingStreak": 0}"#, "{}");
        assert_eq!(ended.health, None);
    }

    #[test]
    fn a_task_is_named_by_its_labels() {
        let labels = r#"{"com.docker.swarm.service.name": "web", "com.docker.swarm.task.name": "web.7.abc"}"#;
        assert_eq!(answer(r#""Status": "created""#, labels).identity.name, "web.7");
    }

    #[test]
    fn an_answer_without_an_id_is_no_container() {
        assert_eq!(facts(&ContainerInspectResponse::default(), &ContainerChoice::default()), None);
    }
}
