//! The rules that the engine makes itself. They stand behind those of the user, and nothing is offered to them but by the engine.

use event::View;

use super::alert::{Alert, Expect};
use super::plan::Rule;
use crate::query::Query;
use crate::template::Template;

/// Name of the alert that opens when there are more than `max_series` keys.
pub const SERIES_LIMIT: &str = "series-limit";

/// Name of the alert that opens for each rule that has as many instances as it may have; its `by` is `rule`.
pub const INSTANCES_LIMIT: &str = "instances-limit";

/// The alerts of the engine's own, each with its `by`.
pub const OWN: [(&str, &[&str]); 2] = [(SERIES_LIMIT, &[]), (INSTANCES_LIMIT, &["rule"])];

/// Name of the rule that picks what the swarm's leader says of its nodes. No user's rule is called so: it holds a `/`.
const SWARM_NODES: &str = "swarm/nodes";

const SERIES_LIMIT_MESSAGE: &str =
    "the index holds {{metric}} series, as many as `processor.max_series` allows: rules do not see the events of further ones";

const INSTANCES_LIMIT_MESSAGE: &str =
    "alert {{rule}} has {{metric}} instances, as many as its `max_instances` allows: further ones are not watched";

/// Where the engine's own rules are in a plan.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Own {
    pub(crate) series_limit: u32,
    pub(crate) instances_limit: u32,
    /// Only where a rule expects the swarm's nodes.
    pub(crate) swarm_nodes: Option<u32>,
}

impl Own {
    /// Appends the engine's own rules.
    pub(super) fn append(rules: &mut Vec<Rule>) -> Self {
        let wants_nodes = rules.iter().any(|rule| rule.alert.expect == Expect::SwarmNodes);
        let mut own =
            Self { series_limit: push(rules, series_limit()), instances_limit: push(rules, instances_limit()), swarm_nodes: None };
        if wants_nodes {
            own.swarm_nodes = Some(push(rules, swarm_nodes()));
        }
        own
    }
}

/// Whether a rule of this name is the engine's.
pub(super) fn is_own(name: &str) -> bool {
    matches!(name, SERIES_LIMIT | INSTANCES_LIMIT | SWARM_NODES)
}

fn push(rules: &mut Vec<Rule>, alert: Alert) -> u32 {
    rules.push(Rule::new(alert));
    rules.len() as u32 - 1
}

fn query(text: &str) -> Query {
    Query::parse(text).expect("a literal is a query")
}

/// An alert that is a warning while it is told again and again.
fn limit(name: &str, by: &[&str], message: &str) -> Alert {
    let mut alert = Alert::new(name, query("false"));
    alert.by = by.iter().map(|field| (*field).to_owned()).collect();
    alert.warn = Some(super::Level::new(query("true")));
    alert.message = Template::parse(message).ok();
    alert
}

fn series_limit() -> Alert {
    limit(SERIES_LIMIT, &[], SERIES_LIMIT_MESSAGE)
}

fn instances_limit() -> Alert {
    limit(INSTANCES_LIMIT, &["rule"], INSTANCES_LIMIT_MESSAGE)
}

/// It has no level: its events are for [`Expect::SwarmNodes`].
fn swarm_nodes() -> Alert {
    Alert::new(SWARM_NODES, query("service =~ \"docker_node/%/ready\""))
}

/// The node that an event of `docker_node` is about. A node that left and joined again is listed once more, as `NAME~ID`: that one is gone.
pub(crate) fn node_of<'a>(event: &View<'a>) -> Option<&'a str> {
    let name = std::str::from_utf8(event.labels.attribute(b"node")?).ok()?;
    (!name.is_empty() && !name.contains('~')).then_some(name)
}
