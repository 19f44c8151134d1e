//! What an alert says, as a rule file has it: message, details, runbook, team, labels, links.

use engine::rules::{self, Words};
use engine::template::Template;

use super::alert::Slot;
use super::reader::{self, Fields};
use super::report::Report;
use super::rules::is_name;
use super::source::Place;
use super::values;
use super::yaml::Node;

/// The texts of an alert as one file has them.
#[derive(Clone, Debug, Default)]
pub(super) struct RawTexts {
    pub(super) message: Slot<RawText>,
    details: Slot<RawText>,
    runbook: Slot<RawText>,
    team: Slot<String>,
    labels: Slot<Vec<RawNamed>>,
    links: Slot<Vec<RawNamed>>,
}

/// A template and the places of its fields.
#[derive(Clone, Debug)]
pub(super) struct RawText {
    pub(super) template: Template,
    fields: Vec<(String, Place)>,
}

/// A label or a link: its name, the place of that, and what it says.
#[derive(Clone, Debug)]
struct RawNamed {
    name: String,
    place: Place,
    text: Slot<RawText>,
}

impl RawTexts {
    pub(super) fn read(fields: &Fields<'_>, report: &mut Report) -> Self {
        let get = |key: &str| fields.get(key);
        Self {
            message: Slot::read(get("message"), |node| text("message", node, report)),
            details: Slot::read(get("details"), |node| text("details", node, report)),
            runbook: Slot::read(get("runbook"), |node| filled("runbook", node, report)),
            team: Slot::read(get("team"), |node| values::filled("team", node, report)),
            labels: Slot::read(get("labels"), |node| named("labels", node, label, report)),
            links: Slot::read(get("links"), |node| named("links", node, |_, _, _| true, report)),
        }
    }

    /// This one laid over what earlier files say: labels and links merge.
    pub(super) fn over(self, earlier: Self) -> Self {
        Self {
            message: self.message.over(earlier.message),
            details: self.details.over(earlier.details),
            runbook: self.runbook.over(earlier.runbook),
            team: self.team.over(earlier.team),
            labels: named_over(self.labels, earlier.labels),
            links: named_over(self.links, earlier.links),
        }
    }

    /// Every field that a text names, with its place.
    pub(super) fn fields(&self) -> impl Iterator<Item = &(String, Place)> {
        let named = [&self.labels, &self.links].into_iter().filter_map(Slot::value).flatten().map(|named| &named.text);
        let texts = [&self.message, &self.details, &self.runbook].into_iter().chain(named);
        texts.filter_map(Slot::value).flat_map(|text| &text.fields)
    }

    /// What is said besides the message; `by` are the fields that make an instance.
    pub(super) fn checked(&self, by: &[String], report: &mut Report) -> Words {
        let template = |slot: &Slot<RawText>| slot.value().map(|text| text.template.clone());
        let named = |slot: &Slot<Vec<RawNamed>>| {
            let said = slot.value().into_iter().flatten().filter_map(|named| Some((named.name.clone(), template(&named.text)?)));
            said.collect()
        };
        for label in self.labels.value().into_iter().flatten() {
            if by.iter().any(|field| rules::attribute_of(field) == label.name) {
                let message = format!("label `{}` is in `by`, so that the alert has it already", label.name);
                report.error(&label.place, message).help("give it another name, or leave it out");
            }
        }
        Words {
            details: template(&self.details),
            runbook: template(&self.runbook),
            team: self.team.value().cloned(),
            labels: named(&self.labels),
            links: named(&self.links),
        }
    }
}

fn text(key: &str, node: &Node, report: &mut Report) -> Option<RawText> {
    let template = values::template(key, node, report)?;
    let fields = template.fields().map(|(field, span)| (field.to_owned(), node.part(&span))).collect();
    Some(RawText { template, fields })
}

/// The same, of a text that is not empty.
fn filled(key: &str, node: &Node, report: &mut Report) -> Option<RawText> {
    values::filled(key, node, report)?;
    text(key, node, report)
}

fn named(key: &str, node: &Node, is_good: impl Fn(&str, &Place, &mut Report) -> bool, report: &mut Report) -> Option<Vec<RawNamed>> {
    let twice = |name: &str, second: &Place, first: &Place, report: &mut Report| {
        report.error(second, format!("`{name}` stands twice in `{key}`")).second(first, "first here");
    };
    let Some(entries) = reader::entries(node, &format!("`{key}`"), twice, report) else {
        if let Some(problem) = report.last_mut() {
            let example =
                if key == "labels" { "{severity: page}" } else { "{Chart: \"https://grafana.example.org/d/disk?var-host={{host}}\"}" };
            problem.help(format!("write `{key}: {example}`"));
        }
        return None;
    };
    let read = entries.iter().filter_map(|(name, place, node)| {
        let text = Slot::read(Some(node), |node| filled(name, node, report));
        is_good(name, place, report).then(|| RawNamed { name: name.to_owned(), place: place.clone(), text })
    });
    Some(read.collect())
}

/// Whether a label may be called so: it is an attribute of the alert's event.
fn label(name: &str, place: &Place, report: &mut Report) -> bool {
    if !is_name(name) {
        report.error(place, format!("`{name}` is no name for a label")).help("a name holds letters, digits, `-`, `_` and `.`");
        return false;
    }
    if rules::is_taken(name) {
        let message = format!("label `{name}`: every alert has a `{name}` of its own");
        report.error(place, message).help(format!("give it another name: `{name}_label`"));
        return false;
    }
    true
}

/// Names merge; what a later file says of one counts.
fn named_over(later: Slot<Vec<RawNamed>>, earlier: Slot<Vec<RawNamed>>) -> Slot<Vec<RawNamed>> {
    match (later, earlier) {
        (Slot::Is(later, place), Slot::Is(mut earlier, _)) => {
            for named in later {
                match earlier.iter_mut().find(|known| known.name == named.name) {
                    Some(known) => *known = named,
                    None => earlier.push(named),
                }
            }
            Slot::Is(earlier, place)
        }
        (later, earlier) => later.over(earlier),
    }
}
