//! Shim until the query language lands: `service = "x"` and numbers.

use std::fmt;

use event::{Labels, View};

use crate::Mistake;

/// A query.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Query(String);

impl Query {
    /// Takes any text.
    ///
    /// # Errors
    /// None yet.
    pub fn parse(text: &str) -> Result<Self, Vec<Mistake>> {
        Ok(Self(text.to_owned()))
    }

    /// Whether the event matches.
    pub fn matches(&self, event: &View<'_>) -> bool {
        let _ = event;
        false
    }

    /// What is left to ask of the events of a series.
    pub fn residue(&self, host: Option<&str>, service: Option<&str>, labels: Labels<'_>) -> Residue {
        let _ = (host, service, labels);
        Residue::Never
    }

    /// The service that a matching event must have.
    pub fn service_literal(&self) -> Option<&str> {
        None
    }

    /// The host that a matching event must have.
    pub fn host_literal(&self) -> Option<&str> {
        None
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A partially evaluated query.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Residue {
    /// No event matches.
    Never,
    /// Every event matches.
    Always,
    /// To be asked.
    Test(Query),
}
