//! Reading the rules again while the processor runs: one way for `POST /reload`, SIGHUP and files that changed.

mod telling;

use std::sync::{Arc, Mutex, PoisonError};

use engine::rules::{Changes, Plan};
use event::Timestamp;
use tokio::sync::oneshot;
use transport::ingest::{NotTaken, Requests};

use crate::config::{Report, Written};
use crate::driver::request::Request;
use crate::own::Own;
use crate::run::Plans;
pub use telling::Telling;

/// Reads the rules anew. It may block.
pub type Read = Arc<dyn Fn() -> Result<Fresh, Refused> + Send + Sync>;

/// Rules that were read and hold no mistake.
#[derive(Debug)]
pub struct Fresh {
    /// What runs from now on.
    pub plan: Plans,
    /// The report of what is hardly meant so; empty when there is nothing to say.
    pub warnings: String,
}

impl From<Plan> for Fresh {
    fn from(plan: Plan) -> Self {
        Self { plan: plan.into(), warnings: String::new() }
    }
}

/// Why rules cannot run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The first mistake in one line, with its place.
    pub first: String,
    /// All mistakes, as people read them.
    pub report: String,
}

impl From<Report> for Refused {
    fn from(report: Report) -> Self {
        Self { first: report.first_error().unwrap_or_default(), report: report.text(false) }
    }
}

/// Why the rules are as they were.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReloadError {
    /// The files hold mistakes.
    #[error("{}", .0.report)]
    Rules(Refused),
    /// So many requests wait for the engine's thread that it takes no more.
    #[error("too many requests wait for the engine; ask again")]
    Busy,
    /// The processor ends.
    #[error("the engine has stopped")]
    Stopped,
}

/// What a reload did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reloaded {
    /// Alerts that are on now.
    pub n_alerts: usize,
    /// What is another than before.
    pub changes: Changes,
}

/// What runs, as it was read.
#[derive(Clone, Debug)]
pub struct Running {
    /// Where the rules stand in their files.
    pub written: Arc<Written>,
    /// When they were read; `None`: at the start.
    pub since: Option<Timestamp>,
    /// When somebody last had them read, also in vain; `None`: nobody since the start.
    pub tried: Option<Timestamp>,
}

/// Reads the rules again for whoever asks; one at a time, so that what was read last runs last.
pub struct Reloader {
    read: Read,
    requests: Requests<Request>,
    own: Arc<Own>,
    /// Who is told, and who is not, since the last time. Held while rules are read and loaded: a tenth of a second, more with very many rules.
    turn: Mutex<Telling>,
    /// Held for a copy: whoever asks what runs shall not wait for a reload.
    running: Mutex<Running>,
}

impl Reloader {
    /// Reads by `read`, hands to the engine behind `requests`, and tells `own` when that fails; `telling` and `written` are of what runs now.
    pub fn new(read: Read, requests: Requests<Request>, own: Arc<Own>, telling: Telling, written: Arc<Written>) -> Self {
        let running = Mutex::new(Running { written, since: None, tried: None });
        Self { read, requests, own, turn: Mutex::new(telling), running }
    }

    /// What runs now.
    pub fn running(&self) -> Running {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, change: impl FnOnce(&mut Running)) {
        change(&mut self.running.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Reads the rules and has them run. `cause` says in the log who wanted it. Blocks until they run.
    ///
    /// # Errors
    /// [`ReloadError`]; the rules from before go on then, and mistakes are told by `skep_processor/rules_invalid` until a reload succeeds.
    pub fn reload(&self, cause: &str) -> Result<Reloaded, ReloadError> {
        let mut turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.own.now();
        self.note(|running| running.tried = Some(now));
        let fresh = match (self.read)() {
            Ok(fresh) => fresh,
            Err(refused) => {
                let report = refused.report.trim_end();
                tracing::error!("{cause}: the rules have mistakes and were not taken; those from before go on\n{report}");
                self.own.set_rules_invalid(Some(refused.first.clone()));
                return Err(ReloadError::Rules(refused));
            }
        };
        let written = Arc::clone(&fresh.plan.written);
        let loaded = self.load(fresh.plan, &mut turn);
        match &loaded {
            Ok(Reloaded { n_alerts, changes }) => {
                if !fresh.warnings.is_empty() {
                    tracing::warn!("{cause}: the rules have warnings\n{}", fresh.warnings.trim_end());
                }
                tracing::info!("{cause}: the rules were read again, {n_alerts} alerts: {changes}");
                self.own.set_rules_invalid(None);
                self.note(|running| (running.written, running.since) = (written, Some(now)));
            }
            Err(error) => tracing::warn!("{cause}: the rules were read, but those from before go on: {error}"),
        }
        loaded
    }

    fn load(&self, plan: Plans, before: &mut Telling) -> Result<Reloaded, ReloadError> {
        let after = Telling::of(&plan);
        let Plans { rules, notify, silences, written: _ } = plan;
        let plan = Arc::new(rules);
        let (answer, answered) = oneshot::channel();
        self.requests.send(Request::Load { plan: Arc::clone(&plan), notify, silences, answer }).map_err(|error| match error {
            NotTaken::Full => ReloadError::Busy,
            NotTaken::Closed => ReloadError::Stopped,
        })?;
        let leftover = answered.blocking_recv().map_err(|_| ReloadError::Stopped)?;
        let mut changes = Changes::between(leftover.plan(), &plan);
        before.compare(&after, &mut changes);
        *before = after;
        Ok(Reloaded { n_alerts: plan.alerts().count(), changes })
    }
}
