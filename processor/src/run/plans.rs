//! What a processor runs: its rules, and who is told of them.

use std::sync::Arc;

use engine::rules::Plan;

use crate::config::Written;
use crate::notify;
use crate::quiet::Silence;

/// Both of one reading of the files.
#[derive(Debug)]
pub struct Plans {
    /// Alerts, streams and index.
    pub rules: Plan,
    /// Notifiers and routes.
    pub notify: Arc<notify::Plan>,
    /// Which alerts are not told of, and when.
    pub silences: Vec<Silence>,
    /// Where the rules stand in their files.
    pub written: Arc<Written>,
}

/// Rules of which nobody is told.
impl From<Plan> for Plans {
    fn from(rules: Plan) -> Self {
        Self { rules, notify: Arc::default(), silences: Vec::new(), written: Arc::default() }
    }
}
