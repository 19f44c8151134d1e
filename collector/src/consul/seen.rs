//! What dockerd shows of containers and swarm services, as far as it concerns Consul.

use std::collections::HashMap;
use std::net::IpAddr;

use bollard::models::{
    self, ContainerInspectResponse, EndpointPortConfig, EndpointPortConfigProtocolEnum, EndpointPortConfigPublishModeEnum, HealthStatusEnum,
};

use super::Metadata;

/// What names the swarm service of a container.
const SERVICE_LABEL: &str = "com.docker.swarm.service.name";

/// How a port is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

/// A port of a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Port {
    /// Within the container.
    pub number: u16,
    /// How it is spoken to.
    pub protocol: Protocol,
    /// Where the node shows it; `None`: only the container's networks do.
    pub published: Option<Published>,
}

/// Where a port is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Published {
    /// `None`: at all addresses of the node.
    pub address: Option<IpAddr>,
    /// On the node.
    pub port: u16,
}

/// The result of a container's health check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// It has none.
    Unchecked,
    /// Not known yet.
    Starting,
    /// Good.
    Healthy,
    /// Bad.
    Unhealthy,
}

/// A container that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Container {
    /// Docker's, whole.
    pub id: String,
    /// Docker's name of it.
    pub name: String,
    /// The image's name, without registry, path and version.
    pub image: String,
    /// Of which swarm service it is a task.
    pub service: Option<String>,
    /// Its ports, in order.
    pub ports: Vec<Port>,
    /// Its addresses by the networks' names, in order.
    pub networks: Vec<(String, IpAddr)>,
    /// What its environment and labels say.
    pub metadata: Metadata,
    /// How it does.
    pub health: Health,
}

impl Container {
    /// Reads an answer to `inspect`; `None` for what does not run.
    pub fn read(answer: &ContainerInspectResponse) -> Option<Self> {
        let state = answer.state.as_ref()?;
        if state.running != Some(true) || state.restarting == Some(true) {
            return None;
        }
        let config = answer.config.as_ref()?;
        let none = HashMap::new();
        let labels = config.labels.as_ref().unwrap_or(&none);
        let settings = answer.network_settings.as_ref();
        let networks = settings.and_then(|settings| settings.networks.as_ref());
        let mut networks: Vec<(String, IpAddr)> = networks
            .into_iter()
            .flatten()
            .filter_map(|(name, endpoint)| Some((name.clone(), endpoint.ip_address.as_deref()?.parse().ok()?)))
            .collect();
        networks.sort();
        Some(Self {
            id: answer.id.clone()?,
            name: answer.name.as_deref().unwrap_or_default().trim_start_matches('/').to_owned(),
            image: image(config.image.as_deref().unwrap_or_default()),
            service: labels.get(SERVICE_LABEL).cloned(),
            ports: settings.and_then(|settings| settings.ports.as_ref()).map(ports).unwrap_or_default(),
            networks,
            metadata: Metadata::read(config.env.as_deref().unwrap_or_default(), labels),
            health: health(state.health.as_ref().and_then(|health| health.status)),
        })
    }
}

fn health(status: Option<HealthStatusEnum>) -> Health {
    match status {
        None | Some(HealthStatusEnum::EMPTY | HealthStatusEnum::NONE) => Health::Unchecked,
        Some(HealthStatusEnum::STARTING) => Health::Starting,
        Some(HealthStatusEnum::HEALTHY) => Health::Healthy,
        Some(HealthStatusEnum::UNHEALTHY) => Health::Unhealthy,
    }
}

/// `registry:5000/shop/web:2@sha256:…` is `web`.
fn image(name: &str) -> String {
    let name = name.split('@').next().unwrap_or_default();
    let last = name.rsplit('/').next().unwrap_or_default();
    last.split(':').next().unwrap_or_default().to_owned()
}

/// `80/tcp` to where it is published. One that is published for both families stands there twice, and counts once.
fn ports(map: &models::PortMap) -> Vec<Port> {
    let mut ports: Vec<Port> = Vec::new();
    for (key, bindings) in map {
        let (number, protocol) = key.split_once('/').unwrap_or((key, "tcp"));
        let protocol = match protocol {
            "tcp" => Protocol::Tcp,
            "udp" => Protocol::Udp,
            _ => continue,
        };
        let Ok(number) = number.parse() else { continue };
        let mut published: Vec<Published> = bindings.iter().flatten().filter_map(published).collect();
        published.sort();
        published.dedup();
        let bare = Port { number, protocol, published: None };
        if published.is_empty() {
            ports.push(bare);
        }
        ports.extend(published.into_iter().map(|published| Port { published: Some(published), ..bare }));
    }
    ports.sort();
    ports
}

fn published(binding: &models::PortBinding) -> Option<Published> {
    let port = binding.host_port.as_deref()?.parse().ok().filter(|port| *port > 0)?;
    let address = binding.host_ip.as_deref().and_then(|address| address.parse().ok());
    Some(Published { address: address.filter(|address: &IpAddr| !address.is_unspecified()), port })
}

/// A swarm service that is published on all nodes, as a manager sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its name in the swarm.
    pub name: String,
    /// Ports of the routing mesh, in order.
    pub ports: Vec<Port>,
    /// What the environment and labels of its containers, and its own labels, say.
    pub metadata: Metadata,
    /// Tasks that run; `None` where this dockerd does not count them.
    pub running: Option<u64>,
}

impl Service {
    /// Reads one of the swarm's services; `None` for those without a port of the routing mesh.
    pub fn read(service: &models::Service) -> Option<Self> {
        let ports = service.endpoint.as_ref()?.ports.as_ref()?;
        let mut ports: Vec<Port> = ports.iter().filter_map(mesh_port).collect();
        ports.sort();
        if ports.is_empty() {
            return None;
        }
        let spec = service.spec.as_ref()?;
        let container = spec.task_template.as_ref().and_then(|task| task.container_spec.as_ref());
        let (none, nothing) = (HashMap::new(), Vec::new());
        let environment = container.and_then(|container| container.env.as_ref()).unwrap_or(&nothing);
        let labels = container.and_then(|container| container.labels.as_ref()).unwrap_or(&none);
        let metadata = Metadata::read(environment, labels).overlaid(spec.labels.as_ref().unwrap_or(&none));
        let running = service.service_status.as_ref().and_then(|status| status.running_tasks);
        Some(Self { name: spec.name.clone()?, ports, metadata, running })
    }
}

fn mesh_port(port: &EndpointPortConfig) -> Option<Port> {
    if port.publish_mode == Some(EndpointPortConfigPublishModeEnum::HOST) {
        return None;
    }
    let protocol = match port.protocol {
        None | Some(EndpointPortConfigProtocolEnum::EMPTY | EndpointPortConfigProtocolEnum::TCP) => Protocol::Tcp,
        Some(EndpointPortConfigProtocolEnum::UDP) => Protocol::Udp,
        Some(EndpointPortConfigProtocolEnum::SCTP) => return None,
    };
    let number = |port: Option<i64>| u16::try_from(port?).ok().filter(|port| *port > 0);
    let published = Published { address: None, port: number(port.published_port)? };
    Some(Port { number: number(port.target_port)?, protocol, published: Some(published) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_s_ports_are_read_once_for_both_families() {
        let answer = r#"{"Id": "f9623002f954", "Name": "/web", "State": {"Running": true, "Health": {"Status": "unhealthy"}},
            "Config": {"Image": "registry:5000/shop/web:2@sha256:54", "Env": ["SERVICE_NAME=shop"], "Labels": {"com.docker.swarm.service.name": "s_web"}},
            "NetworkSettings": {"Ports": {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}, {"HostIp": "::", "HostPort": "8080"}],
                "53/udp": [{"HostIp": "10.1.0.1", "HostPort": "53"}], "9000/tcp": null, "7/sctp": null},
                "Networks": {"shop": {"IPAddress": "10.0.1.3"}, "none": {"IPAddress": ""}}}}"#;
        let container = Container::read(&serde_json::from_str(answer).unwrap()).unwrap();
        let port = |number, protocol, published| Port { number, protocol, published };
        let at = |address: Option<&str>, port| Some(Published { address: address.map(|address| address.parse().unwrap()), port });
        let expected =
            [port(53, Protocol::Udp, at(Some("10.1.0.1"), 53)), port(80, Protocol::Tcp, at(None, 8080)), port(9000, Protocol::Tcp, None)];
        assert_eq!(container.ports, expected);
        assert_eq!((container.image.as_str(), container.name.as_str(), container.service.as_deref()), ("web", "web", Some("s_web")));
        assert_eq!((container.health, container.networks.len()), (Health::Unhealthy, 1));
    }

    #[test]
    fn what_does_not_run_is_no_container() {
        for state in [r#"{"Running": false}"#, r#"{"Running": true, "Restarting": true}"#, "{}"] {
            let answer = format!(r#"{{"Id": "f9623002f954", "Name": "/web", "State": {state}, "Config": {{}}}}"#);
            assert_eq!(Container::read(&serde_json::from_str(&answer).unwrap()), None, "{state}");
        }
    }

    #[test]
    fn a_service_shows_its_ports_of_the_mesh_and_its_own_labels_win() {
        let answer = r#"{"ID": "x", "Spec": {"Name": "web", "Labels": {"SERVICE_NAME": "shop"},
                "TaskTemplate": {"ContainerSpec": {"Env": ["SERVICE_NAME=inner", "SERVICE_TAGS=a"]}}, "Mode": {"Global": {}}},
            "Endpoint": {"Ports": [{"Protocol": "tcp", "TargetPort": 80, "PublishedPort": 8080, "PublishMode": "ingress"},
                {"Protocol": "tcp", "TargetPort": 81, "PublishedPort": 8081, "PublishMode": "host"}]},
            "ServiceStatus": {"RunningTasks": 2, "DesiredTasks": 3}}"#;
        let service = Service::read(&serde_json::from_str(answer).unwrap()).unwrap();
        assert_eq!((service.ports.len(), service.running), (1, Some(2)));
        assert_eq!((service.metadata.general("name"), service.metadata.general("tags")), (Some("shop"), Some("a")));
    }
}
