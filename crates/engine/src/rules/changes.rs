//! What another plan changes, by name: for whoever reads the log after a reload.

use std::collections::HashMap;
use std::fmt;

use super::Plan;

/// The names of alerts and streams that the new plan brings, has otherwise, or leaves out; each list in the order of its plan, alerts first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Only the new plan has them.
    pub added: Vec<String>,
    /// Both have them, and they say something else.
    pub changed: Vec<String>,
    /// Only the old plan had them.
    pub removed: Vec<String>,
}

impl Changes {
    /// From the old plan to the new one.
    pub fn between(old: &Plan, new: &Plan) -> Self {
        let (before, after) = (named(old), named(new));
        let known: HashMap<&str, u64> = before.iter().map(|(name, content)| (name.as_str(), *content)).collect();
        let mut changes = Self::default();
        for (name, content) in &after {
            match known.get(name.as_str()) {
                None => changes.added.push(name.clone()),
                Some(then) if then != content => changes.changed.push(name.clone()),
                Some(_) => {}
            }
        }
        let stays: std::collections::HashSet<&str> = after.iter().map(|(name, _)| name.as_str()).collect();
        changes.removed.extend(before.iter().filter(|(name, _)| !stays.contains(name.as_str())).map(|(name, _)| name.clone()));
        changes
    }

    /// Whether every alert and stream is as it was.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.removed.is_empty()
    }
}

/// `added a, b; changed c; removed stream d`, or `nothing changed`.
impl fmt::Display for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("nothing changed");
        }
        let lists = [("added", &self.added), ("changed", &self.changed), ("removed", &self.removed)];
        for (at, (what, names)) in lists.iter().filter(|(_, names)| !names.is_empty()).enumerate() {
            let between = if at == 0 { "" } else { "; " };
            write!(f, "{between}{what} {}", names.join(", "))?;
        }
        Ok(())
    }
}

/// Each alert's and stream's name with a hash of all that it says.
fn named(plan: &Plan) -> Vec<(String, u64)> {
    let alerts = plan.rules().iter().map(|rule| (rule.alert.name.clone(), rule.content));
    let streams = plan.programs().iter().map(|program| (format!("stream {}", program.name), program.definition));
    alerts.chain(streams).collect()
}

#[cfg(test)]
mod tests {
    use event::Duration;

    use super::*;
    use crate::query::Query;
    use crate::rules::{Alert, Level, Settings};
    use crate::streams::Stream;

    fn plan(alerts: &[(&str, &str)], streams: &[&str]) -> Plan {
        let alert =
            |(name, level): &(&str, &str)| Alert { warn: Some(Level::new(Query::parse(level).unwrap())), ..Alert::new(*name, Query::ALL) };
        let stream = |name: &&str| Stream {
            name: (*name).to_owned(),
            where_: Query::ALL,
            steps: Vec::new(),
            max_instances: 1,
            forget: Duration::ZERO,
        };
        Plan::new(alerts.iter().map(alert).collect(), Settings::default()).with_streams(&streams.iter().map(stream).collect::<Vec<_>>())
    }

    #[track_caller]
    fn check(old: &Plan, new: &Plan, expected: &str) {
        assert_eq!(Changes::between(old, new).to_string(), expected);
    }

    #[test]
    fn each_alert_and_stream_that_is_another_is_named() {
        let old = plan(&[("a", "metric > 1"), ("b", "metric > 1"), ("c", "metric > 1")], &["s", "t"]);
        check(&old, &old.clone(), "nothing changed");
        check(&old, &plan(&[("c", "metric > 1"), ("d", "true"), ("a", "metric > 2")], &["t"]), "added d; changed a; removed b, stream s");
        check(&old, &plan(&[("a", "metric > 1"), ("b", "metric > 1"), ("c", "metric > 1"), ("s", "true")], &["s", "t"]), "added s");
    }
}
