//! Messages on their way out: written down first, then sent by the ways of their notifiers, tried again until they arrive or are given up.
//!
//! One thread ("post") owns all outboxes and decides what is sent when; each way has a thread that sends one message at a time.

mod carrier;
mod counters;
mod exec;
mod failure;
mod http;
mod judge;
mod line;
mod mail;
mod office;
mod outbox;
mod outcomes;
mod outlet;
mod parts;
mod posts;
mod secret;

pub use carrier::deliver;
pub use counters::{Counts, Handle};
pub use failure::{Again, Failure};
pub use outcomes::{Fate, OfWay, Outcome};
pub use outlet::{Outlet, open};
