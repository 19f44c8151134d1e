//! All live queries and their clients.

use engine::query::Query;
use engine::{Series, SeriesId};
use event::{Duration, Timestamp, View};
use tokio::sync::mpsc::Sender;

use super::follow::{Follower, Followers};
use super::frame::Frame;
use super::rows::{RowId, Rows};
use super::watch::Watch;

/// Distinct queries at once. Each costs the engine's thread a look-up an event: 64 of them cost about what a rule does.
pub(super) const MAX_QUERIES: usize = 64;

/// How often a client may hear, in milliseconds; a wish is rounded up to one of them, so that clients share frames.
const CADENCES_MS: [i64; 5] = [250, 500, 1000, 2000, 5000];

/// There are `MAX_QUERIES` distinct queries already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there are {MAX_QUERIES} live queries already; close a page, or share its query")]
pub struct TooMany;

/// A client's wish.
#[derive(Clone, Debug)]
pub struct Subscription {
    /// The client's number for it.
    pub number: usize,
    /// Which events.
    pub query: Query,
    /// How often, in milliseconds.
    pub rate_ms: i64,
    /// Where its frames go; what it cannot take is lost, and a snapshot follows.
    pub sender: Sender<Frame>,
}

/// Owned by the engine's thread. Costs nothing while nobody watches.
#[derive(Debug, Default)]
pub struct Hub {
    watches: Vec<Watch>,
    rows: Rows,
    followers: Followers,
    /// Host and service whose own event said `expired`: followers have heard it, and need not hear of the key's end.
    told: Option<[Option<Box<str>>; 2]>,
    n_lost: u64,
}

impl Hub {
    /// Nobody watches, and events need not be shown to the hub.
    pub fn is_idle(&self) -> bool {
        self.watches.is_empty() && self.followers.is_empty()
    }

    /// How many distinct queries are watched.
    pub fn n_queries(&self) -> usize {
        self.watches.len() + self.followers.len()
    }

    /// How often a client was too slow for what it was to be told.
    pub fn n_lost(&self) -> u64 {
        self.n_lost
    }

    /// How many subscriptions wait for a whole picture, because they are new or were too slow.
    pub fn n_behind(&self) -> usize {
        self.watches.iter().map(Watch::n_behind).sum()
    }

    /// Adds a client. `search` hands over every indexed event that the query finds; asked for a new query only.
    ///
    /// # Errors
    /// [`TooMany`] distinct queries.
    pub fn subscribe(
        &mut self,
        wish: Subscription,
        now: Timestamp,
        search: impl FnOnce(&Query, &mut dyn FnMut(&Series<'_>, &View<'_>)),
    ) -> Result<(), TooMany> {
        let every = cadence(wish.rate_ms);
        if let Some(watch) = self.watches.iter_mut().find(|watch| watch.query == wish.query) {
            watch.add_client(every, now, wish.number, wish.sender);
            return Ok(());
        }
        if self.n_queries() >= MAX_QUERIES {
            return Err(TooMany);
        }
        let mut watch = Watch::new(wish.query.clone());
        search(&wish.query, &mut |series, event| {
            let Some(id) = series.id else { return };
            let row = self.rows.of(id, series);
            watch.touch(self.rows.update(row, series, event));
        });
        watch.add_client(every, now, wish.number, wish.sender);
        self.watches.push(watch);
        Ok(())
    }

    /// Adds a follower, who hears of every event from here on.
    ///
    /// # Errors
    /// [`TooMany`] queries.
    pub fn follow(&mut self, follower: Follower) -> Result<(), TooMany> {
        if self.n_queries() >= MAX_QUERIES {
            return Err(TooMany);
        }
        self.followers.add(follower);
        Ok(())
    }

    /// An event entered the index.
    pub fn event(&mut self, series: &Series<'_>, event: &View<'_>) {
        if !self.followers.is_empty() {
            if event.state == Some(b"expired") {
                self.told = Some([series.host.map(Into::into), series.service.map(Into::into)]);
            } else if self.was_told(series) {
                self.told = None;
            }
            self.n_lost += self.followers.tell(event);
        }
        self.show(series, event);
    }

    /// An event of the index is told otherwise than before; followers, who hear of news alone, have heard of it.
    pub fn show(&mut self, series: &Series<'_>, event: &View<'_>) {
        if self.watches.is_empty() {
            return;
        }
        let Some(id) = series.id else { return };
        let row = self.rows.of(id, series);
        let mut touched = None;
        for watch in &mut self.watches {
            if watch.matches(id, series, event) {
                watch.touch(*touched.get_or_insert_with(|| self.rows.update(row, series, event)));
            } else {
                watch.drop_row(row);
            }
        }
    }

    /// An event left the index. Followers hear of it as Riemann's reaper tells it.
    pub fn expired(&mut self, series: &Series<'_>, now: Timestamp) {
        if self.was_told(series) {
            self.told = None;
        } else if !self.followers.is_empty() {
            let (host, service) = (series.host.map(str::as_bytes), series.service.map(str::as_bytes));
            let event = View { host, service, state: Some(b"expired"), time: Some(now), ..View::default() };
            self.n_lost += self.followers.tell(&event);
        }
        if self.watches.is_empty() {
            return;
        }
        let Some(id) = series.id else { return };
        let row = self.rows.of(id, series);
        self.drop_row(row);
    }

    /// The series' number may be given to another.
    pub fn forgotten(&mut self, series: SeriesId) {
        for watch in &mut self.watches {
            watch.forget(series);
        }
        if let Some(row) = self.rows.forget(series) {
            self.drop_row(row);
        }
    }

    fn was_told(&self, series: &Series<'_>) -> bool {
        self.told.as_ref().is_some_and(|[host, service]| host.as_deref() == series.host && service.as_deref() == series.service)
    }

    fn drop_row(&mut self, row: RowId) {
        for watch in &mut self.watches {
            watch.drop_row(row);
        }
    }

    /// When a frame is due next.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.watches.iter().filter_map(Watch::next_due).min()
    }

    /// Sends the frames that are due and forgets queries that nobody watches any more.
    pub fn flush(&mut self, now: Timestamp) {
        let (rows, n_lost) = (&self.rows, &mut self.n_lost);
        self.watches.retain_mut(|watch| watch.flush(rows, now, n_lost));
        if self.watches.is_empty() {
            self.rows = Rows::default();
        }
    }
}

fn cadence(wish_ms: i64) -> Duration {
    let slowest = CADENCES_MS.last().copied().unwrap_or(wish_ms);
    let rounded = CADENCES_MS.into_iter().find(|cadence| wish_ms <= *cadence).unwrap_or(slowest);
    Duration::from_micros(rounded * 1000)
}
