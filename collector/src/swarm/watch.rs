//! The sampler of the swarm: silent on every node but the leader.

use std::io;

use event::Duration;

use super::leader::{Leader, News};
use super::publish::Publisher;
use crate::turns::at_least;
use crate::{Error, Sampler, Samples, Series, Settings, Turn, int};

/// The least time between two looks at the swarm. A look lists all nodes and services of the swarm; that it takes some
/// seconds until a missing task shows is less than dockerd itself needs to notice a lost node.
const LEAST_PERIOD: Duration = Duration::from_secs(5);

/// Publishes what the swarm's leader knows, as long as this node is the leader.
#[derive(Debug)]
pub struct Swarm {
    leader: Leader,
    publisher: Publisher,
    period: Duration,
    interval: Duration,
    /// `None`: this node is no manager.
    leads: Option<bool>,
    unanswered: u64,
    own: Series<2>,
}

impl Swarm {
    /// Begins to ask; `None` where the settings name no Docker socket, or want no swarm.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start(settings: &Settings) -> io::Result<Option<Self>> {
        let Some(socket) = settings.docker.as_ref().filter(|_| settings.switches.swarm) else { return Ok(None) };
        let period = at_least(LEAST_PERIOD, settings.interval);
        Ok(Some(Self {
            leader: Leader::watch(socket, period.to_std())?,
            publisher: Publisher::new(&settings.swarm),
            period,
            interval: settings.interval,
            leads: None,
            unanswered: 0,
            own: Series::plain("skep_collector", ["swarm_leader", "swarm_unanswered"]),
        }))
    }

    fn leads(&mut self, leads: Option<bool>) {
        if leads != Some(true) {
            self.publisher.hand_over();
        }
        match (self.leads == Some(true), leads == Some(true)) {
            (false, true) => tracing::info!("this node leads the swarm: it tells of services and nodes"),
            (true, false) => tracing::info!("another node leads the swarm: it tells of services and nodes"),
            (true, true) | (false, false) => {}
        }
        self.leads = leads;
    }

    /// A node that does not know whether it still leads tells nothing until it does.
    fn unanswered(&mut self) {
        self.unanswered += 1;
        self.leads = self.leads.map(|_| false);
    }
}

impl Sampler for Swarm {
    fn name(&self) -> &'static str {
        "swarm"
    }

    /// Nothing here is an error of the turn's: what is wrong with dockerd was told by the thread that talks to it.
    fn sample(&mut self, _: &mut Turn<'_>, out: &mut Samples) -> Result<(), Error> {
        out.every(self.period);
        // As many as wait now: more may come meanwhile.
        for _ in 0..self.leader.news().len() {
            let Ok(news) = self.leader.news().try_recv() else { break };
            match news {
                News::Leads(leads) => self.leads(leads),
                News::Picture(picture) => self.publisher.picture(&picture, out),
                News::Happened(happening) => self.publisher.happened(&happening, out),
                News::Unanswered => self.unanswered(),
            }
        }
        out.every(self.interval);
        if let Some(leads) = self.leads {
            self.own.put(out, [int(u64::from(leads)), int(self.unanswered)]);
        }
        Ok(())
    }
}
