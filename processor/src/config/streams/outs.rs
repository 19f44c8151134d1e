//! Ways out of a stream, as a rule file has them.

use engine::streams::{Out, Step, Way};

use super::steps::{Item, Read, some_texts};
use crate::config::report::Report;
use crate::config::source::Place;
use crate::config::values;

pub(super) fn read(item: &Item<'_>, report: &mut Report) -> Option<Read> {
    let ways = match item.key {
        "tap" => vec![Way::Tap(values::filled("tap", item.node, report)?)],
        "forward" => forwards(item, report)?,
        "to" => some_texts("to", "index", item.node, report)?
            .into_iter()
            .map(|(name, place)| way(&name, &place, report))
            .collect::<Option<_>>()?,
        key => {
            let is_on = item.node.is_null() || values::flag(key, item.node, report)?;
            let way = match key {
                "log" => Way::Log,
                "index" => Way::Index,
                _ => Way::Reinject,
            };
            if is_on { vec![way] } else { Vec::new() }
        }
    };
    Read::any(Step::Out(Out(ways)))
}

/// What `forward` names; whether the settings have it is told when they are known.
fn forwards(item: &Item<'_>, report: &mut Report) -> Option<Vec<Way>> {
    let names = some_texts("forward", "central", item.node, report)?;
    let mut ways = Vec::new();
    for (name, place) in names {
        if name.contains(':') {
            let help = "write the address into skep.yaml, `processor: {forward: {central: {to: HOST:5555}}}`, and `forward: central` here";
            report.error(&place, format!("`forward` takes a name of the settings, and `{name}` is an address")).help(help);
            return None;
        }
        report.forwards.push((name.clone(), place));
        ways.push(Way::Forward(name));
    }
    Some(ways)
}

/// What `to` names.
fn way(name: &str, place: &Place, report: &mut Report) -> Option<Way> {
    Some(match name {
        "index" => Way::Index,
        "influx" => Way::Influx,
        "log" => Way::Log,
        "streams" => Way::Reinject,
        _ => {
            let help = match catalogue::nearest(name, ["index", "influx", "log", "streams"]) {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None => "events go to `index`, `influx`, `log` and `streams`".to_owned(),
            };
            report.error(place, format!("there is nothing called `{name}` to send events to")).help(help);
            return None;
        }
    })
}
