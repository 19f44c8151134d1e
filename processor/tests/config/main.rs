//! Settings and rules as users write them: what they mean, and how their mistakes read.

mod arithmetic;
mod edits_messages;
mod eight;
mod files;
mod measure_messages;
mod merge;
mod messages;
mod outs_messages;
mod places;
mod properties;
mod query_messages;
mod rows_messages;
mod settings;
mod settings_messages;
mod steps_messages;
mod stock;
mod streams_messages;
mod takes;
mod tests_in_production;
mod tests_messages;
mod timed_messages;
mod unless_messages;
mod ways_messages;
mod yaml_messages;
