//! The signal to finish: what is served ends when its [`Trigger`] is dropped.

use tokio::sync::watch;

/// Held by who decides when it is over; dropping it is the signal.
#[derive(Debug)]
pub struct Trigger {
    _sender: watch::Sender<()>,
}

/// Held by whoever has to finish.
#[derive(Clone, Debug)]
pub struct Shutdown {
    receiver: watch::Receiver<()>,
}

/// A trigger and its signal.
pub fn channel() -> (Trigger, Shutdown) {
    let (sender, receiver) = watch::channel(());
    (Trigger { _sender: sender }, Shutdown { receiver })
}

impl Shutdown {
    /// Returns when the trigger has been dropped. May be given up and called again.
    pub async fn requested(&mut self) {
        // Nothing is ever sent: the only change is the end.
        while self.receiver.changed().await.is_ok() {}
    }

    /// Whether the trigger has been dropped; for threads that poll.
    pub fn is_requested(&self) -> bool {
        self.receiver.has_changed().is_err()
    }
}
