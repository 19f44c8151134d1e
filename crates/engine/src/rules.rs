//! Rules: what an alert says (plan), and what becomes of it (instances).

mod alert;
mod plan;
mod report;

pub use alert::{Alert, Expired, Level};
pub use plan::{Plan, Settings};
pub use report::AlertInstance;
