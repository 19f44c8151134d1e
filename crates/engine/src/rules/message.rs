//! The text of an alert's message.

use super::Alert;
use super::instance::Instance;
use super::naming;

/// Appends the rule's message for the present state of an instance.
pub(crate) fn render(out: &mut String, alert: &Alert, instance: &Instance) {
    naming::write_default_message(out, alert, &instance.texts.instance, instance.state, instance.value);
}
