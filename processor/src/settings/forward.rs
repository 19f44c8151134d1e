//! Settings of where streams may send events on.

use super::Backlog;

/// Another skep, or Riemann.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forward {
    /// As rules call it.
    pub name: String,
    /// Each `HOST:PORT`, tried in order.
    pub to: Vec<String>,
    /// What is kept on disk while none answers.
    pub backlog: Backlog,
}

impl Forward {
    /// With the usual backlog.
    pub fn new(name: impl Into<String>, to: Vec<String>) -> Self {
        Self { name: name.into(), to, backlog: Backlog::default() }
    }
}
