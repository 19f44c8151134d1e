//! Containers and swarm services as services of a Consul agent, by the labels and environment that Registrator knows.
//!
//! What is wanted ([`desired()`]) and what is to be done about it ([`difference()`]) are functions of values; [`Registrar`] asks
//! dockerd and the agent, and carries out.
//!
//! How Consul itself does is a matter of its own: [`Watch`] looks, [`Teller`] makes samples of it.

mod agent;
mod cluster;
mod desired;
mod difference;
mod entry;
mod metadata;
mod registrar;
mod seen;
mod sight;
mod teller;
mod watch;

pub use agent::{Agent, Failure};
pub use cluster::{Checked, Cluster, Itself, Look, Member, Outcome, Standing};
pub use desired::{Options, desired};
pub use difference::{Change, difference};
pub use entry::{Check, Entry, Registered, State};
pub use metadata::Metadata;
pub use registrar::{Registrar, Settings, Trouble, Turn, once};
pub use seen::{Container, Health, Port, Protocol, Published, Service};
pub use teller::Teller;
pub use watch::{Watch, Watching};
