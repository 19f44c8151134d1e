//! What runs on this node, asked of dockerd; an inspected container is asked for again only after news of it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bollard::errors::Error as ApiError;
use bollard::models::ContainerSummary;
use bollard::query_parameters::{InspectContainerOptions, ListContainersOptions, ListServicesOptions};

use super::{Container, Service};
use crate::container::Id;

/// How long dockerd may take for one answer, in seconds.
const ANSWER_SECS: u64 = 20;

/// What a worker says when it is asked of the swarm's services.
const NO_MANAGER: &str = "not a swarm manager";

/// Why nothing is known.
#[derive(Debug, thiserror::Error)]
pub(super) enum Blind {
    #[error("dockerd at {0} answered: {1}")]
    Api(PathBuf, #[source] ApiError),
    #[error("dockerd at {0} has not answered within {ANSWER_SECS} s")]
    Slow(PathBuf),
}

/// One container, as last inspected.
#[derive(Debug)]
struct Known {
    /// The line of `docker ps`: another one asks for another look.
    line: String,
    container: Option<Container>,
}

/// What is known of one dockerd.
#[derive(Debug)]
pub(super) struct Sight {
    socket: PathBuf,
    docker: Option<bollard::Docker>,
    known: HashMap<String, Known>,
    /// As of the last answer: in an election nobody answers, and nothing is taken away for that.
    services: Option<Vec<Service>>,
}

impl Sight {
    pub(super) fn new(socket: &Path) -> Self {
        Self { socket: socket.to_owned(), docker: None, known: HashMap::new(), services: None }
    }

    /// There is news of a container.
    pub(super) fn forget(&mut self, id: &Id) {
        self.known.remove(id.as_str());
    }

    /// All that runs now, the containers by id, and the services of the swarm that are published, where this is a manager.
    pub(super) async fn look(&mut self) -> Result<(Vec<Container>, Vec<Service>), Blind> {
        let socket = self.socket.clone();
        let looked = tokio::time::timeout(Duration::from_secs(ANSWER_SECS), self.ask()).await;
        let found = looked.map_err(|_| Blind::Slow(socket.clone())).and_then(|found| found.map_err(|error| Blind::Api(socket, error)));
        if found.is_err() {
            // It may come back as another version.
            self.docker = None;
        }
        found
    }

    async fn ask(&mut self) -> Result<(Vec<Container>, Vec<Service>), ApiError> {
        let docker = self.connected().await?;
        let listed = docker.list_containers(None::<ListContainersOptions>).await?;
        let mut before = std::mem::take(&mut self.known);
        for summary in &listed {
            let Some(id) = summary.id.as_deref().and_then(Id::new) else { continue };
            let line = line(summary);
            let known = before.remove(id.as_str()).filter(|known| known.line == line);
            let known = match known {
                Some(known) => known,
                None => Known { line, container: inspect(&docker, &id).await? },
            };
            self.known.insert(id.as_str().to_owned(), known);
        }
        let mut containers: Vec<Container> = self.known.values().filter_map(|known| known.container.clone()).collect();
        containers.sort_by(|a, b| a.id.cmp(&b.id));
        let services = self.services(&docker).await?;
        Ok((containers, services))
    }

    async fn connected(&mut self) -> Result<bollard::Docker, ApiError> {
        if let Some(docker) = &self.docker {
            return Ok(docker.clone());
        }
        let docker = bollard::Docker::connect_with_unix(&self.socket.to_string_lossy(), ANSWER_SECS, bollard::API_DEFAULT_VERSION)?;
        Ok(self.docker.insert(docker.negotiate_version().await?).clone())
    }

    async fn services(&mut self, docker: &bollard::Docker) -> Result<Vec<Service>, ApiError> {
        let options = ListServicesOptions { status: Some(true), ..ListServicesOptions::default() };
        let services = match docker.list_services(Some(options)).await {
            Ok(services) => services.iter().filter_map(Service::read).collect(),
            Err(ApiError::DockerResponseServerError { message, .. }) if message.contains(NO_MANAGER) => Vec::new(),
            Err(error) => match &self.services {
                Some(services) => services.clone(),
                None => return Err(error),
            },
        };
        self.services = Some(services.clone());
        Ok(services)
    }
}

/// `None` for what is gone meanwhile, or cannot be read.
async fn inspect(docker: &bollard::Docker, id: &Id) -> Result<Option<Container>, ApiError> {
    match docker.inspect_container(id.as_str(), None::<InspectContainerOptions>).await {
        Ok(answer) => Ok(Container::read(&answer)),
        Err(ApiError::DockerResponseServerError { status_code: 404 | 409, .. } | ApiError::JsonDataError { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What changes when a container does: its name, its state, and the health in `Up 3 minutes (healthy)`, without the minutes.
fn line(summary: &ContainerSummary) -> String {
    let names = summary.names.as_deref().unwrap_or_default().join(",");
    let state = summary.state.map(|state| state.to_string()).unwrap_or_default();
    let status = summary.status.as_deref().unwrap_or_default();
    let health = status.rsplit_once('(').map(|(_, health)| health).unwrap_or_default();
    format!("{names} {state} {health}")
}
