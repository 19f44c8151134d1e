//! Ingest, journal, the engine's thread, sinks, store and web pages.

pub mod config;
pub mod driver;
pub mod explain;
pub mod exporter;
pub(crate) mod hand_over;
pub(crate) mod influxql;
pub mod live;
pub mod notify;
pub mod own;
pub mod quiet;
pub mod reload;
pub mod replay;
mod retry_after;
pub mod rule_tests;
pub mod run;
pub mod send;
pub mod settings;
pub mod sink;
pub mod store;
pub mod web;
