//! What happens to containers: Docker's events, as far as they concern us.

use std::collections::HashMap;

use event::Timestamp;

use super::{Facts, Id, Identity, Size};
use crate::ContainerChoice;

/// What the Docker thread tells the sampling thread.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// All containers there are; others are gone.
    All(Vec<Facts>),
    /// A new container, or something new about one.
    Set(Box<Facts>),
    /// A container that is no more.
    Removed(Id),
    /// What happened to one; published as an event.
    Happened(Box<Happening>),
    /// How large its files are.
    Sized(Id, Size),
}

/// An action that is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Made.
    Create,
    /// Its process was started.
    Start,
    /// Its process ended.
    Die,
    /// It ran out of memory.
    Oom,
    /// A signal was sent to it.
    Kill,
    /// Taken away.
    Destroy,
    /// Frozen.
    Pause,
    /// Thawed.
    Unpause,
    /// Its health check came to another result.
    HealthStatus,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 9] =
        [Self::Create, Self::Start, Self::Die, Self::Oom, Self::Kill, Self::Destroy, Self::Pause, Self::Unpause, Self::HealthStatus];

    /// Docker's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Start => "start",
            Self::Die => "die",
            Self::Oom => "oom",
            Self::Kill => "kill",
            Self::Destroy => "destroy",
            Self::Pause => "pause",
            Self::Unpause => "unpause",
            Self::HealthStatus => "health_status",
        }
    }
}

/// Actions that are not published, but change what `inspect` shows.
pub(super) const SILENT: [&str; 3] = ["rename", "restart", "update"];

/// Something that happened to a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happening {
    /// To which one.
    pub id: Id,
    /// What it is called; Docker sends the labels with each event.
    pub identity: Identity,
    /// What.
    pub action: Action,
    /// When, by dockerd's clock.
    pub time: Timestamp,
    /// What the process ended with; with `die`.
    pub exit_code: Option<i64>,
    /// What is to be known besides: the signal of a `kill`, the result of a health check.
    pub detail: Option<String>,
}

/// What an event calls for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Consequence {
    /// The container is to be inspected anew.
    Inspect,
    /// It is no more.
    Forget,
    /// Nothing that `inspect` shows has changed.
    Nothing,
}

/// Reads an event about a container; `None` for what does not concern us (`exec_start`, `attach` …).
pub(super) fn read(
    id: &str,
    action: &str,
    attributes: &HashMap<String, String>,
    nanos: i64,
    choice: &ContainerChoice,
) -> Option<(Id, Option<Happening>, Consequence)> {
    let id = Id::new(id)?;
    let (word, after) = action.split_once(": ").unwrap_or((action, ""));
    if SILENT.contains(&word) {
        return Some((id, None, Consequence::Inspect));
    }
    let action = Action::ALL.into_iter().find(|action| action.as_str() == word)?;
    let text = |key: &str| attributes.get(key).map(String::as_str);
    let detail = match action {
        Action::Kill => text("signal"),
        Action::HealthStatus => Some(after),
        Action::Create | Action::Start | Action::Die | Action::Oom | Action::Destroy | Action::Pause | Action::Unpause => None,
    };
    let happening = Happening {
        identity: Identity::new(text("name").unwrap_or_else(|| id.short(12)), choice, text),
        action,
        time: Timestamp::from_micros(nanos / 1000),
        exit_code: text("exitCode").filter(|_| action == Action::Die).and_then(|code| code.parse().ok()),
        detail: detail.filter(|text| !text.is_empty()).map(str::to_owned),
        id: id.clone(),
    };
    let consequence = match action {
        Action::Create | Action::Start | Action::Die | Action::Pause | Action::Unpause | Action::HealthStatus => Consequence::Inspect,
        Action::Destroy => Consequence::Forget,
        Action::Oom | Action::Kill => Consequence::Nothing,
    };
    Some((id, Some(happening), consequence))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "f9623002f954217048c5a2d694847e54af6ffb3b458063ce676b358876b45d52";

    fn event(action: &str, attributes: &[(&str, &str)]) -> Option<(Id, Option<Happening>, Consequence)> {
        let attributes = attributes.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        read(ID, action, &attributes, 1_795_539_971_929_810_188, &ContainerChoice::default())
    }

    #[track_caller]
    fn happening(action: &str, attributes: &[(&str, &str)]) -> Happening {
        event(action, attributes).and_then(|(_, happening, _)| happening).unwrap()
    }

    #[test]
    fn a_die_tells_the_exit_code_and_the_task() {
        let labels = [
            ("exitCode", "137"),
            ("image", "web:2"),
            ("name", "web.1.k2c1v7whd1cpn2yoz1x4h0vbe"),
            ("com.docker.swarm.service.name", "web"),
            ("com.docker.swarm.task.name", "web.1.k2c1v7whd1cpn2yoz1x4h0vbe"),
        ];
        let died = happening("die", &labels);
        assert_eq!((died.action, died.exit_code, died.detail), (Action::Die, Some(137), None));
        assert_eq!(died.identity.name, "web.1");
        assert_eq!(died.time.to_string(), "2026-11-24T17:06:11.929810Z");
    }

    #[test]
    fn a_kill_tells_the_signal() {
        assert_eq!(happening("kill", &[("name", "db"), ("signal", "9")]).detail.as_deref(), Some("9"));
    }

    #[test]
    fn the_result_of_a_health_check_stands_behind_the_action() {
        let health = happening("health_status: unhealthy", &[("name", "db")]);
        assert_eq!((health.action, health.detail.as_deref()), (Action::HealthStatus, Some("unhealthy")));
    }

    #[test]
    fn a_rename_is_looked_at_and_not_published() {
        let (id, happening, consequence) = event("rename", &[("name", "new"), ("oldName", "/old")]).unwrap();
        assert_eq!((id.as_str(), happening, consequence), (ID, None, Consequence::Inspect));
    }

    #[test]
    fn a_destroyed_container_is_forgotten() {
        let (_, happening, consequence) = event("destroy", &[("name", "db")]).unwrap();
        assert_eq!((happening.unwrap().action, consequence), (Action::Destroy, Consequence::Forget));
    }

    #[test]
    fn what_does_not_concern_us_is_passed_over() {
        for action in ["exec_start: /bin/sh", "attach", "resize", "", "top", "archive-path"] {
            assert_eq!(event(action, &[]), None, "{action}");
        }
        assert_eq!(read("../x", "die", &HashMap::new(), 0, &ContainerChoice::default()), None);
    }
}
