//! Settings and rules: YAML text to checked values, with every mistake at its place.
//!
//! `yaml` makes a tree of a text whose every node knows its place; `reader` walks it and collects every mistake; what is read is raw
//! (it mirrors the file) until `rules` and `settings` make the checked types of it. No other module knows YAML.

mod alert;
mod expect;
mod files;
mod index;
mod inputs;
mod lint;
mod live;
mod measure;
mod message;
mod mutants;
mod notify;
mod plan;
mod reader;
mod report;
mod rules;
mod scalar;
mod schema;
mod section;
mod services;
mod settings;
mod silences;
mod source;
mod stock;
mod streams;
mod suite;
mod syntax;
mod tests;
mod texts;
mod unless;
mod values;
mod watch;
mod written;
mod yaml;

pub use files::{check, check_and_ask, check_secrets, load_rules, load_settings, load_suite};
pub use live::{Asked, Found, Held};
pub use mutants::{Mutant, mutants, without_tests};
pub use report::{Level, Problem, Report, doubt_query, report_query};
pub use rules::{Rules, read_rules};
pub use schema::schema;
pub use settings::{Environment, SECRET_VARIABLES, SecretFiles, Secrets, influx_secrets, is_target, read_settings};
pub use silences::unknown_alerts;
pub use source::{Place, Sources};
pub use suite::{Suite, Under, read_suite, rules_of, stock_suite};
pub use watch::Watch;
pub use written::{Part, Stream, Test, Written};
