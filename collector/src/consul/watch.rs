//! The thread that looks how Consul does, and tells a processor.

use std::io;
use std::time::Duration;

use event::Timestamp;
use transport::Publish;

use super::cluster::{Cluster, Look};
use super::{Agent, Failure, Teller};
use crate::Samples;
use crate::worker::{Worker, wall};

/// What a watch is told.
#[derive(Clone, Debug)]
pub struct Watching {
    /// `http://HOST:8500`.
    pub consul: String,
    /// For the agent's API.
    pub token: Option<String>,
    /// This node's name: the host of what is told of the agent.
    pub node: String,
    /// How long between two looks.
    pub every: Duration,
    /// Tells of the whole although the agent does not lead: where no registrar runs beside the servers.
    pub always_whole: bool,
}

/// A running watch; ends when dropped.
#[derive(Debug)]
pub struct Watch {
    _worker: Worker,
}

impl Watch {
    /// Begins, whether Consul is there yet or not.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start(watching: Watching, publish: Box<dyn Publish>) -> io::Result<Self> {
        let every = event::Duration::from_secs(i64::try_from(watching.every.as_secs()).unwrap_or(i64::MAX));
        let mut samples = Samples::new(&watching.node);
        let mut work = Work { agent: Agent::new(&watching.consul, watching.token.clone()), watching, publish, said: None };
        let worker = Worker::start("consul", async move {
            let mut teller = Teller::default();
            let mut pace = tokio::time::interval(work.watching.every);
            pace.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                pace.tick().await;
                let (due, look) = (wall(), work.look().await);
                work.tell(due, every, &look, &mut teller, &mut samples);
            }
        })?;
        Ok(Self { _worker: worker })
    }
}

struct Work {
    watching: Watching,
    agent: Agent,
    publish: Box<dyn Publish>,
    /// The last trouble that was told, so that it is told once.
    said: Option<String>,
}

impl Work {
    async fn look(&mut self) -> Look {
        let (look, trouble) = match looked(&self.agent, self.watching.always_whole).await {
            Ok(found) => found,
            Err(failure) => (Look::default(), Some(failure)),
        };
        let said = trouble.map(|trouble| trouble.to_string());
        if said != self.said {
            match &said {
                Some(trouble) => tracing::warn!("how Consul does is not known: {trouble}"),
                None => tracing::info!("how Consul does is known again"),
            }
            self.said = said;
        }
        look
    }

    fn tell(&mut self, due: Timestamp, every: event::Duration, look: &Look, teller: &mut Teller, samples: &mut Samples) {
        samples.begin(due);
        samples.every(every);
        teller.tell(look, samples);
        for message in samples.messages() {
            if let Err(refused) = self.publish.publish(message) {
                tracing::warn!("samples of Consul are lost: {refused}");
            }
        }
    }
}

/// What is found, and what kept the rest from being found: that needs a leader, or rights that the token has not. Fails where the agent
/// does not answer at all.
async fn looked(agent: &Agent, always_whole: bool) -> Result<(Look, Option<Failure>), Failure> {
    let itself = agent.itself().await?;
    let mut look = Look { is_up: true, has_leader: agent.has_leader().await?, cluster: None };
    if !look.has_leader || !(itself.leads || always_whole) {
        return Ok((look, None));
    }
    match whole(agent, itself.datacenter).await {
        Ok(cluster) => look.cluster = Some(cluster),
        Err(failure) => return Ok((look, Some(failure))),
    }
    Ok((look, None))
}

async fn whole(agent: &Agent, datacenter: String) -> Result<Cluster, Failure> {
    Ok(Cluster { datacenter, peers: agent.peers().await?, members: agent.members().await?, checks: agent.checks().await? })
}
