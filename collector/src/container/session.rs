//! One connection's worth of talk with dockerd: all containers, then its events, and all again each minute.

use std::collections::HashMap;
use std::future::Future;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::time::Duration;

use bollard::errors::Error as ApiError;
use bollard::models::{ContainerSummary, EventMessage};
use bollard::query_parameters::{EventsOptions, InspectContainerOptions, ListContainersOptions};
use futures_util::StreamExt as _;
use tokio::net::UnixStream;

use super::docker::Out;
use super::greeter::Greeter;
use super::happening::{Action, Consequence, SILENT, read};
use super::{Change, Facts, Id, Identity, inspect};
use crate::ContainerChoice;

/// How long dockerd may take for one answer, in seconds. A loaded one needs seconds; one that hangs is left and tried again.
const ANSWER_SECS: u64 = 20;

/// How often the list is compared, in case an event was missed.
const LIST_EVERY: Duration = Duration::from_secs(60);

/// Every so many lists all containers are inspected, not only those whose line has changed.
const INSPECT_ALL_EVERY: u32 = 10;

/// Why a session is over.
#[derive(Debug)]
pub(super) enum Ended {
    /// The sampling thread is gone.
    NobodyListens,
    /// After it had worked.
    Worked(Trouble),
    /// Before.
    Refused(Trouble),
}

impl From<Trouble> for Ended {
    fn from(trouble: Trouble) -> Self {
        Self::Refused(trouble)
    }
}

/// What is wrong with dockerd, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    /// No socket.
    #[error("containers are not watched: there is no Docker socket at {0}; start dockerd, mount the socket here, or set its path")]
    Missing(PathBuf),
    /// No permission.
    #[error("containers are not watched: may not open {0}; run as root or as a member of the socket's group, usually docker")]
    Denied(PathBuf),
    /// Nobody behind the socket.
    #[error("no news of containers: nobody answers at {0}; is dockerd running?")]
    Silent(PathBuf, #[source] io::Error),
    /// It takes too long.
    #[error("no news of containers: dockerd at {0} has not answered within {ANSWER_SECS} s; known containers are sampled on")]
    Slow(PathBuf),
    /// The API answered with an error.
    #[error("no news of containers: dockerd at {0} answered: {1}; known containers are sampled on")]
    Api(PathBuf, #[source] ApiError),
    /// The stream of events has ended.
    #[error("no news of containers: dockerd at {0} has closed its stream of events; known containers are sampled on")]
    Closed(PathBuf),
}

pub(super) struct Session {
    socket: PathBuf,
    docker: bollard::Docker,
    out: Out,
    choice: ContainerChoice,
    greeter: Option<Greeter>,
    known: HashMap<Id, Facts>,
    n_lists: u32,
}

impl Session {
    /// Connects, and agrees on a version of the API.
    pub(super) async fn open(socket: &Path, choice: ContainerChoice, greeter: Option<Greeter>, out: Out) -> Result<Self, Ended> {
        knock(socket).await?;
        let path = socket.to_string_lossy();
        let api = |err| Trouble::Api(socket.to_owned(), err);
        let docker = bollard::Docker::connect_with_unix(&path, ANSWER_SECS, bollard::API_DEFAULT_VERSION).map_err(api)?;
        let docker = in_time(socket, docker.negotiate_version()).await?.map_err(api)?;
        Ok(Self { socket: socket.to_owned(), docker, out, choice, greeter, known: HashMap::new(), n_lists: 0 })
    }

    /// Runs until something fails. `since` is the time of the last event seen, in nanoseconds.
    pub(super) async fn run(&mut self, since: &mut i64) -> Ended {
        match self.listen(since).await {
            Ok(never) => match never {},
            Err(ended) => ended,
        }
    }

    async fn listen(&mut self, since: &mut i64) -> Result<std::convert::Infallible, Ended> {
        self.list().await?;
        let docker = self.docker.clone();
        let mut events = pin!(docker.events(Some(wanted(*since))));
        let mut minute = tokio::time::interval(LIST_EVERY);
        minute.tick().await;
        loop {
            tokio::select! {
                event = events.next() => match event {
                    Some(Ok(event)) => self.on_event(&event, since).await?,
                    // One that bollard cannot read; the next list makes up for it.
                    Some(Err(ApiError::JsonDataError { .. })) => {}
                    Some(Err(err)) => return Err(self.api(err)),
                    None => return Err(Trouble::Closed(self.socket.clone()).into()),
                },
                _ = minute.tick() => self.list().await?,
            }
        }
    }

    /// Tells of all containers, inspecting those that are new or look changed.
    async fn list(&mut self) -> Result<(), Ended> {
        let options = ListContainersOptions { all: true, ..ListContainersOptions::default() };
        let all = in_time(&self.socket, self.docker.list_containers(Some(options))).await?.map_err(|err| self.api(err))?;
        let trusts = !self.n_lists.is_multiple_of(INSPECT_ALL_EVERY);
        self.n_lists = self.n_lists.wrapping_add(1);
        let mut before = std::mem::take(&mut self.known);
        for summary in &all {
            let Some(id) = summary.id.as_deref().and_then(Id::new) else { continue };
            let known = before.remove(&id).filter(|facts| trusts && is_unchanged(facts, summary, &self.choice));
            let facts = match known {
                Some(facts) => Some(facts),
                None => self.inspect(&id).await?,
            };
            self.known.extend(facts.map(|facts| (id, facts)));
        }
        self.out.send(Change::All(self.known.values().cloned().collect())).await
    }

    async fn on_event(&mut self, event: &EventMessage, since: &mut i64) -> Result<(), Ended> {
        let nanos = event.time_nano.unwrap_or(0);
        *since = (*since).max(nanos);
        let (Some(action), Some(actor)) = (&event.action, &event.actor) else { return Ok(()) };
        let none = HashMap::new();
        let attributes = actor.attributes.as_ref().unwrap_or(&none);
        let id = actor.id.as_deref().unwrap_or_default();
        let Some((id, happening, consequence)) = read(id, action, attributes, nanos, &self.choice) else { return Ok(()) };
        let is_started = happening.as_ref().is_some_and(|happening| happening.action == Action::Start);
        if let Some(happening) = happening {
            self.out.send(Change::Happened(Box::new(happening))).await?;
        }
        match consequence {
            Consequence::Nothing => Ok(()),
            Consequence::Forget => self.forget(id).await,
            Consequence::Inspect => match self.inspect(&id).await? {
                Some(facts) => {
                    if let Some(greeter) = self.greeter.as_ref().filter(|_| is_started) {
                        greeter.greet(&facts);
                    }
                    self.known.insert(id, facts.clone());
                    self.out.send(Change::Set(Box::new(facts))).await
                }
                None => self.forget(id).await,
            },
        }
    }

    async fn forget(&mut self, id: Id) -> Result<(), Ended> {
        self.known.remove(&id);
        self.out.send(Change::Removed(id)).await
    }

    /// `None` when it is no more, or when this one's answer cannot be read.
    async fn inspect(&self, id: &Id) -> Result<Option<Facts>, Ended> {
        let answer = self.docker.inspect_container(id.as_str(), None::<InspectContainerOptions>);
        match in_time(&self.socket, answer).await? {
            Ok(answer) => Ok(inspect::facts(&answer, &self.choice)),
            Err(ApiError::DockerResponseServerError { status_code: 404 | 409, .. }) => Ok(None),
            Err(err @ ApiError::JsonDataError { .. }) => {
                tracing::debug!("container {}: {err}", id.short(12));
                Ok(None)
            }
            Err(err) => Err(self.api(err)),
        }
    }

    fn api(&self, err: ApiError) -> Ended {
        Trouble::Api(self.socket.clone(), err).into()
    }
}

/// Whether the line of `docker ps` tells nothing new. A health check's failures are not in that line.
fn is_unchanged(facts: &Facts, summary: &ContainerSummary, choice: &ContainerChoice) -> bool {
    let labels = summary.labels.as_ref();
    let label = |key: &str| labels.and_then(|labels| labels.get(key)).map(String::as_str);
    // A linked container has further names, `/OTHER/ALIAS`.
    let names = summary.names.iter().flatten().map(|name| name.trim_start_matches('/'));
    let name = names.into_iter().find(|name| !name.contains('/')).unwrap_or_default();
    let state = summary.state.map(|state| state.to_string()).unwrap_or_default();
    facts.health.is_none() && state == facts.status.as_str() && Identity::new(name, choice, label) == facts.identity
}

/// The events that concern us; the many of health checks (`exec_start` …) stay with dockerd.
fn wanted(since: i64) -> EventsOptions {
    let actions = Action::ALL.iter().map(|action| action.as_str()).chain(SILENT).map(str::to_owned).collect();
    let filters = HashMap::from([("type".to_owned(), vec!["container".to_owned()]), ("event".to_owned(), actions)]);
    let since = since.saturating_add(1);
    let since = format!("{}.{:09}", since.div_euclid(1_000_000_000), since.rem_euclid(1_000_000_000));
    EventsOptions { since: Some(since), until: None, filters: Some(filters) }
}

/// Connects once by hand: bollard does not tell a missing socket from one that may not be opened.
async fn knock(socket: &Path) -> Result<(), Trouble> {
    let connected = in_time(socket, UnixStream::connect(socket)).await?;
    connected.map(drop).map_err(|err| match err.kind() {
        io::ErrorKind::NotFound => Trouble::Missing(socket.to_owned()),
        io::ErrorKind::PermissionDenied => Trouble::Denied(socket.to_owned()),
        _ => Trouble::Silent(socket.to_owned(), err),
    })
}

async fn in_time<T>(socket: &Path, answer: impl Future<Output = T>) -> Result<T, Trouble> {
    let limit = Duration::from_secs(ANSWER_SECS);
    tokio::time::timeout(limit, answer).await.map_err(|_| Trouble::Slow(socket.to_owned()))
}

#[cfg(test)]
mod tests {
    use bollard::models::ContainerSummaryStateEnum;

    use super::super::{Health, Status};
    use super::*;

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
    }

    #[test]
    fn a_missing_socket_names_its_path_and_the_next_step() {
        let said = runtime().block_on(knock(Path::new("/nowhere/docker.sock"))).unwrap_err().to_string();
        assert!(said.contains("/nowhere/docker.sock") && said.contains("start dockerd"), "{said}");
    }

    #[test]
    fn a_socket_that_nobody_listens_on_is_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("docker.sock");
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        let said = runtime().block_on(knock(&path)).unwrap_err().to_string();
        assert!(said.contains("is dockerd running?"), "{said}");
    }

    #[test]
    fn events_are_asked_for_from_just_after_the_last() {
        let wanted = wanted(1_795_539_971_999_999_999);
        assert_eq!(wanted.since.as_deref(), Some("1795539972.000000000"));
        assert!(wanted.filters.unwrap()["event"].iter().any(|action| action == "rename"));
    }

    #[test]
    fn only_what_looks_changed_is_inspected_again() {
        let identity = Identity { name: "db".to_owned(), ..Identity::default() };
        let facts = Facts { identity, status: Status::Running, ..Facts::default() };
        let summary = ContainerSummary {
            names: Some(vec!["/web/alias".to_owned(), "/db".to_owned()]),
            state: Some(ContainerSummaryStateEnum::RUNNING),
            ..ContainerSummary::default()
        };
        assert!(is_unchanged(&facts, &summary, &ContainerChoice::default()));
        let renamed = ContainerSummary { names: Some(vec!["/database".to_owned()]), ..summary.clone() };
        assert!(!is_unchanged(&facts, &renamed, &ContainerChoice::default()));
        let ended = ContainerSummary { state: Some(ContainerSummaryStateEnum::EXITED), ..summary.clone() };
        assert!(!is_unchanged(&facts, &ended, &ContainerChoice::default()));
        let health = Some(Health { status: "healthy".to_owned(), failing_streak: 0 });
        assert!(!is_unchanged(&Facts { health, ..facts }, &summary, &ContainerChoice::default()));
    }
}
