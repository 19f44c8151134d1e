//! What an alert is, in plain words, and why each of its instances is open or not. No IO, no clock.

mod why;
mod words;

pub use why::{fields, query, why};
pub use words::{Line, words};
