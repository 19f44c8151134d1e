//! The rules of a running processor, read again when their files change and whenever somebody wants it.

use std::path::PathBuf;
use std::sync::Arc;

use engine::rules::Plan;
use event::Duration;
use processor::config::{self, Report, Secrets, Watch};
use processor::reload::{Fresh, Read, Reloader};
use processor::run::Plans;
use processor::settings::Settings;

use crate::configured::{self, Refused};

/// The rules as they were read at the start, and what reads them again.
pub(crate) struct Start {
    /// What runs first.
    pub(crate) plan: Plans,
    /// For whoever wants them anew.
    pub(crate) read: Read,
    /// From before they were read.
    pub(crate) watch: Watch,
}

/// Where the rules are, and what a plan takes from the settings.
struct Source {
    folders: Vec<PathBuf>,
    swarm: String,
    start_grace: Duration,
    forwards: Vec<String>,
    secrets: Secrets,
}

impl Start {
    /// Reads the rules of these folders, over the stock rules; warnings are printed. `secrets`: those of notifiers.
    pub(crate) fn read(folders: Vec<PathBuf>, settings: &Settings, secrets: Secrets) -> Result<Self, Refused> {
        let watch = Watch::begin(folders.clone());
        let forwards = settings.processor.forward.iter().map(|forward| forward.name.clone()).collect();
        let source = Source { folders, swarm: settings.swarm.clone(), start_grace: settings.processor.start_grace, forwards, secrets };
        let (plan, report) = configured::accept(source.plan())?;
        configured::warn(&report);
        let read = move || {
            let (plan, report) = source.plan()?;
            let warnings = if report.n_warnings() > 0 { report.text(false) } else { String::new() };
            Ok(Fresh { plan, warnings })
        };
        Ok(Self { plan, read: Arc::new(read), watch })
    }
}

impl Source {
    fn plan(&self) -> Result<(Plans, Report), Report> {
        let (rules, mut report) = config::load_rules(&self.folders)?;
        report.check_forwards(&self.forwards.iter().map(String::as_str).collect::<Vec<_>>());
        config::check_secrets(self.secrets, &mut report);
        if report.n_errors() > 0 {
            return Err(report);
        }
        let settings = engine::rules::Settings { swarm: self.swarm.clone(), index: rules.index, start_grace: self.start_grace };
        let plan = Plan::new(rules.alerts, settings).with_streams(&rules.streams);
        let (notify, written) = (Arc::new(rules.notify), Arc::new(rules.written));
        Ok((Plans { rules: plan, notify, silences: rules.silences, written }, report))
    }
}

/// Of a processor that runs.
pub(crate) struct Rules {
    watch: Watch,
    reloader: Arc<Reloader>,
}

impl Rules {
    /// Goes on from the start, where `plan` and `read` went to the processor that `reloader` belongs to.
    pub(crate) fn follow(watch: Watch, reloader: Arc<Reloader>) -> Self {
        Self { watch, reloader }
    }

    /// Reads them again, whatever their files look like.
    pub(crate) fn reload(&self, cause: &str) {
        // Said in the log, and told by `rules_invalid`, where it fails.
        let _ = self.reloader.reload(cause);
    }

    /// Reads them again if their files changed and stand still.
    pub(crate) fn look(&mut self) {
        if self.watch.look() {
            self.reload("the rule files changed");
        }
    }
}
