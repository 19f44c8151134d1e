//! What an alert says besides its message: details, runbook, team, labels, links.

use crate::template::{Fields, Template};

/// What a rule says of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// More than fits into a message.
    pub details: Option<Template>,
    /// Where to read what to do.
    pub runbook: Option<Template>,
    /// Who looks after it.
    pub team: Option<String>,
    /// For routing: name and value, in the order of the file.
    pub labels: Vec<(String, Template)>,
    /// Title and address, in the order of the file.
    pub links: Vec<(String, Template)>,
}

/// The same of one instance, rendered at its last change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// More than fits into a message.
    pub details: Option<String>,
    /// Where to read what to do.
    pub runbook: Option<String>,
    /// Who looks after it.
    pub team: Option<String>,
    /// Name and value.
    pub labels: Vec<(String, String)>,
    /// Title and address.
    pub links: Vec<(String, String)>,
}

impl Said {
    /// Nothing is said.
    pub const NOTHING: &'static Self = &Self { details: None, runbook: None, team: None, labels: Vec::new(), links: Vec::new() };
}

impl Words {
    /// The words with an instance's fields put in.
    pub(crate) fn render(&self, fields: &dyn Fields) -> Said {
        let text = |template: &Template| {
            let mut out = String::new();
            template.render(&mut out, fields);
            out
        };
        let each = |named: &[(String, Template)]| named.iter().map(|(name, template)| (name.clone(), text(template))).collect();
        Said {
            details: self.details.as_ref().map(text),
            runbook: self.runbook.as_ref().map(text),
            team: self.team.clone(),
            labels: each(&self.labels),
            links: each(&self.links),
        }
    }
}
