//! Rules: what an alert says (plan), and what becomes of it (instances).

mod alert;
mod changes;
pub(crate) mod conditions;
mod definition;
pub(crate) mod instance;
pub(crate) mod kept;
pub(crate) mod last;
pub(crate) mod measure;
pub(crate) mod message;
pub(crate) mod naming;
pub(crate) mod own;
pub(crate) mod plan;
mod report;
mod unless;
pub(crate) mod words;

pub use alert::{Alert, Expect, Expired, Level, Unless};
pub use changes::Changes;
pub(crate) use definition::fingerprint;
pub use measure::{Across, Join, Measure, Over};
pub use naming::{attribute as attribute_of, is_taken, part_value as instance_value, parts as instance_parts};
pub use own::{INSTANCES_LIMIT, OWN, SERIES_LIMIT};
pub use plan::{IndexSettings, Keep, Plan, Settings};
pub use report::AlertInstance;
pub use words::{Said, Words};
