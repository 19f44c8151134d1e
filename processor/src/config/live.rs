//! Rules against what a running processor's index holds: what matches nothing there, what has a field that nothing has.

use std::collections::BTreeMap;

use engine::query::{Parsed, Query};
use event::Name;

use super::alert::RawAlert;
use super::report::Report;
use super::rules::Files;
use super::services;
use super::source::Place;

/// What a rule asks of the index.
#[derive(Clone, Debug)]
pub struct Asked {
    /// `alert cpu-high`, `stream errors`.
    pub what: String,
    /// Which events.
    pub where_: Query,
    /// The fields that make an instance; empty for a stream.
    pub by: Vec<String>,
    /// Its name in a `join`.
    input: Option<String>,
    where_place: Place,
    by_place: Option<Place>,
}

/// What came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Events that match.
    pub n_events: usize,
    /// Instances that they make.
    pub n_instances: usize,
}

/// What the index holds.
#[derive(Clone, Debug, Default)]
pub struct Held {
    /// Each service and the number of its hosts.
    pub services: BTreeMap<String, usize>,
    /// Each attribute and the number of events that have it.
    pub attributes: BTreeMap<String, u64>,
}

/// What the rules of files ask, those that are on.
pub(super) fn asked(files: &Files) -> Vec<Asked> {
    let own = files.raws.iter().filter(|raw| files.named_by_user().any(|name| *name == raw.name));
    let mut asked: Vec<Asked> = own.filter(|raw| raw.enabled.value() != Some(&false)).flat_map(of_alert).collect();
    for stream in files.streams.iter().filter(|stream| stream.is_on) {
        asked.extend(stream.where_place.clone().map(|where_place| Asked {
            what: format!("stream {}", stream.stream.name),
            where_: stream.stream.where_.clone(),
            by: Vec::new(),
            input: None,
            where_place,
            by_place: None,
        }));
    }
    asked
}

fn of_alert(raw: &RawAlert) -> Vec<Asked> {
    let by = raw.by.value().cloned().unwrap_or_else(|| engine::rules::Alert::new("", Query::ALL).by);
    let ask = |input: Option<&str>, where_: &Query, place: &Place| Asked {
        what: input.map_or_else(|| format!("alert {}", raw.name), |input| format!("alert {}, {input}", raw.name)),
        where_: where_.clone(),
        by: by.clone(),
        input: input.map(str::to_owned),
        where_place: place.clone(),
        by_place: raw.by.place().cloned(),
    };
    match (raw.where_.value().zip(raw.where_.place()), raw.measure.join_place()) {
        (Some((where_, place)), _) => vec![ask(None, where_, place)],
        (None, Some(place)) => raw.measure.inputs().iter().map(|(input, query)| ask(Some(input), query, place)).collect(),
        (None, None) => Vec::new(),
    }
}

impl Report {
    /// Tells of what the rules ask and the index does not have.
    pub fn check_held(&mut self, asked: &[(Asked, Found)], held: &Held) {
        for (asked, found) in asked {
            if found.n_events == 0 && !is_about_happenings(&asked.where_) {
                self.no_match(asked, held);
            }
            self.fields_never_seen(asked, *found, held);
        }
        self.sort();
    }

    fn no_match(&mut self, asked: &Asked, held: &Held) {
        let help = asked.where_.services().into_iter().flatten().find_map(|service| nearest(service, held));
        let what = asked.input.as_ref().map_or_else(|| "`where`".to_owned(), |input| format!("`{input}` of `join`"));
        let problem = self.warning(&asked.where_place, format!("{what} matches no event that this processor's index holds now"));
        if let Some(help) = help {
            problem.help(help);
        }
    }

    fn fields_never_seen(&mut self, asked: &Asked, found: Found, held: &Held) {
        let mut named = self.fields_of(asked);
        if let Some(place) = &asked.by_place {
            named.extend(asked.by.iter().map(|field| (field.clone(), place.clone())));
        }
        for (field, place) in named {
            let is_known = catalogue::metrics().any(|metric| metric.attributes.contains(&field.as_str()));
            if catalogue::RESERVED.contains(&field.as_str()) || held.attributes.contains_key(&field) || (is_known && found.n_events > 0) {
                continue;
            }
            let nearest = catalogue::nearest(&field, held.attributes.keys().map(String::as_str));
            let seen = nearest.and_then(|name| Some(format!("; seen: {name} ({})", counted(*held.attributes.get(name)?, "event"))));
            self.warning(&place, format!("no event so far has the field `{field}`{}", seen.unwrap_or_default()));
        }
    }

    /// The fields of a `where`, each at its place where the file has the text as it is.
    fn fields_of(&self, asked: &Asked) -> Vec<(String, Place)> {
        let place = &asked.where_place;
        match Parsed::parse(self.sources.text(place)) {
            Ok(parsed) if parsed.query == asked.where_ => {
                let at = |span: &std::ops::Range<usize>| place.span.start + span.start..place.span.start + span.end;
                parsed.fields.iter().map(|(field, span)| (field.clone(), Place { file: place.file, span: at(span) })).collect()
            }
            _ => asked.where_.fields().into_iter().map(|field| (field.to_owned(), place.clone())).collect(),
        }
    }
}

/// What comes only when something happens is not in the index most of the time.
fn is_about_happenings(query: &Query) -> bool {
    let metrics = services::metrics(query);
    !metrics.is_empty() && metrics.iter().all(|(_, metric)| metric.kind == catalogue::Kind::Event)
}

/// What to do about a service: it is there, so that something else is wrong; or one nearly called so is.
fn nearest(service: &str, held: &Held) -> Option<String> {
    let forms = forms(held);
    if let Some(hosts) = forms.get(service) {
        return Some(format!("{service} is there ({}): look at the other conditions", counted(*hosts as u64, "host")));
    }
    let nearest = catalogue::nearest(service, forms.keys().map(String::as_str))?;
    let hosts = *forms.get(nearest)? as u64;
    Some(format!("{service}: did you mean {nearest}? {}", counted(hosts, "host")))
}

/// Every service, and those with an instance once more with `%` in its place.
fn forms(held: &Held) -> BTreeMap<String, usize> {
    let mut forms = held.services.clone();
    for (service, hosts) in &held.services {
        let Some(name) = Name::split(service).filter(|name| name.instance.is_some()) else { continue };
        let form = Name { instance: Some("%"), ..name }.to_string();
        let most = forms.entry(form).or_default();
        *most = (*most).max(*hosts);
    }
    forms
}

fn counted(n: u64, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") }
}
