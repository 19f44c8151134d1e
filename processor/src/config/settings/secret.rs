//! Secrets: from files that the settings name, or from the environment; never in the settings themselves.

use crate::config::report::Report;
use crate::config::values;
use crate::config::yaml::Node;
use crate::settings::Processor;
use crate::sink::influx::Secret;

/// Looks up a variable of the environment.
pub type Environment<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// How secrets are had.
pub struct SecretFiles<'a> {
    /// Reads a file's text; the error is the reason.
    pub read_file: &'a dyn Fn(&str) -> Result<String, String>,
    /// The environment.
    pub environment: &'a Environment<'a>,
    /// A file that cannot be read is an error; where settings are only checked it is a warning, for the check may run elsewhere.
    pub is_needed: bool,
}

impl SecretFiles<'_> {
    /// The secret in the file that a key names, without the line end behind it.
    pub(super) fn read(&self, key: &str, node: &Node, report: &mut Report) -> Option<Secret> {
        let path = values::filled(key, node, report)?;
        match (self.read_file)(&path) {
            Ok(text) if text.trim_end_matches(['\n', '\r']).is_empty() => {
                report.error(&node.place, format!("`{path}` is empty"));
                None
            }
            Ok(text) => Some(Secret(text.trim_end_matches(['\n', '\r']).to_owned())),
            Err(reason) => {
                let message = format!("could not read `{path}`: {reason}");
                if self.is_needed {
                    report.error(&node.place, message);
                } else {
                    report.warning(&node.place, message);
                }
                None
            }
        }
    }

    /// Tells that a secret stands in the settings.
    pub(super) fn refuse_inline(&self, key: &str, variable: &str, node: &Node, report: &mut Report) -> Option<()> {
        let message = format!("a {key} does not stand in the settings");
        report.error(&node.place, message).help(format!("write `{key}_file: PATH`, or set {variable}"));
        None
    }
}

/// What the environment sets wins over the file.
pub(super) fn from_environment(into: &mut Processor, secrets: &SecretFiles<'_>) {
    let secret = |name: &str| (secrets.environment)(name).filter(|text| !text.is_empty()).map(Secret);
    if let Some(token) = secret("SKEP_TOKEN") {
        into.token = Some(token);
    }
    let Some(influx) = &mut into.influx else { return };
    if let Some(token) = secret("SKEP_INFLUX_TOKEN") {
        influx.token = Some(token);
    }
    if let Some(password) = secret("SKEP_INFLUX_PASSWORD") {
        influx.password = Some(password);
    }
}
