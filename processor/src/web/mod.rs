//! The HTTP server: the index, alerts and history for scripts, live streams for pages, and the pages themselves.

mod alerts;
mod answer;
mod assets;
mod body;
mod disabled;
mod endpoints;
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
mod rules;
mod series;
mod server;
mod services;
mod silences;
mod site;
mod slots;
mod socket;
mod status;
mod too_much;
mod units;
mod updates;
mod write;

pub use guard::Guard;
pub use server::{Port, serve};
pub use site::Site;
pub use too_much::TooMuch;
