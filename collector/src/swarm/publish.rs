//! What the leader has to say, as samples and events: their host is the swarm's name, so that the next leader goes on with
//! the same series.

use std::collections::{HashMap, HashSet};

use event::{LabelsBuf, Metric, Name, View, mark};

use super::Happening;
use super::node::{Node, State};
use super::picture::Picture;
use super::service::{Mode, Service, Update};
use crate::Samples;
use crate::rows::{Rows, Value};

/// How long an event stays in the index, in seconds: long enough for someone to look.
const TTL_SECS: f32 = 60.0;

/// The series that are being published.
#[derive(Debug)]
pub(super) struct Publisher {
    swarm: String,
    whole: Rows,
    /// By id.
    services: HashMap<String, Rows>,
    nodes: HashMap<String, Rows>,
}

impl Publisher {
    /// For the swarm of this name.
    pub(super) fn new(swarm: &str) -> Self {
        let whole = Rows::new("docker_swarm", None, &[]);
        Self { swarm: swarm.to_owned(), whole, services: HashMap::new(), nodes: HashMap::new() }
    }

    /// Another node leads now, and goes on with the same series.
    pub(super) fn hand_over(&mut self) {
        self.services.clear();
        self.nodes.clear();
    }

    /// Publishes all that there is now, and the end of what is no more.
    pub(super) fn picture(&mut self, picture: &Picture, out: &mut Samples) {
        self.expire(picture, out);
        self.whole(picture, out);
        for service in &picture.services {
            self.service(service, out);
        }
        let mut named: HashSet<&str> = HashSet::new();
        // A node that left and joined again is listed twice under its name, which belongs to the one that lives.
        let (ready, others): (Vec<&Node>, Vec<&Node>) = picture.nodes.iter().partition(|node| node.state == State::Ready);
        for node in ready.into_iter().chain(others) {
            if named.insert(&node.name) {
                self.node(node, &node.name, out);
            } else {
                let id = node.id.get(..4).unwrap_or(&node.id);
                self.node(node, &format!("{}~{id}", node.name), out);
            }
        }
    }

    fn expire(&mut self, picture: &Picture, out: &mut Samples) {
        let swarm = &self.swarm;
        let services: HashSet<&str> = picture.services.iter().map(|service| service.id.as_str()).collect();
        let nodes: HashSet<&str> = picture.nodes.iter().map(|node| node.id.as_str()).collect();
        let mut keep = |rows: &mut HashMap<String, Rows>, alive: &HashSet<&str>| {
            rows.retain(|id, rows| {
                let is_alive = alive.contains(id.as_str());
                if !is_alive {
                    rows.expire(swarm, out);
                }
                is_alive
            });
        };
        keep(&mut self.services, &services);
        keep(&mut self.nodes, &nodes);
    }

    fn whole(&mut self, picture: &Picture, out: &mut Samples) {
        let quorum = picture.quorum();
        let ready = picture.nodes.iter().filter(|node| node.state == State::Ready).count();
        let values = [
            ("services", Value::count(picture.services.len() as u64)),
            ("nodes", Value::count(picture.nodes.len() as u64)),
            ("nodes_ready", Value::count(ready as u64)),
            ("managers", Value::count(quorum.managers)),
            ("managers_reachable", Value::count(quorum.reachable)),
            ("quorum_margin", Value::Int(quorum.margin())),
        ];
        for (field, value) in values {
            self.whole.put(&self.swarm, field, value, out);
        }
    }

    fn service(&mut self, service: &Service, out: &mut Samples) {
        let mode = service.mode.as_str();
        let names = [("swarm_service", service.name.as_str()), ("service_name", &service.name), ("service_mode", mode)];
        let stack = service.stack.as_deref().map(|stack| ("swarm_stack", stack));
        let attributes: Vec<(&str, &str)> = names.into_iter().chain(stack).collect();
        let rows = rows_of(&mut self.services, &service.id, "docker_swarm", &service.name, &attributes);
        let mut put = |field, value| rows.put(&self.swarm, field, value, out);
        if let Some(tasks) = service.tasks {
            put("tasks_running", Value::count(tasks.running));
            put("tasks_desired", Value::count(tasks.desired));
            put("tasks_completed", Value::count(tasks.completed));
            if !service.mode.is_job() {
                put("tasks_missing", Value::count(tasks.desired.saturating_sub(tasks.running)));
            }
        }
        match service.mode {
            Mode::Replicated | Mode::Global => {
                put("tasks_pending", Value::count(service.waiting.pending));
                put("tasks_preparing", Value::count(service.waiting.preparing));
                put("tasks_starting", Value::count(service.waiting.starting));
            }
            Mode::ReplicatedJob { max_concurrent, total_completions } => {
                for (field, value) in [("max_concurrent", max_concurrent), ("total_completions", total_completions)] {
                    value.into_iter().for_each(|value| put(field, Value::count(value)));
                }
            }
            Mode::GlobalJob => {}
        }
        put("tasks_failed", Value::count(service.failed));
        put("update_state", Value::Text(service.update.map_or("none", Update::as_str)));
        put("updating", service.update.is_some_and(Update::is_under_way).into());
        put("update_failed", service.update.is_some_and(Update::is_failed).into());
    }

    fn node(&mut self, node: &Node, name: &str, out: &mut Samples) {
        let attributes = [("node", name), ("role", node.role)];
        let rows = rows_of(&mut self.nodes, &node.id, "docker_node", name, &attributes);
        let mut put = |field, value| rows.put(&self.swarm, field, value, out);
        put("ready", (node.state == State::Ready).into());
        put("node_state", Value::Text(node.state.as_str()));
        put("active", (node.availability == "active").into());
        put("availability", Value::Text(node.availability));
        put("manager", (node.role == "manager").into());
        put("leader", node.is_leader().into());
        if let Some(manager) = node.manager {
            put("reachable", manager.is_reachable().into());
            put("reachability", Value::Text(manager.reachability));
        }
    }

    /// Publishes what happened: `docker_event/NAME/ACTION`, metric 1.
    pub(super) fn happened(&self, happening: &Happening, out: &mut Samples) {
        let mut labels = LabelsBuf::new();
        labels.mark(mark::SKEP);
        let texts = [
            ("action", Some(happening.action.as_str())),
            ("swarm_service", happening.service.as_deref()),
            ("swarm_stack", happening.stack.as_deref()),
            ("node", happening.node.as_deref()),
        ];
        for (key, text) in texts {
            if let Some(text) = text {
                labels.attribute(key.as_bytes(), text.as_bytes());
            }
        }
        if let Some(code) = happening.exit_code {
            labels.attribute(b"exit_code", code.to_string().as_bytes());
        }
        let service = Name::of("docker_event", &happening.name, happening.action.as_str()).to_string();
        out.event(&View {
            time: Some(happening.time),
            state: happening.state.as_deref().map(str::as_bytes),
            service: Some(service.as_bytes()),
            host: Some(self.swarm.as_bytes()),
            description: happening.description.as_deref().map(str::as_bytes),
            ttl: Some(TTL_SECS),
            metric: Some(Metric::Int(1)),
            labels: labels.view(),
        });
    }
}

/// Those of this id; built anew when it is called otherwise, or has other attributes.
fn rows_of<'a>(
    all: &'a mut HashMap<String, Rows>,
    id: &str,
    measurement: &'static str,
    name: &str,
    attributes: &[(&str, &str)],
) -> &'a mut Rows {
    let rows = all.entry(id.to_owned()).or_insert_with(|| Rows::new(measurement, Some(name), attributes));
    if rows.instance() != Some(name) || !rows.has(attributes) {
        *rows = Rows::new(measurement, Some(name), attributes);
    }
    rows
}

#[cfg(test)]
mod tests {
    use event::{Event, Timestamp, msg};

    use super::super::happening::Action;
    use super::super::service::Tasks;
    use super::super::task::Waiting;
    use super::*;

    fn service(id: &str, name: &str) -> Service {
        Service {
            id: id.into(),
            name: name.into(),
            stack: Some("shop".into()),
            mode: Mode::Replicated,
            tasks: Some(Tasks { running: 2, desired: 3, completed: 0 }),
            update: Some(Update::Paused),
            failed: 7,
            waiting: Waiting { pending: 0, preparing: 1, starting: 0 },
        }
    }

    fn node(id: &str, name: &str, state: State) -> Node {
        Node { id: id.into(), name: name.into(), role: "worker", state, availability: "active", manager: None }
    }

    /// What is published of a picture, as `SERVICE VALUE`.
    fn published(publisher: &mut Publisher, picture: &Picture) -> Vec<String> {
        let mut samples = Samples::new("manager1");
        samples.begin(Timestamp::from_secs(60));
        publisher.picture(picture, &mut samples);
        let events: Vec<Event> = samples.messages().flat_map(msg::events).map(|view| Event::from(&view)).collect();
        assert!(events.iter().all(|event| event.host.as_deref() == Some("prod") && event.marks == ["skep"]), "{events:?}");
        let services: HashSet<_> = events.iter().map(|event| event.service.as_deref()).collect();
        assert_eq!(services.len(), events.len(), "no two samples of one turn share a service");
        let known = |service: &str| {
            let name = Name::split(service).unwrap();
            catalogue::find(name.measurement, name.field).is_some()
        };
        assert!(events.iter().all(|event| known(event.service.as_deref().unwrap())), "{events:?}");
        let text = |event: &Event| {
            let value = event.metric.map(|metric| metric.as_f64().to_string()).or_else(|| event.state.clone());
            format!("{} {}", event.service.as_deref().unwrap(), value.unwrap())
        };
        events.iter().map(text).collect()
    }

    #[test]
    fn a_service_shows_its_tasks_its_failures_and_its_update() {
        let picture = Picture { services: vec![service("a", "shop_web")], nodes: Vec::new() };
        let seen = published(&mut Publisher::new("prod"), &picture);
        let expected = [
            "docker_swarm/services 1",
            "docker_swarm/nodes 0",
            "docker_swarm/nodes_ready 0",
            "docker_swarm/managers 0",
            "docker_swarm/managers_reachable 0",
            "docker_swarm/quorum_margin -1",
            "docker_swarm/shop_web/tasks_running 2",
            "docker_swarm/shop_web/tasks_desired 3",
            "docker_swarm/shop_web/tasks_completed 0",
            "docker_swarm/shop_web/tasks_missing 1",
            "docker_swarm/shop_web/tasks_pending 0",
            "docker_swarm/shop_web/tasks_preparing 1",
            "docker_swarm/shop_web/tasks_starting 0",
            "docker_swarm/shop_web/tasks_failed 7",
            "docker_swarm/shop_web/update_state paused",
            "docker_swarm/shop_web/updating 0",
            "docker_swarm/shop_web/update_failed 1",
        ];
        assert_eq!(seen, expected);
    }

    #[test]
    fn a_job_shows_what_it_is_to_complete_and_misses_nothing() {
        let job = Mode::ReplicatedJob { max_concurrent: Some(2), total_completions: Some(3) };
        let job = Service { mode: job, update: None, ..service("a", "job") };
        let seen = published(&mut Publisher::new("prod"), &Picture { services: vec![job], nodes: Vec::new() });
        assert!(seen.contains(&"docker_swarm/job/total_completions 3".to_owned()), "{seen:?}");
        assert!(seen.contains(&"docker_swarm/job/update_state none".to_owned()), "{seen:?}");
        assert!(!seen.iter().any(|text| text.contains("tasks_missing") || text.contains("tasks_pending")), "{seen:?}");
    }

    #[test]
    fn what_is_removed_expires_once_and_what_another_leader_tells_on_does_not() {
        let mut publisher = Publisher::new("prod");
        let both = Picture { services: vec![service("a", "web"), service("b", "db")], nodes: vec![node("n1", "worker1", State::Ready)] };
        published(&mut publisher, &both);
        let one = Picture { services: vec![service("a", "web")], ..Picture::default() };
        let expired: Vec<String> = published(&mut publisher, &one).into_iter().filter(|text| text.ends_with(" expired")).collect();
        assert!(expired.contains(&"docker_swarm/db/tasks_running expired".to_owned()), "{expired:?}");
        assert!(expired.contains(&"docker_node/worker1/ready expired".to_owned()), "{expired:?}");
        assert!(!expired.iter().any(|text| text.contains("/web/")), "{expired:?}");
        let again = published(&mut publisher, &one);
        assert!(!again.iter().any(|text| text.ends_with(" expired")), "{again:?}");
        publisher.hand_over();
        assert!(!published(&mut publisher, &Picture::default()).iter().any(|text| text.ends_with(" expired")));
    }

    #[test]
    fn a_node_that_left_and_joined_again_has_its_name_and_the_old_entry_another() {
        let nodes = vec![node("0ldidx", "worker1", State::Down), node("newidx", "worker1", State::Ready)];
        let seen = published(&mut Publisher::new("prod"), &Picture { services: Vec::new(), nodes });
        assert!(seen.contains(&"docker_node/worker1/ready 1".to_owned()), "{seen:?}");
        assert!(seen.contains(&"docker_node/worker1~0ldi/ready 0".to_owned()), "{seen:?}");
    }

    #[test]
    fn a_failed_task_is_an_event_of_its_service_with_exit_code_and_error() {
        let happening = Happening {
            action: Action::TaskFailed,
            name: "shop_web".into(),
            service: Some("shop_web".into()),
            stack: Some("shop".into()),
            node: Some("worker1".into()),
            time: Timestamp::from_secs(59),
            state: None,
            exit_code: Some(3),
            description: Some("task shop_web.1 (ftaucht): task: non-zero exit (3)".into()),
        };
        let mut samples = Samples::new("manager1");
        samples.begin(Timestamp::from_secs(60));
        Publisher::new("prod").happened(&happening, &mut samples);
        let event = samples.messages().flat_map(msg::events).map(|view| Event::from(&view)).next().unwrap();
        assert_eq!(event.service.as_deref(), Some("docker_event/shop_web/task_failed"));
        assert_eq!((event.host.as_deref(), event.time, event.ttl), (Some("prod"), Some(Timestamp::from_secs(59)), Some(60.0)));
        assert_eq!(event.description, happening.description);
        let attributes: Vec<String> = event.attributes.iter().map(|(key, value)| format!("{key}={value}")).collect();
        assert_eq!(attributes, ["action=task_failed", "swarm_service=shop_web", "swarm_stack=shop", "node=worker1", "exit_code=3"]);
    }
}
