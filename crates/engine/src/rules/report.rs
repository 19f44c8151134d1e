//! An alert instance as the outside sees it.

use event::Timestamp;

use super::instance::Instance;
use super::{Alert, Said};
use crate::State;

/// An alert instance, open or not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AlertInstance<'a> {
    /// The rule's name.
    pub rule: &'a str,
    /// As in [`crate::Transition::instance`].
    pub instance: &'a str,
    /// Host of the instance's event.
    pub host: Option<&'a str>,
    /// Service of the instance's event: `alert/NAME…`.
    pub service: &'a str,
    /// Its state.
    pub state: State,
    /// Since when; `None` for one that never changed.
    pub since: Option<Timestamp>,
    /// The last number.
    pub value: Option<f64>,
    /// The rule's message as rendered at the last change.
    pub message: &'a str,
    /// What the rule says besides, likewise.
    pub said: &'a Said,
    /// When its next `for` runs out: it is about to open or rise.
    pub opens_at: Option<Timestamp>,
}

impl<'a> AlertInstance<'a> {
    pub(crate) fn new(alert: &'a Alert, instance: &'a Instance) -> Self {
        Self {
            rule: &alert.name,
            instance: &instance.texts.instance,
            host: instance.texts.host.as_deref(),
            service: &instance.texts.service,
            state: instance.state,
            since: instance.since,
            value: instance.value,
            message: &instance.texts.message,
            said: instance.texts.said.as_deref().unwrap_or(Said::NOTHING),
            opens_at: instance.opens_at(alert),
        }
    }
}
