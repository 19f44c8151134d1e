//! SIGTERM and Ctrl-C: the first asks for an orderly end, the second ends at once. SIGHUP: read the rules again.

use std::process::ExitCode;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use crate::rules::Rules;

/// What a shell reports for a program that Ctrl-C ended.
const INTERRUPTED: i32 = 130;

/// How often the rule files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// From its making on no signal ends the process by itself.
pub(crate) struct Signals {
    runtime: Runtime,
    ends: Ends,
    hangup: Signal,
}

struct Ends {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Installs the handlers. Do so before anybody is told that the process is ready: who reads that line may send one at once.
    ///
    /// # Errors
    /// When they cannot be installed.
    pub(crate) fn install() -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let context = runtime.enter();
        let (ends, hangup) = (Ends::install()?, signal(SignalKind::hangup())?);
        drop(context);
        Ok(Self { runtime, ends, hangup })
    }

    /// Waits until the process is asked to end. Meanwhile `rules` are read again when their files changed, and at SIGHUP.
    ///
    /// # Errors
    /// When the thread that waits for a second signal cannot be made.
    pub(crate) fn wait(self, rules: Option<Rules>) -> anyhow::Result<ExitCode> {
        let Self { runtime, mut ends, mut hangup } = self;
        let name = runtime.block_on(async {
            tokio::select! {
                name = ends.next() => name,
                never = follow(&mut hangup, rules) => match never {},
            }
        });
        tracing::info!("{name}: writing what is still held, then ending; once more ends at once");
        std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
            runtime.block_on(ends.next());
            std::process::exit(INTERRUPTED);
        })?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Ends {
    fn install() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "Ctrl-C",
        }
    }
}

/// Returns when the process is asked to end, or cannot hear of it.
pub(crate) async fn requested() {
    match Ends::install() {
        Ok(mut ends) => _ = ends.next().await,
        Err(error) => tracing::warn!(%error, "signals are not heard"),
    }
}

/// Reads the rules again when it is time, on a thread of its own, so that a slow disk makes nobody deaf for the signals that end.
async fn follow(hangup: &mut Signal, rules: Option<Rules>) -> std::convert::Infallible {
    let Some(mut rules) = rules else {
        loop {
            hangup.recv().await;
            tracing::info!("SIGHUP: there are no rules here that could be read again");
        }
    };
    let mut looks = interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let asked = tokio::select! {
            _ = hangup.recv() => true,
            _ = looks.tick() => false,
        };
        let work: JoinHandle<Rules> = tokio::task::spawn_blocking(move || {
            if asked {
                rules.reload("SIGHUP")
            } else {
                rules.look()
            }
            rules
        });
        match work.await {
            Ok(back) => rules = back,
            // A panic was reported by its hook; without the watch the rules stay as they are.
            Err(_) => return std::future::pending().await,
        }
    }
}
