//! Starts the store: file, thread and the two ends of it.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use super::base::Base;
use super::handle::MAX_QUESTIONS;
use super::outlet::QUEUE;
use super::thread::{self, Driver, Thread};
use super::{Counters, Handle, OpenError, Outlet, Settings};

/// Opens or makes `store.db` in the settings' folder and starts the store's thread. It ends when the outlet is dropped.
///
/// # Errors
/// [`OpenError`]: the file cannot be opened or written, or a later skep wrote it.
pub fn open(settings: &Settings) -> Result<(Outlet, Handle, Thread), OpenError> {
    let counters = Arc::new(Counters::default());
    let base = Base::open(settings, Arc::clone(&counters))?;
    let safe = Arc::new(AtomicU64::new(base.position()));
    let (to_thread, batches) = crossbeam_channel::bounded(QUEUE);
    let (to_ask, questions) = crossbeam_channel::bounded(MAX_QUESTIONS);
    let commit_every = settings.commit_every.to_std();
    let driver = Driver { base, batches, questions, safe: Arc::clone(&safe), counters: Arc::clone(&counters), commit_every };
    let thread = thread::start(driver).map_err(OpenError::Thread)?;
    Ok((Outlet::new(to_thread, safe), Handle::new(to_ask, counters), thread))
}
