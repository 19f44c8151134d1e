//! Ingest, journal, the engine's thread, sinks, store and web pages.

pub mod sink;
pub mod store;
