//! What happened to a container, as an event: `docker_event/NAME/ACTION`, metric 1.

use event::{LabelsBuf, Metric, Name, View, mark};

use super::Happening;
use super::happening::Action;
use super::series::{Out, label};

/// How long an event stays in the index, in seconds: long enough for someone to look.
const TTL_SECS: f32 = 60.0;

/// Hands out the event. Its name is that of the task, whichever container has it at the moment, so that a deploy makes no
/// new series; the description names the container.
///
/// `is_planned` tells with a `die` whether it was wanted.
pub(super) fn publish(happening: &Happening, is_planned: Option<bool>, out: &mut impl Out) {
    let action = happening.action.as_str();
    let name = &happening.identity.name;
    let mut labels = LabelsBuf::new();
    labels.mark(mark::SKEP).attribute(b"action", action.as_bytes());
    label(&mut labels, name, &happening.identity);
    if let Some(code) = happening.exit_code {
        labels.attribute(b"exit_code", code.to_string().as_bytes());
    }
    if let Some(is_planned) = is_planned {
        labels.attribute(b"planned", if is_planned { b"true" } else { b"false" });
    }
    let detail = happening.detail.as_deref();
    if let (Action::Kill, Some(signal)) = (happening.action, detail) {
        labels.attribute(b"signal", signal.as_bytes());
    }
    let health = detail.filter(|_| happening.action == Action::HealthStatus);
    let service = Name::of("docker_event", name, action).to_string();
    out.event(&View {
        time: Some(happening.time),
        state: health.map(str::as_bytes),
        service: Some(service.as_bytes()),
        description: Some(format!("container {}", happening.id.as_str()).as_bytes()),
        ttl: Some(TTL_SECS),
        metric: Some(Metric::Int(1)),
        labels: labels.view(),
        host: None,
    });
}

#[cfg(test)]
mod tests {
    use event::{Duration, Event, Labels, Timestamp};

    use super::super::series::Value;
    use super::super::{Id, Identity};
    use super::*;

    struct Last(Event);

    impl Out for Last {
        fn every(&mut self, _: Duration) {}

        fn sample(&mut self, _: &str, _: Labels<'_>, _: Value<'_>) {}

        fn event(&mut self, event: &View<'_>) {
            self.0 = Event::from(event);
        }
    }

    #[track_caller]
    fn published(action: Action, exit_code: Option<i64>, detail: Option<&str>) -> Event {
        let happening = Happening {
            id: Id::new("59bfc5f995fa").unwrap(),
            identity: Identity {
                name: "web.1".into(),
                service: Some("web".into()),
                stack: Some("shop".into()),
                slot: Some("1".into()),
                ..Identity::default()
            },
            action,
            time: Timestamp::from_secs(1_795_539_971),
            exit_code,
            detail: detail.map(str::to_owned),
        };
        let mut last = Last(Event::default());
        publish(&happening, (action == Action::Die).then_some(false), &mut last);
        last.0
    }

    #[track_caller]
    fn check(event: &Event, service: &str, more: &[(&str, &str)]) {
        assert_eq!(event.service.as_deref(), Some(service));
        assert_eq!((event.metric, event.time), (Some(Metric::Int(1)), Some(Timestamp::from_secs(1_795_539_971))));
        let action = service.rsplit('/').next().unwrap();
        let names = [("container_name", "web.1"), ("swarm_service", "web"), ("swarm_stack", "shop"), ("task_slot", "1")];
        let expected: Vec<(String, String)> =
            [("action", action)].iter().chain(&names).chain(more).map(|(key, value)| ((*key).into(), (*value).into())).collect();
        assert_eq!(event.attributes, expected);
    }

    #[test]
    fn a_die_carries_its_exit_code() {
        check(&published(Action::Die, Some(137), None), "docker_event/web.1/die", &[("exit_code", "137"), ("planned", "false")]);
    }

    #[test]
    fn a_kill_carries_its_signal() {
        check(&published(Action::Kill, None, Some("15")), "docker_event/web.1/kill", &[("signal", "15")]);
    }

    #[test]
    fn a_health_check_tells_its_result_as_state() {
        let event = published(Action::HealthStatus, None, Some("unhealthy"));
        check(&event, "docker_event/web.1/health_status", &[]);
        assert_eq!(event.state.as_deref(), Some("unhealthy"));
        assert_eq!(event.description.as_deref(), Some("container 59bfc5f995fa"));
    }
}
