//! The InfluxDB sink against real servers, and against a false one for the answers that those do not give.

mod away;
mod fake;
mod feed;
mod one;
mod refusals;
mod two;
