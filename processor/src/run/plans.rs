//! What a processor runs: its rules, and who is told of them.

use std::sync::Arc;

use engine::rules::Plan;

use crate::notify;

/// Both of one reading of the files.
#[derive(Debug)]
pub struct Plans {
    /// Alerts, streams and index.
    pub rules: Plan,
    /// Notifiers and routes.
    pub notify: Arc<notify::Plan>,
}

/// Rules of which nobody is told.
impl From<Plan> for Plans {
    fn from(rules: Plan) -> Self {
        Self { rules, notify: Arc::default() }
    }
}
