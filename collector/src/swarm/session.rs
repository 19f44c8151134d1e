//! What is asked of dockerd, when, and how long it may take.

use std::collections::HashMap;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::time::{Duration, SystemTime};

use bollard::errors::Error as ApiError;
use bollard::models::{EventMessage, Node as ApiNode, Task};
use bollard::query_parameters::{EventsOptions, ListNodesOptions, ListServicesOptions, ListTasksOptions};
use event::Timestamp;
use futures_util::StreamExt as _;
use tokio::time::MissedTickBehavior;

use super::failures::Failures;
use super::happening::{Happening, read};
use super::leader::{News, NobodyListens, Out};
use super::names::Names;
use super::node::{Node, State};
use super::pace::Pace;
use super::picture::Picture;
use super::service::Service;
use super::task::{self, Failure, Waiting};

/// How often a node that does not lead looks whether it does: a leader that dies is followed within half a minute, of which
/// the election takes up to twenty seconds.
const STANDING_EVERY: Duration = Duration::from_secs(10);

/// How soon to ask again after no answer: in an election the managers do not know who they are.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// How long dockerd may take to say what this node is, in seconds; in an election it says nothing.
const STANDING_SECS: u64 = 4;

/// How long dockerd may take for a list, in seconds.
const LIST_SECS: u64 = 20;

/// Waiting tasks are counted every so many looks: each list of tasks that are to run holds all the tasks of the swarm.
const WAITING_EVERY: usize = 3;

/// Why the talk with dockerd is over.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("nobody takes what is told")]
    NobodyListens,
    #[error("dockerd at {0} has not answered within {1} s")]
    Slow(PathBuf, u64),
    #[error("dockerd at {0} answered: {1}")]
    Api(PathBuf, #[source] ApiError),
    #[error("dockerd at {0} has closed its stream of events")]
    Closed(PathBuf),
}

impl From<NobodyListens> for Trouble {
    fn from(_: NobodyListens) -> Self {
        Self::NobodyListens
    }
}

/// Asks one dockerd for ever.
#[derive(Debug)]
pub(super) struct Asker {
    socket: PathBuf,
    period: Duration,
    out: Out,
    /// This node's, once it is known.
    id: Option<String>,
    /// From when on events and failures are told, in nanoseconds: when this node last did not lead, later the last event.
    since: i64,
    /// What is remembered while this node leads.
    leading: Option<Leading>,
    /// Whether the last talk ended in trouble that was told.
    is_troubled: bool,
}

#[derive(Debug)]
struct Leading {
    failures: Failures,
    failed: Pace,
    waiting: Pace,
    /// By service, as last counted.
    waits: HashMap<String, Waiting>,
    names: Names,
}

impl Leading {
    fn since(nanos: i64) -> Self {
        let failures = Failures::since(Timestamp::from_micros(nanos / 1000));
        Self { failures, failed: Pace::every(1), waiting: Pace::every(WAITING_EVERY), waits: HashMap::new(), names: Names::default() }
    }
}

impl Asker {
    pub(super) fn new(socket: &Path, period: Duration, out: Out) -> Self {
        Self { socket: socket.to_owned(), period, out, id: None, since: now_nanos(), leading: None, is_troubled: false }
    }

    /// Runs until nobody listens.
    pub(super) async fn run(mut self) -> NobodyListens {
        loop {
            match self.talk().await {
                Ok(never) => match never {},
                Err(Trouble::NobodyListens) => return NobodyListens,
                Err(trouble) => self.say(&trouble),
            }
            if self.out.send(News::Unanswered).await.is_err() {
                return NobodyListens;
            }
            tokio::time::sleep(AGAIN_AFTER).await;
        }
    }

    /// Without dockerd there is no swarm to tell of, and who watches containers has told so.
    fn say(&mut self, trouble: &Trouble) {
        if self.leading.is_some() && !self.is_troubled {
            tracing::warn!("no news of the swarm: {trouble}; told once until it is known again who leads");
            self.is_troubled = true;
        } else {
            tracing::debug!("swarm: {trouble}");
        }
    }

    async fn talk(&mut self) -> Result<std::convert::Infallible, Trouble> {
        let path = self.socket.to_string_lossy();
        let docker = bollard::Docker::connect_with_unix(&path, LIST_SECS, bollard::API_DEFAULT_VERSION).map_err(|err| self.api(err))?;
        let docker = self.answer(STANDING_SECS, docker.negotiate_version()).await?;
        loop {
            let Some(id) = self.standing(&docker).await? else {
                self.leading = None;
                self.since = now_nanos();
                tokio::time::sleep(STANDING_EVERY).await;
                continue;
            };
            self.is_troubled = false;
            self.lead(&docker, &id).await?;
        }
    }

    /// The id of this node if it leads.
    async fn standing(&mut self, docker: &bollard::Docker) -> Result<Option<String>, Trouble> {
        let Some(node) = self.own_entry(docker).await? else {
            self.out.send(News::Leads(None)).await?;
            return Ok(None);
        };
        let leads = node.manager_status.is_some_and(|status| status.leader == Some(true));
        self.out.send(News::Leads(Some(leads))).await?;
        Ok(node.id.filter(|_| leads))
    }

    /// This node's entry in the list of nodes; `None` when it is no manager. Its id is asked for once only: dockerd starts
    /// other programs to answer `/info`.
    async fn own_entry(&mut self, docker: &bollard::Docker) -> Result<Option<ApiNode>, Trouble> {
        let id = self.id.clone().unwrap_or_else(|| "self".to_owned());
        match self.answer(STANDING_SECS, docker.inspect_node(&id)).await {
            Ok(node) => Ok(Some(node)),
            Err(Trouble::Api(_, err)) if is_no_manager(&err) => Ok(None),
            Err(Trouble::Api(_, ApiError::DockerResponseServerError { status_code: 404, .. })) => {
                let info = self.answer(STANDING_SECS, docker.info()).await?;
                self.id = info.swarm.and_then(|swarm| swarm.node_id).filter(|id| !id.is_empty());
                let Some(id) = &self.id else { return Ok(None) };
                self.answer(STANDING_SECS, docker.inspect_node(id)).await.map(Some)
            }
            Err(trouble) => Err(trouble),
        }
    }

    /// Tells of the swarm until another leads it.
    async fn lead(&mut self, docker: &bollard::Docker, id: &str) -> Result<(), Trouble> {
        let mut leading = self.leading.take().unwrap_or_else(|| Leading::since(self.since));
        let ended = self.lead_with(docker, id, &mut leading).await;
        self.leading = Some(leading);
        ended
    }

    async fn lead_with(&mut self, docker: &bollard::Docker, id: &str, leading: &mut Leading) -> Result<(), Trouble> {
        let mut events = pin!(docker.events(Some(wanted(self.since))));
        let mut ticks = tokio::time::interval(self.period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                _ = ticks.tick() => {
                    if !self.look(docker, id, leading).await? {
                        return Ok(());
                    }
                }
                event = events.next() => match event {
                    Some(Ok(event)) => self.on_event(&event, &leading.names).await?,
                    // One that bollard cannot read.
                    Some(Err(ApiError::JsonDataError { .. })) => {}
                    Some(Err(err)) => return Err(self.api(err)),
                    None => return Err(Trouble::Closed(self.socket.clone())),
                },
            }
        }
    }

    /// Looks at the whole swarm, and tells. Says whether this node still leads it.
    async fn look(&self, docker: &bollard::Docker, id: &str, leading: &mut Leading) -> Result<bool, Trouble> {
        let nodes: Vec<ApiNode> = self.answer(LIST_SECS, docker.list_nodes(None::<ListNodesOptions>)).await?;
        let nodes: Vec<Node> = nodes.iter().filter_map(Node::read).collect();
        if !nodes.iter().any(|node| node.id == id && node.is_leader()) {
            return Ok(false);
        }
        let options = ListServicesOptions { status: Some(true), ..ListServicesOptions::default() };
        let services = self.answer(LIST_SECS, docker.list_services(Some(options))).await?;
        let mut picture = Picture { services: services.iter().filter_map(Service::read).collect(), nodes };
        leading.names = Names::of(&picture);
        self.correct(docker, &mut picture).await?;
        self.count_failures(docker, leading).await?;
        self.count_waiting(docker, leading).await?;
        for service in &mut picture.services {
            service.failed = leading.failures.of(&service.id);
            service.waiting = leading.waits.get(&service.id).copied().unwrap_or_default();
        }
        self.out.send(News::Picture(Box::new(picture))).await?;
        Ok(true)
    }

    /// Dockerd counts tasks as running whose node is down.
    async fn correct(&self, docker: &bollard::Docker, picture: &mut Picture) -> Result<(), Trouble> {
        let down: Vec<String> = picture.nodes.iter().filter(|node| node.state == State::Down).map(|node| node.id.clone()).collect();
        if down.is_empty() {
            return Ok(());
        }
        let tasks = self.tasks(docker, "node", down).await?;
        picture.correct(&task::running(&tasks));
        Ok(())
    }

    async fn count_failures(&self, docker: &bollard::Docker, leading: &mut Leading) -> Result<(), Trouble> {
        if !leading.failed.is_due() {
            return Ok(());
        }
        let tasks = self.tasks(docker, "desired-state", vec!["shutdown".to_owned()]).await?;
        leading.failed.took(tasks.len());
        let Leading { failures, names, .. } = leading;
        failures.keep(|service| names.service(service).is_some());
        for failure in failures.take(tasks.iter().filter_map(Failure::read).collect()) {
            if let Some(happening) = Happening::of_failure(&failure, names) {
                self.out.send(News::Happened(Box::new(happening))).await?;
            }
        }
        Ok(())
    }

    async fn count_waiting(&self, docker: &bollard::Docker, leading: &mut Leading) -> Result<(), Trouble> {
        if !leading.waiting.is_due() {
            return Ok(());
        }
        let to_run = ["accepted", "ready", "running"].map(str::to_owned).to_vec();
        let tasks = self.tasks(docker, "desired-state", to_run).await?;
        leading.waiting.took(tasks.len());
        leading.waits = task::waiting(&tasks).into_iter().map(|(service, waiting)| (service.to_owned(), waiting)).collect();
        Ok(())
    }

    async fn tasks(&self, docker: &bollard::Docker, filter: &str, values: Vec<String>) -> Result<Vec<Task>, Trouble> {
        let options = ListTasksOptions { filters: Some(HashMap::from([(filter.to_owned(), values)])) };
        self.answer(LIST_SECS, docker.list_tasks(Some(options))).await
    }

    async fn on_event(&mut self, event: &EventMessage, names: &Names) -> Result<(), Trouble> {
        let nanos = event.time_nano.unwrap_or(0);
        self.since = self.since.max(nanos);
        let (Some(kind), Some(action), Some(actor)) = (event.typ, &event.action, &event.actor) else { return Ok(()) };
        let none = HashMap::new();
        let (id, attributes) = (actor.id.as_deref().unwrap_or_default(), actor.attributes.as_ref().unwrap_or(&none));
        for happening in read(kind.as_ref(), action, id, attributes, nanos, names) {
            self.out.send(News::Happened(Box::new(happening))).await?;
        }
        Ok(())
    }

    async fn answer<T>(&self, secs: u64, answer: impl Future<Output = Result<T, ApiError>>) -> Result<T, Trouble> {
        match tokio::time::timeout(Duration::from_secs(secs), answer).await {
            Ok(answer) => answer.map_err(|err| self.api(err)),
            Err(_) => Err(Trouble::Slow(self.socket.clone(), secs)),
        }
    }

    fn api(&self, err: ApiError) -> Trouble {
        Trouble::Api(self.socket.clone(), err)
    }
}

/// A worker, or no part of a swarm: dockerd says so in words only.
fn is_no_manager(err: &ApiError) -> bool {
    matches!(err, ApiError::DockerResponseServerError { status_code: 503, message } if message.contains("not a swarm manager"))
}

/// Events of services and nodes, from just after this time.
fn wanted(since: i64) -> EventsOptions {
    let kinds = ["service", "node"].map(str::to_owned).to_vec();
    let since = since.saturating_add(1);
    let since = format!("{}.{:09}", since.div_euclid(1_000_000_000), since.rem_euclid(1_000_000_000));
    EventsOptions { since: Some(since), until: None, filters: Some(HashMap::from([("type".to_owned(), kinds)])) }
}

#[expect(clippy::disallowed_methods, reason = "the driver knows since when this node does not lead")]
fn now_nanos() -> i64 {
    let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_epoch.as_nanos()).unwrap_or(i64::MAX)
}
