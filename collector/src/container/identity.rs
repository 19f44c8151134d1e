//! What a container is called: the name that outlives it, and the labels that are told.

use crate::ContainerChoice;

/// Labels that dockerd puts on the containers of a swarm's tasks.
mod label {
    pub(super) const SERVICE: &str = "com.docker.swarm.service.name";
    pub(super) const TASK: &str = "com.docker.swarm.task.name";
    pub(super) const STACK: &str = "com.docker.stack.namespace";
}

/// What a container stands for. A task's next container stands for the same, so a deploy makes no new series.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// `SERVICE.SLOT` for a replicated service's task, `SERVICE` for a global one's, else Docker's name.
    pub name: String,
    /// The service it is a task of.
    pub service: Option<String>,
    /// The stack that was deployed.
    pub stack: Option<String>,
    /// The slot of a replicated service: `1`, `2` …
    pub slot: Option<String>,
    /// Labels that were chosen to be told.
    pub labels: Vec<(String, String)>,
    /// It was chosen not to be watched.
    pub is_unwanted: bool,
}

impl Identity {
    /// From Docker's name, with or without its leading `/`, and the container's labels.
    pub fn new<'a>(docker_name: &str, choice: &ContainerChoice, label: impl Fn(&str) -> Option<&'a str>) -> Self {
        let service = label(label::SERVICE).filter(|name| !name.is_empty());
        let slot = service.and_then(|service| slot(service, label(label::TASK)?));
        let name = match (service, slot) {
            (Some(service), Some(slot)) => format!("{service}.{slot}"),
            (Some(service), None) => service.to_owned(),
            (None, _) => docker_name.trim_start_matches('/').to_owned(),
        };
        let is_unwanted = !choice.wants([&name, docker_name.trim_start_matches('/')], &label);
        let owned = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
        Self {
            name,
            service: owned(service),
            stack: owned(label(label::STACK)),
            slot: owned(slot),
            labels: choice.told(&label),
            is_unwanted,
        }
    }
}

/// The slot in `SERVICE.SLOT.TASK`. A global task has its node's id there, 25 letters and digits.
fn slot<'a>(service: &str, task: &'a str) -> Option<&'a str> {
    let (slot, _) = task.strip_prefix(service)?.strip_prefix('.')?.split_once('.')?;
    (!slot.is_empty() && slot.len() < 20 && slot.bytes().all(|byte| byte.is_ascii_digit())).then_some(slot)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(docker_name: &str, labels: &[(&str, &str)], name: &str, slot: Option<&str>) -> Identity {
        let identity = Identity::new(docker_name, &ContainerChoice::default(), |key| {
            labels.iter().find(|(found, _)| *found == key).map(|(_, value)| *value)
        });
        assert_eq!(identity.name, name);
        assert_eq!(identity.slot.as_deref(), slot);
        identity
    }

    #[test]
    fn a_replicated_task_is_its_service_and_slot() {
        let labels = [(label::SERVICE, "shop_web"), (label::TASK, "shop_web.12.k2c1v7whd1cpn2yoz1x4h0vbe"), (label::STACK, "shop")];
        let identity = check("/shop_web.12.k2c1v7whd1cpn2yoz1x4h0vbe", &labels, "shop_web.12", Some("12"));
        assert_eq!(identity.service.as_deref(), Some("shop_web"));
        assert_eq!(identity.stack.as_deref(), Some("shop"));
    }

    #[test]
    fn a_global_task_is_its_service() {
        let labels = [(label::SERVICE, "agent"), (label::TASK, "agent.ii7z2iyo05hspdf3o5bmhzfxb.k2c1v7whd1cpn2yoz1x4h0vbe")];
        let identity = check("/agent.ii7z2iyo05hspdf3o5bmhzfxb.k2c1v7whd1cpn2yoz1x4h0vbe", &labels, "agent", None);
        assert_eq!(identity.stack, None);
    }

    #[test]
    fn a_service_name_may_hold_a_dot() {
        let labels = [(label::SERVICE, "my.web"), (label::TASK, "my.web.3.k2c1v7whd1cpn2yoz1x4h0vbe")];
        check("/my.web.3.k2c1v7whd1cpn2yoz1x4h0vbe", &labels, "my.web.3", Some("3"));
    }

    #[test]
    fn any_other_container_has_dockers_name() {
        let identity = check("/quiet_hopper", &[], "quiet_hopper", None);
        assert_eq!(identity.service, None);
        check("db", &[(label::SERVICE, "")], "db", None);
    }

    #[test]
    fn a_strange_task_name_has_no_slot() {
        for task in ["", "web", "web.", "web..x", "web.1", "other.1.x", "web.99999999999999999999999.x"] {
            check("/x", &[(label::SERVICE, "web"), (label::TASK, task)], "web", None);
        }
    }
}
