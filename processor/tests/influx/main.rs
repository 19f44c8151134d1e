//! The InfluxDB sink against real servers, and against a false one for the answers that those do not give.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic: that is how they fail")]

mod admin;
mod away;
mod fake;
mod feed;
mod one;
mod refusals;
mod three;
mod tls;
mod two;
