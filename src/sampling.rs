//! The collector's thread, from its start to its orderly end.

use std::convert::Infallible;
use std::thread::JoinHandle;

use anyhow::Context as _;
use crossbeam_channel::Sender;
use transport::Publish;

/// A running collector; dropping it unasked leaves its thread to end by itself.
pub(crate) struct Sampling {
    trigger: Sender<Infallible>,
    thread: JoinHandle<()>,
}

impl Sampling {
    /// Starts sampling on a thread of its own.
    ///
    /// # Errors
    /// When no thread can be had.
    pub(crate) fn start(settings: collector::Settings, publish: Box<dyn Publish>) -> anyhow::Result<Self> {
        // Closing the channel is the signal to end.
        let (trigger, shutdown) = crossbeam_channel::bounded(0);
        let builder = std::thread::Builder::new().name("sampling".to_owned());
        let thread = builder.spawn(move || collector::run(&settings, publish, &shutdown)).context("could not start the sampling thread")?;
        Ok(Self { trigger, thread })
    }

    /// Sends what has been sampled, then ends.
    pub(crate) fn stop(self) {
        drop(self.trigger);
        if self.thread.join().is_err() {
            tracing::error!("the sampling thread had panicked");
        }
    }
}
