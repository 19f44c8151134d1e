//! The thread of one way: takes a message, sends it, says how that went.

use std::any::Any;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;

use crossbeam_channel::{Receiver, Sender};
use tokio::runtime::{Builder, Runtime};

use super::failure::Failure;
use super::http::Client;
use super::parts::Parts;
use super::posts::{posts, tls};
use super::{exec, mail};
use crate::notify::{Letter, Way};

/// How a try ended; the line is the office's name of the way.
pub(super) struct Settled {
    pub(super) line: String,
    /// Of the line's life: another one of this name may have come since.
    pub(super) life: u64,
    pub(super) result: Result<(), Failure>,
}

/// Starts the thread; it ends when `letters` is closed.
///
/// # Errors
/// When no thread can be had.
pub(super) fn start(
    (line, life): (String, u64),
    way: Way,
    host: String,
    letters: Receiver<Arc<Letter>>,
    settled: Sender<Settled>,
) -> io::Result<()> {
    let name = format!("to {line}").chars().take(15).collect();
    thread::Builder::new().name(name).spawn(move || {
        let mut parts = Parts::default();
        for letter in letters {
            let result = guarded(|| deliver_rest(&way, &letter, &host, &mut parts));
            if settled.send(Settled { line: line.clone(), life, result }).is_err() {
                return;
            }
        }
    })?;
    Ok(())
}

/// Where panics unwind, one costs a try and not the thread: a line whose try never ends would stay busy for ever.
fn guarded(deliver: impl FnOnce() -> Result<(), Failure>) -> Result<(), Failure> {
    let panicked = |panic: Box<dyn Any + Send>| {
        let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        Failure::passing(format!("a mistake in skep: {}", text.unwrap_or("a panic")))
    };
    catch_unwind(AssertUnwindSafe(deliver)).unwrap_or_else(|panic| Err(panicked(panic)))
}

/// Sends a message and waits until the other side has taken it. `host` is this machine's name.
///
/// # Errors
/// [`Failure`] when it has not.
pub fn deliver(way: &Way, letter: &Letter, host: &str) -> Result<(), Failure> {
    deliver_rest(way, letter, host, &mut Parts::default())
}

/// The same; of a message that takes several posts, those that earlier tries settled are left out.
fn deliver_rest(way: &Way, letter: &Letter, host: &str, parts: &mut Parts) -> Result<(), Failure> {
    match way {
        Way::Mail(settings) => mail::send(settings, letter, host),
        Way::Exec(settings) => exec::run(settings, letter),
        Way::Webhook(_) | Way::Pagerduty(_) | Way::Alertmanager(_) | Way::Telegram(_) => {
            let posts = posts(way, letter).map_err(Failure::passing)?;
            parts.begin(letter.id, posts.len());
            runtime()?.block_on(async {
                let client = Client::new(&tls(way))?;
                for post in posts.into_iter().skip(parts.n_settled()) {
                    parts.settle(client.post(post).await)?;
                }
                parts.end()
            })
        }
    }
}

fn runtime() -> Result<Runtime, Failure> {
    Builder::new_current_thread().enable_all().build().map_err(|error| Failure::passing(format!("no runtime could be had: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_try_that_failed() {
        assert_eq!(guarded(|| panic!("no entry {}", 7)), Err(Failure::passing("a mistake in skep: no entry 7")));
        assert_eq!(guarded(|| Ok(())), Ok(()));
    }
}
