//! `skep.yaml` to settings.

mod collector;
mod forward;
mod influx;
mod inlets;
mod processor;
mod secret;
mod ways;
mod web;

use super::report::Report;
use super::section::Section;
use super::{syntax, values};
use crate::settings::Settings;

pub use collector::is_target;
pub use secret::{Environment, SECRET_VARIABLES, SecretFiles, Secrets, influx_secrets};

/// Reads a settings file's text, over the defaults; `None` when there is any error.
pub fn read_settings(name: &str, text: &str, secrets: &SecretFiles<'_>, report: &mut Report) -> Option<Settings> {
    let file = report.sources.add(name, text);
    let mut settings = Settings::default();
    if let Some(tree) = syntax::tree(file, text, report)
        && let Some(top) = Section::open(&tree.root, "the settings file", &["swarm", "collector", "processor"], &[], report)
    {
        if let Some(node) = top.node("swarm")
            && let Some(mut swarm) = Section::open(node, "`swarm`", &["name"], &[], top.report)
        {
            swarm.set(&mut settings.swarm, "name", values::filled);
        }
        if let Some(node) = top.node("collector") {
            collector::read(node, &mut settings.collector, top.report);
        }
        if let Some(node) = top.node("processor") {
            processor::read(node, &mut settings.processor, secrets, top.report);
        }
    }
    secret::from_environment(&mut settings.processor, secrets.environment);
    report.sort();
    (report.n_errors() == 0).then_some(settings)
}
