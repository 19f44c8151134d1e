//! Brings one batch to the server: whole, or in halves where the server wants that, bad lines to `rejected.lp`.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use event::Timestamp;
use tokio_rustls::rustls::ClientConfig;

use super::address::Base;
use super::advice::advice;
use super::client::Client;
use super::piece::Piece;
use super::refused::Refused;
use super::rejected::Rejected;
use super::retry::{Action, Fault, decide};
use super::target::{Interface, Target};
use super::{Counters, Settings, Version, probe};

/// Requests spent on finding the bad lines of one batch; then the rest of it counts as bad.
const BISECT_REQUESTS: u32 = 32;

/// A batch under way. Cheap to clone: the bodies are shared.
#[derive(Clone, Debug)]
pub(crate) struct Work {
    /// What is still to be sent, the next last.
    pub(crate) pieces: Vec<Piece>,
    bisect_left: u32,
    /// Its database has been created once; a server that forgets it again is not asked for ever.
    created: bool,
}

impl Work {
    /// A whole batch.
    pub(crate) fn new(piece: Piece) -> Self {
        Self { pieces: vec![piece], bisect_left: BISECT_REQUESTS, created: false }
    }

    /// Lines that are still to be sent.
    pub(crate) fn n_lines(&self) -> u64 {
        self.pieces.iter().map(|piece| u64::from(piece.n_lines)).sum()
    }

    /// Bytes that are still to be sent.
    pub(crate) fn n_bytes(&self) -> usize {
        self.pieces.iter().map(|piece| piece.body.len()).sum()
    }
}

/// How an attempt ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Nothing of the batch is left to send.
    Done,
    /// The server is away, or asks for time.
    Away { after: Option<Duration>, message: String },
    /// Somebody has to set something right first.
    Paused { message: String },
}

/// What is kept between batches.
pub(crate) struct Courier {
    client: Client,
    settings: Settings,
    base: Base,
    target: RefCell<Option<Target>>,
    rejected: RefCell<Rejected>,
    /// Larger bodies have been refused as too large.
    largest: Cell<usize>,
    counters: Arc<Counters>,
}

impl Courier {
    /// Knows the server; speaks to it with the first batch.
    pub(crate) fn new(settings: Settings, base: Base, tls: ClientConfig, counters: Arc<Counters>) -> Self {
        let client = Client::new(settings.timeout.to_std(), tls);
        let rejected = RefCell::new(Rejected::new(&settings.folder));
        Self { client, settings, base, target: RefCell::default(), rejected, largest: Cell::new(usize::MAX), counters }
    }

    /// The server's address, for people.
    pub(crate) fn address(&self) -> &str {
        &self.base.url
    }

    /// Sends what is left of a batch, until it is done or cannot go on.
    pub(crate) async fn deliver(&self, work: &mut Work) -> Ending {
        let target = match self.target().await {
            Ok(target) => target,
            Err(message) => return Ending::Away { after: None, message },
        };
        while let Some(piece) = work.pieces.pop() {
            if let Some(ending) = self.send(&target, piece, work).await {
                return ending;
            }
        }
        Ending::Done
    }

    /// Sends one piece; what must be sent later goes back to the work. An ending when the work cannot go on.
    async fn send(&self, target: &Target, piece: Piece, work: &mut Work) -> Option<Ending> {
        if piece.n_bytes > self.largest.get()
            && let Some((first, second)) = piece.halves()
        {
            work.pieces.extend([second, first]);
            return None;
        }
        self.counters.requests.fetch_add(1, Relaxed);
        let answer = match self.client.write(target, &piece).await {
            Ok(answer) => answer,
            Err(message) => return Some(self.later(None, message, piece, work)),
        };
        match decide(target.interface, answer.status, &answer.headers, &answer.body, wall_clock()) {
            Action::Done => self.taken(&piece, 0),
            Action::Partial { refused, message } => self.partial(&piece, &refused, &message),
            Action::Retry { after, message } => return Some(self.later(after.map(|after| after.to_std()), message, piece, work)),
            Action::Configuration { fault, message } => return self.configuration(target, fault, &message, piece, work).await,
            Action::Split { message } => self.split(&message, &piece, work),
            Action::Bisect { message } => self.bisect(&message, &piece, work),
            Action::Reject { message } => self.reject(&message, &piece),
        }
        None
    }

    fn later(&self, after: Option<Duration>, message: String, piece: Piece, work: &mut Work) -> Ending {
        self.counters.retries.fetch_add(1, Relaxed);
        work.pieces.push(piece);
        Ending::Away { after, message }
    }

    fn taken(&self, piece: &Piece, dropped: u64) {
        self.counters.lines_written.fetch_add(u64::from(piece.n_lines).saturating_sub(dropped), Relaxed);
        self.counters.lines_rejected.fetch_add(dropped, Relaxed);
        self.counters.bytes_written.fetch_add(piece.body.len() as u64, Relaxed);
    }

    /// The good lines are stored. Where the server names the others they are put aside, else its words alone.
    fn partial(&self, piece: &Piece, refused: &Refused, message: &str) {
        if self.counters.partial_writes.fetch_add(1, Relaxed) == 0 {
            tracing::warn!(server = self.address(), message, "the server refused some lines of a batch; further ones are counted");
        }
        self.taken(piece, refused.n_lines);
        let mut lines = piece.numbered(&refused.numbers);
        refused.quoted.iter().for_each(|line| lines.extend([line.as_bytes(), b"\n"].concat()));
        let is_named = !lines.is_empty();
        let note = if is_named { message.to_owned() } else { format!("{message} (some of {} lines)", piece.n_lines) };
        self.put_aside(&note, &lines);
    }

    fn split(&self, message: &str, piece: &Piece, work: &mut Work) {
        let Some((first, second)) = piece.halves() else { return self.reject(message, piece) };
        self.counters.splits.fetch_add(1, Relaxed);
        let largest = self.largest.get().min(piece.n_bytes / 2 + piece.n_bytes / 8);
        if largest < self.largest.replace(largest) {
            tracing::info!(server = self.address(), bytes = largest, "the server takes smaller batches only");
        }
        work.pieces.extend([second, first]);
    }

    fn bisect(&self, message: &str, piece: &Piece, work: &mut Work) {
        let halves = if work.bisect_left > 0 { piece.halves() } else { None };
        let Some((first, second)) = halves else { return self.reject(message, piece) };
        work.bisect_left = work.bisect_left.saturating_sub(2);
        work.pieces.extend([second, first]);
    }

    fn reject(&self, message: &str, piece: &Piece) {
        let n_lines = u64::from(piece.n_lines);
        if self.counters.lines_rejected.fetch_add(n_lines, Relaxed) == 0 {
            let file = self.rejected.borrow().path().display().to_string();
            tracing::warn!(server = self.address(), message, %file, "the server refuses lines for good; they are kept in a file");
        }
        self.put_aside(message, &piece.lines());
    }

    fn put_aside(&self, message: &str, lines: &[u8]) {
        let mut rejected = self.rejected.borrow_mut();
        if let Err(error) = rejected.write(wall_clock(), message, lines) {
            tracing::error!(%error, file = %rejected.path().display(), "could not keep refused lines");
        }
    }

    /// Keeps the data. A missing database is created where that is allowed; then the work goes on.
    async fn configuration(&self, target: &Target, fault: Fault, message: &str, piece: Piece, work: &mut Work) -> Option<Ending> {
        work.pieces.push(piece);
        if let (Fault::Missing, Some(create)) = (fault, &target.create)
            && create.is_missing(message)
            && !work.created
        {
            work.created = true;
            return match create.run(&self.client, target).await {
                Ok(true) => {
                    tracing::info!(server = self.address(), "created {}", target.place);
                    None
                }
                Ok(false) => Some(Ending::Paused { message: advice(target, fault, message) }),
                Err(message) => Some(Ending::Away { after: None, message }),
            };
        }
        if self.settings.version == Version::Auto {
            // The server may have been changed for one of another version.
            self.target.replace(None);
        }
        Some(Ending::Paused { message: advice(target, fault, message) })
    }

    async fn target(&self) -> Result<Target, String> {
        if let Some(target) = &*self.target.borrow() {
            return Ok(target.clone());
        }
        let interface = match probe::by_settings(&self.settings) {
            Some(interface) => interface,
            None => probe::interface(self.ask_version().await?, &self.settings),
        };
        let target = Target::new(interface, &self.settings, self.base.clone());
        self.target.replace(Some(target.clone()));
        Ok(target)
    }

    /// Asks the server for its major version; `None` when it does not tell. An error is a sentence about a server that is away.
    async fn ask_version(&self) -> Result<Option<u32>, String> {
        // A 3 tells only those who may ask; the others do not mind.
        let authorization = Target::new(Interface::Three, &self.settings, self.base.clone()).authorization;
        let mut major = None;
        for path in ["/ping", "/health"] {
            let answer = self.client.get(&format!("{}{path}", self.base.url), authorization.as_ref()).await?;
            if answer.status >= 500 {
                return Err(format!("{path} answers {}", answer.status));
            }
            major = probe::major(&answer);
            if major.is_some() {
                break;
            }
        }
        tracing::info!(server = self.address(), major, "asked the server for its version");
        Ok(major)
    }
}

#[expect(clippy::disallowed_methods, reason = "the sink's driver dates refused lines and reads dates of Retry-After")]
fn wall_clock() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}
