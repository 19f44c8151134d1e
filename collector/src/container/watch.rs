//! The sampler of containers: Docker's news and the kernel's counters, as samples of a turn.

use std::io;

use event::{Duration, Labels, View};
use tokio::sync::watch::Sender;

use super::{Containers, Docker, Out, Value};
use crate::scrape::Found;
use crate::{Error, Root, Sampler, Samples, Series, Settings, Turn, int};

/// Samples the containers of the dockerd behind a socket, as long as there is one.
#[derive(Debug)]
pub struct Watch {
    docker: Docker,
    containers: Containers,
    counts: Series<2>,
    interval: Duration,
    /// Who scrapes containers.
    scraper: Option<Sender<Vec<Found>>>,
}

impl Watch {
    /// Begins to watch; `None` where the settings name no socket. `scraper` is told of the containers that ask to be scraped.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start(settings: &Settings, scraper: Option<Sender<Vec<Found>>>) -> io::Result<Option<Self>> {
        let Some(socket) = &settings.docker else { return Ok(None) };
        let root = Root::new(settings.host_root.as_deref());
        let containers = Containers::new(root, settings.interval).sized_each(settings.container_sizes.unwrap_or_default());
        Ok(Some(Self {
            docker: Docker::watch(socket, containers.wishes(settings.containers.clone()))?,
            containers,
            counts: Series::plain("skep_collector", ["containers", "containers_open"]),
            interval: settings.interval,
            scraper,
        }))
    }
}

impl Sampler for Watch {
    fn name(&self) -> &'static str {
        "containers"
    }

    /// Nothing here is an error of the turn's: a container may end at any time, and what is wrong with dockerd was told by
    /// the thread that talks to it.
    fn sample(&mut self, turn: &mut Turn<'_>, out: &mut Samples) -> Result<(), Error> {
        self.containers.take(self.docker.changes(), out);
        let is_stale = self.containers.is_stale();
        self.containers.sample(turn.now, turn.due, out);
        if let Some(scraper) = self.scraper.as_ref().filter(|_| is_stale) {
            let found = self.containers.endpoints();
            scraper.send_if_modified(|known| {
                *known != found && {
                    *known = found;
                    true
                }
            });
        }
        let (n_watched, n_open) = self.containers.counts();
        // The containers leave the ttl of the slowest of their series behind.
        Samples::every(out, self.interval);
        self.counts.put(out, [int(n_watched as u64), int(n_open as u64)]);
        Ok(())
    }
}

impl Out for Samples {
    fn every(&mut self, period: Duration) {
        Self::every(self, period);
    }

    fn sample(&mut self, service: &str, labels: Labels<'_>, value: Value<'_>) {
        match value {
            Value::Metric(metric) => self.metric(service, labels, metric),
            Value::Text(text) => self.text(service, labels, text),
        }
    }

    fn event(&mut self, event: &View<'_>) {
        Self::event(self, event);
    }

    fn wants(&self, service: &str) -> bool {
        Self::wants(self, service)
    }
}
