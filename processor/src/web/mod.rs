//! The HTTP server: the index, alerts and history for scripts, live streams for pages, and the pages themselves.

mod answer;
mod assets;
mod body;
mod events;
mod explain;
mod guard;
mod history;
mod influxql;
pub(crate) mod json;
mod live;
mod metrics;
mod pages;
mod params;
mod riemann;
mod route;
mod series;
mod server;
mod services;
mod silences;
mod site;
mod slots;
mod socket;
mod updates;
mod write;

pub use guard::Guard;
pub use server::{Port, serve};
pub use site::Site;
