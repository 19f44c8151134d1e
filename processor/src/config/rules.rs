//! Rule files to alerts: the stock rules first, then each file over those before it.

use engine::rules::{Alert, IndexSettings};
use engine::streams::Stream;

use super::alert::{self, RawAlert};
use super::reader::{self, Keys};
use super::report::Report;
use super::source::Place;
use super::stock::STOCK;
use super::{index, plan, streams, syntax};

/// What a rule file may hold.
const TOP: Keys<'_> =
    Keys { of: "a rule file", known: &["alerts", "streams", "index"], later: &["notify", "silences", "tests"], quiet: &[] };

/// The rules of all files, checked.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// Every alert, also those that are off, the stock rules first.
    pub alerts: Vec<Alert>,
    /// The streams that are on.
    pub streams: Vec<Stream>,
    /// What the index holds.
    pub index: IndexSettings,
    /// Name and `about` of the alerts that have one.
    pub abouts: Vec<(String, String)>,
}

/// What files hold besides alerts, so far.
#[derive(Default)]
struct Others {
    /// And whether each is on.
    streams: Vec<(Stream, bool)>,
    index: IndexSettings,
}

/// Reads rule files, each a name and its text, over the stock rules; `None` when there is any error.
pub fn read_rules(files: &[(String, String)], report: &mut Report) -> Option<Rules> {
    let mut raws: Vec<RawAlert> = Vec::new();
    let mut others = Others::default();
    for (name, text) in STOCK {
        read_file(&format!("<stock>/{name}"), text, &mut raws, &mut others, report);
    }
    let stock: Vec<String> = raws.iter().map(|raw| raw.name.clone()).collect();
    for (name, text) in files {
        read_file(name, text, &mut raws, &mut others, report);
    }
    let stock: Vec<&str> = stock.iter().map(String::as_str).collect();
    let alerts: Vec<_> = raws.iter().filter_map(|raw| plan::alert(raw, &stock, report)).collect();
    let abouts = raws.iter().filter_map(|raw| Some((raw.name.clone(), raw.about.value()?.trim().to_owned()))).collect();
    report.sort();
    let streams = others.streams.into_iter().filter(|(_, is_on)| *is_on).map(|(stream, _)| stream).collect();
    (report.n_errors() == 0).then_some(Rules { alerts, streams, index: others.index, abouts })
}

fn read_file(name: &str, text: &str, raws: &mut Vec<RawAlert>, others: &mut Others, report: &mut Report) {
    let file = report.sources.add(name, text);
    let Some(tree) = syntax::tree(file, text, report) else { return };
    let Some(top) = reader::fields(&tree.root, &TOP, report) else { return };
    if let Some(streams) = top.get("streams") {
        streams::read(streams, &mut others.streams, report);
    }
    if let Some(index) = top.get("index") {
        index::read(index, &mut others.index, report);
    }
    let Some(alerts) = top.get("alerts") else { return };
    let Some(alerts) = reader::entries(alerts, "`alerts`", twice, report) else { return };
    for (name, place, node) in alerts.iter() {
        if !is_name(name) {
            let message = format!("`{name}` is no name for an alert");
            report.error(place, message).help("a name holds letters, digits, `-`, `_` and `.`");
            continue;
        }
        let earlier = raws.iter().position(|raw| raw.name == name);
        let Some(mut raw) = alert::read(name, place, node, earlier.and_then(|at| raws.get(at)), report) else { continue };
        raw.is_damaged = tree.is_damaged;
        match earlier.and_then(|at| raws.get_mut(at)) {
            Some(earlier) => *earlier = raw.over(earlier.clone()),
            None => raws.push(raw),
        }
    }
}

pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

fn twice(name: &str, second: &Place, first: &Place, report: &mut Report) {
    let (line, _) = report.sources.line_and_column(first);
    let file = report.sources.file(first).to_owned();
    let message = format!("alert `{name}` is defined twice here; first at {file}:{line} (to override a stock rule put it in another file)");
    report.error(second, message).second(first, "first here");
}
