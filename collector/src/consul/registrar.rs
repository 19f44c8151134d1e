//! The thread that keeps a Consul agent in step with dockerd; whichever of them is away, it tries again.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded, never, select};
use tokio::runtime::Runtime;

use super::sight::{Blind, Sight};
use super::{Agent, Change, Entry, Failure, Options, desired, difference};
use crate::container::{self, Docker, Wishes};

/// News that come together are acted on together: a container that starts makes several.
const TOGETHER: Duration = Duration::from_millis(200);

/// The first wait after a failure; each next one is twice as long, up to the usual time between two looks: for that, services have a
/// TTL that is long enough.
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// What a registrar is told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// dockerd's socket.
    pub socket: PathBuf,
    /// `http://HOST:8500`.
    pub consul: String,
    /// For the agent's API.
    pub token: Option<String>,
    /// How services are made of containers.
    pub options: Options,
    /// How long between two looks without news.
    pub resync: Duration,
}

/// Why a turn came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// Nothing is known of what runs.
    #[error("{0}")]
    Docker(String),
    /// Consul did not do it.
    #[error(transparent)]
    Consul(#[from] Failure),
    /// No runtime, no thread.
    #[error("could not start: {0}")]
    Start(#[from] io::Error),
}

impl From<Blind> for Trouble {
    fn from(blind: Blind) -> Self {
        Self::Docker(blind.to_string())
    }
}

/// A running registrar; ends when dropped, and leaves the services registered: one that is started anew takes them over, and those
/// of one that does not come back are critical after their TTL.
#[derive(Debug)]
pub struct Registrar {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Registrar {
    /// Begins, whether dockerd and Consul are there yet or not.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start(settings: Settings) -> io::Result<Self> {
        let docker = Docker::watch(&settings.socket, Wishes::default())?;
        let mut work = Work::new(settings)?;
        let (stop, stopped) = bounded(0);
        let thread = std::thread::Builder::new().name("registrar".to_owned()).spawn(move || work.run(&docker, &stopped))?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Registrar {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            // A panic in there has been reported by the thread itself.
            let _ = thread.join();
        }
    }
}

/// What a look came to.
#[derive(Debug, Default)]
pub struct Turn {
    /// What was carried out, or would be.
    pub changes: Vec<Change>,
    /// What Consul refused, each with its reason.
    pub refused: Vec<String>,
}

/// One look, and what it calls for; carried out unless it is only to be told.
///
/// # Errors
/// When dockerd or Consul does not answer.
pub fn once(settings: Settings, carries_out: bool) -> Result<Turn, Trouble> {
    let mut work = Work::new(settings)?;
    work.turn(carries_out)
}

struct Work {
    settings: Settings,
    agent: Agent,
    sight: Sight,
    runtime: Runtime,
    /// The last trouble that was told, so that it is told once.
    said: Option<String>,
    /// What Consul refused at the last look, and was told.
    refused: Vec<String>,
}

impl Work {
    fn new(settings: Settings) -> io::Result<Self> {
        Ok(Self {
            agent: Agent::new(&settings.consul, settings.token.clone()),
            sight: Sight::new(&settings.socket),
            runtime: tokio::runtime::Builder::new_current_thread().enable_all().build()?,
            settings,
            said: None,
            refused: Vec::new(),
        })
    }

    fn run(&mut self, docker: &Docker, stopped: &Receiver<()>) {
        let mut wait = FIRST_WAIT;
        loop {
            let until = match self.turn(true) {
                Ok(turn) => {
                    wait = FIRST_WAIT;
                    self.worked(turn);
                    self.settings.resync
                }
                Err(trouble) => {
                    self.say(&trouble.to_string());
                    let until = wait.min(self.settings.resync);
                    wait = until * 2;
                    until
                }
            };
            // After a failure news alone brings no new attempt: they would come as fast as containers start.
            let news = if self.said.is_some() { never() } else { docker.changes().clone() };
            select! {
                recv(news) -> change => match change {
                    Ok(change) => self.heard(&change),
                    Err(_) => return,
                },
                recv(stopped) -> _ => return,
                default(until) => {}
            }
            select! {
                recv(stopped) -> _ => return,
                default(TOGETHER) => {}
            }
            docker.changes().try_iter().for_each(|change| self.heard(&change));
        }
    }

    fn heard(&mut self, change: &container::Change) {
        match change {
            container::Change::Set(facts) => self.sight.forget(&facts.id),
            container::Change::Removed(id) => self.sight.forget(id),
            container::Change::Happened(happening) => self.sight.forget(&happening.id),
            // The next look lists all of them by itself.
            container::Change::All(_) | container::Change::Sized(..) => {}
        }
    }

    fn turn(&mut self, carries_out: bool) -> Result<Turn, Trouble> {
        let Self { settings, agent, sight, runtime, .. } = self;
        runtime.block_on(async {
            let (containers, services) = sight.look().await?;
            settings.options.agent_address = agent.address().await?;
            let wished = desired(&containers, &services, &settings.options);
            let changes = difference(&wished, &agent.services().await?, &settings.options.node);
            if carries_out { Ok(carry_out(agent, changes, &wished).await?) } else { Ok(Turn { changes, ..Turn::default() }) }
        })
    }

    fn worked(&mut self, turn: Turn) {
        if self.said.take().is_some() {
            tracing::info!("Consul and dockerd answer again");
        }
        for change in turn.changes {
            tracing::info!("{change}");
        }
        for refused in turn.refused.iter().filter(|refused| !self.refused.contains(refused)) {
            tracing::warn!("{refused}; trying again at each look");
        }
        self.refused = turn.refused;
    }

    fn say(&mut self, trouble: &str) {
        if self.said.as_deref() != Some(trouble) {
            tracing::warn!("{trouble}; trying again");
            self.said = Some(trouble.to_owned());
        }
    }
}

/// Carries changes out, then tells how each service with a TTL does. What is refused stops nothing else: one container with a wrong
/// label would have all others go without word.
async fn carry_out(agent: &Agent, changes: Vec<Change>, wished: &BTreeMap<String, Entry>) -> Result<Turn, Failure> {
    let mut turn = Turn::default();
    let mut unmade = BTreeSet::new();
    for change in changes {
        match agent.carry_out(&change).await {
            Ok(()) => turn.changes.push(change),
            Err(failure @ Failure::Refused(..)) => {
                turn.refused.push(format!("could not {change}: {failure}"));
                unmade.insert(change.id().to_owned());
            }
            Err(failure) => return Err(failure),
        }
    }
    for entry in wished.values().filter(|entry| entry.is_told()) {
        match agent.tell(entry).await {
            Ok(()) => {}
            // It is not there, which has been said; one that was there before goes on as it was.
            Err(Failure::Refused(..)) if unmade.contains(&entry.id) => {}
            Err(failure @ Failure::Refused(..)) => turn.refused.push(failure.to_string()),
            Err(failure) => return Err(failure),
        }
    }
    Ok(turn)
}
