//! Names in a query against the catalogue: measurements, fields and tags.

use std::collections::BTreeSet;

/// Fields and tags of alert instances, which no row of the catalogue has.
const ALERT: [&str; 10] = ["level", "changed", "state", "value", "since", "message", "name", "swarm_service", "container_name", "node"];

/// What of a query's quoted names nobody knows, and counters that are not under a derivative.
pub(crate) fn unknown(query: &str) -> Vec<String> {
    let quoted: Vec<&str> = query.split('"').skip(1).step_by(2).collect();
    let given: BTreeSet<&str> = query.split(" AS \"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let Some(measurement) = query.split("FROM \"").nth(1).and_then(|rest| rest.split('"').next()) else {
        return vec!["it selects from no measurement".to_owned()];
    };
    let rows: Vec<_> = catalogue::metrics().filter(|metric| metric.measurement == measurement).collect();
    if rows.is_empty() && measurement != "alert" {
        return vec![format!("the catalogue has no measurement {measurement}")];
    }
    let is_known = |name: &str| {
        name == measurement
            || name == "host"
            || given.contains(name)
            || measurement == "alert" && ALERT.contains(&name)
            || rows.iter().any(|metric| metric.field == name || metric.attributes.contains(&name))
    };
    let mut wrong: Vec<String> =
        quoted.iter().filter(|name| !is_known(name)).map(|name| format!("{measurement} has no field or tag {name}")).collect();
    for metric in rows.iter().filter(|metric| metric.kind == catalogue::Kind::Counter) {
        for fold in ["mean", "sum"] {
            if query.contains(&format!("{fold}(\"{}\")", metric.field)) && !given.contains(metric.field) {
                wrong.push(format!("{} is a counter: only its growth means something", metric.field));
            }
        }
    }
    wrong
}
