//! Rule files to alerts: the stock rules first, then each file over those before it.

use std::collections::{BTreeMap, HashMap};

use engine::rules::{Alert, IndexSettings};
use engine::streams::Stream;
use event::Duration;

use super::alert::{self, RawAlert};
use super::reader::{self, Keys};
use super::report::Report;
use super::schema::{self, names};
use super::silences::RawSilence;
use super::source::Place;
use super::stock::{self, STOCK};
use super::streams::RawStream;
use super::tests::{self, RawTest};
use super::written::Written;
use super::{index, notify, plan, silences, streams, syntax, unless};
use crate::notify::{Notifier, Plan, Route};
use crate::quiet::Silence;

/// What a rule file may hold.
const TOP: Keys<'_> = Keys { of: "a rule file", known: &names(&schema::FILE), quiet: &[] };

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
    /// Which alerts are not told of, and when.
    pub silences: Vec<Silence>,
    /// Who is told.
    pub notify: Plan,
    /// Where they stand.
    pub written: Written,
}

/// What the files hold, so far.
#[derive(Default)]
pub(super) struct Files {
    pub(super) raws: Vec<RawAlert>,
    /// Where in `raws` an alert is.
    by_name: HashMap<String, usize>,
    /// Where each file names an alert, and to the end of what it says.
    places: BTreeMap<String, Vec<Place>>,
    pub(super) streams: Vec<RawStream>,
    index: IndexSettings,
    pub(super) notifiers: Vec<Notifier>,
    silences: Vec<RawSilence>,
    /// The names of the stock rules.
    stock: Vec<String>,
    /// Which file names which alerts.
    pub(super) named: Vec<(usize, String)>,
    /// How often the collector samples, where the settings were read too.
    pub(super) turn: Option<Duration>,
    /// `None`: they are passed over.
    pub(super) tests: Option<Vec<RawTest>>,
}

/// Reads rule files, each a name and its text, over the stock rules; `None` when there is any error. Tests are passed over.
pub fn read_rules(files: &[(String, String)], report: &mut Report) -> Option<Rules> {
    let mut read = Files::default();
    read.stock(report);
    read.add_all(files, report);
    let rules = read.rules(report);
    report.sort();
    (report.n_errors() == 0).then_some(rules)
}

impl Files {
    /// Reads the stock rules.
    pub(super) fn stock(&mut self, report: &mut Report) {
        for (name, text) in STOCK {
            self.add(&stock::name_of(name), stock::rules_of(text), report);
        }
        self.stock = self.raws.iter().map(|raw| raw.name.clone()).collect();
    }

    pub(super) fn add_all(&mut self, files: &[(String, String)], report: &mut Report) {
        for (name, text) in files {
            self.add(name, text, report);
        }
    }

    fn add(&mut self, name: &str, text: &str, report: &mut Report) {
        let file = report.sources.add(name, text);
        let Some(tree) = syntax::tree(file, text, report) else { return };
        let Some(top) = reader::fields(&tree.root, &TOP, report) else { return };
        if let Some(streams) = top.get("streams") {
            streams::read(streams, &mut self.streams, report);
        }
        if let Some(silences) = top.get("silences") {
            silences::read(silences, &mut self.silences, report);
        }
        if let Some(index) = top.get("index") {
            index::read(index, &mut self.index, report);
        }
        if let Some(node) = top.get("notify") {
            notify::read(node, &mut self.notifiers, report);
        }
        if let Some((tests, into)) = top.get("tests").zip(self.tests.as_mut()) {
            tests::read(tests, into, report);
        }
        let Some(alerts) = top.get("alerts") else { return };
        let Some(alerts) = reader::entries(alerts, "`alerts`", twice, report) else { return };
        for (name, place, node) in alerts.iter() {
            if !is_name(name) {
                let message = format!("`{name}` is no name for an alert");
                report.error(place, message).help("a name holds letters, digits, `-`, `_` and `.`");
                continue;
            }
            if engine::rules::OWN.iter().any(|(own, _)| *own == name) {
                let message = format!("alert `{name}` is one of skep's own");
                report.error(place, message).help("give yours another name; skep's own alerts go to the notifier `default`");
                continue;
            }
            self.named.push((file, name.to_owned()));
            self.places.entry(name.to_owned()).or_default().push(place.until(&node.place));
            let earlier = self.by_name.get(name).copied();
            let Some(mut raw) = alert::read(name, place, node, earlier.and_then(|at| self.raws.get(at)), report) else { continue };
            raw.is_damaged |= tree.is_damaged;
            match earlier.and_then(|at| self.raws.get_mut(at)) {
                Some(earlier) => *earlier = raw.over(earlier.clone()),
                None => {
                    self.by_name.insert(name.to_owned(), self.raws.len());
                    self.raws.push(raw);
                }
            }
        }
    }

    /// The alerts that files besides the stock rules name.
    pub(super) fn named_by_user(&self) -> impl Iterator<Item = &String> {
        self.named.iter().skip(self.stock.len()).map(|(_, name)| name)
    }

    /// The rules, with all that is wrong with them told.
    pub(super) fn rules(&self, report: &mut Report) -> Rules {
        let stock: Vec<&str> = self.stock.iter().map(String::as_str).collect();
        let raws = || self.raws.iter();
        let alerts: Vec<_> = raws().filter_map(|raw| plan::alert(raw, &stock, self.turn, report)).collect();
        unless::check(&self.raws, &alerts, report);
        silences::check(&self.silences, &self.raws, &alerts, report);
        let mut routes: HashMap<String, Route> = raws().filter_map(|raw| Some((raw.name.clone(), self.route(raw, report)?))).collect();
        // The engine's own alerts go where those go that say nothing.
        if let Some(at) = self.notifiers.iter().position(|known| known.name == "default") {
            for (name, by) in engine::rules::OWN {
                let by = by.iter().map(|field| (*field).to_owned()).collect();
                routes.insert(name.to_owned(), Route { by, to: vec![at] });
            }
        }
        let streams = self.streams.iter().map(|raw| (raw.stream.name.clone(), raw.is_on, raw.place.clone())).collect();
        Rules {
            alerts,
            streams: self.streams.iter().filter(|raw| raw.is_on).map(|raw| raw.stream.clone()).collect(),
            index: self.index.clone(),
            silences: self.silences.iter().map(|raw| raw.silence.clone()).collect(),
            abouts: raws().filter_map(|raw| Some((raw.name.clone(), raw.about.value()?.trim().to_owned()))).collect(),
            notify: Plan { notifiers: self.notifiers.clone(), routes },
            written: Written::new(&report.sources, self.places.clone(), streams),
        }
    }

    /// Where an alert's messages go; without `to` to the notifier `default`.
    fn route(&self, raw: &RawAlert, report: &mut Report) -> Option<Route> {
        let place_of = |name: &str| self.notifiers.iter().position(|known| known.name == name);
        let mut to = Vec::new();
        match raw.to.value() {
            None => to.extend(place_of("default")),
            Some(names) => {
                for (name, place) in names {
                    match place_of(name) {
                        Some(at) => to.push(at),
                        None => no_notifier(name, place, &self.notifiers, report),
                    }
                }
            }
        }
        let by = raw.by.value().cloned().unwrap_or_else(|| Alert::new("", engine::query::Query::ALL).by);
        (!to.is_empty()).then_some(Route { by, to })
    }
}

/// Tells of a notifier that is not there.
pub(super) fn no_notifier(name: &str, place: &Place, notifiers: &[Notifier], report: &mut Report) {
    let known: Vec<&str> = notifiers.iter().map(|known| known.name.as_str()).collect();
    let defined = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    let problem = report.error(place, format!("notifier `{name}` is not defined; defined: {defined}"));
    match catalogue::nearest(name, known) {
        Some(nearest) => problem.help(format!("did you mean `{nearest}`?")),
        None => problem.help(format!("define it: `notify: {{{name}: {{mail: {{to: ops@example.org}}}}}}`")),
    };
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
