//! Settings and rules as users write them: what they mean, and how their mistakes read.

mod eight;
mod files;
mod merge;
mod messages;
mod places;
mod properties;
mod query_messages;
mod settings;
mod settings_messages;
mod stock;
mod yaml_messages;
