//! Secrets: from files that the settings name, or from the environment; never in the settings themselves.

use crate::config::report::Report;
use crate::config::source::Place;
use crate::config::values;
use crate::config::yaml::Node;
use crate::settings::{Influx, Processor};
use crate::sink::influx::Secret;

/// The variable that holds the token of skep's own HTTP interface.
pub(super) const TOKEN: &str = "SKEP_TOKEN";

/// The variable that holds InfluxDB's token.
pub(super) const INFLUX_TOKEN: &str = "SKEP_INFLUX_TOKEN";

/// The variable that holds InfluxDB's password.
pub(super) const INFLUX_PASSWORD: &str = "SKEP_INFLUX_PASSWORD";

/// All variables that hold secrets of skep's own: programs that it starts do not inherit them.
pub const SECRET_VARIABLES: [&str; 3] = [TOKEN, INFLUX_TOKEN, INFLUX_PASSWORD];

/// Looks up a variable of the environment.
pub type Environment<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// What a secret's file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secrets {
    /// One that cannot be read is an error.
    Needed,
    /// The settings are only checked, and the check may run elsewhere: a warning.
    Checked,
    /// Nobody asks for them: the settings are for all roles, and this one has none. They are not read.
    Unread,
}

/// How secrets are had.
pub struct SecretFiles<'a> {
    /// Reads a file's text; the error is the reason.
    pub read_file: &'a dyn Fn(&str) -> Result<String, String>,
    /// The environment.
    pub environment: &'a Environment<'a>,
    /// Whether they are wanted.
    pub wanted: Secrets,
}

impl SecretFiles<'_> {
    /// The secret in the file that a key names, without the line end behind it.
    pub(super) fn read(&self, key: &str, node: &Node, report: &mut Report) -> Option<Secret> {
        let path = values::filled(key, node, report)?;
        self.read_path(&path, &node.place, report)
    }

    /// The secret in a file that is named at a place.
    pub(in crate::config) fn read_path(&self, path: &str, place: &Place, report: &mut Report) -> Option<Secret> {
        if self.wanted == Secrets::Unread {
            return None;
        }
        match (self.read_file)(path) {
            Ok(text) if text.trim_end_matches(['\n', '\r']).is_empty() => {
                report.error(place, format!("`{path}` is empty"));
                None
            }
            Ok(text) => Some(Secret(text.trim_end_matches(['\n', '\r']).to_owned())),
            Err(reason) => {
                let message = format!("could not read `{path}`: {reason}");
                if self.wanted == Secrets::Needed {
                    report.error(place, message);
                } else {
                    report.warning(place, message);
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
pub(super) fn from_environment(into: &mut Processor, environment: &Environment<'_>) {
    set(&mut into.token, TOKEN, environment);
    if let Some(influx) = &mut into.influx {
        influx_secrets(influx, environment);
    }
}

/// The secrets of an InfluxDB from the environment, over those that it has.
pub fn influx_secrets(influx: &mut Influx, environment: &Environment<'_>) {
    set(&mut influx.token, INFLUX_TOKEN, environment);
    set(&mut influx.password, INFLUX_PASSWORD, environment);
}

fn set(secret: &mut Option<Secret>, variable: &str, environment: &Environment<'_>) {
    if let Some(text) = environment(variable).filter(|text| !text.is_empty()) {
        *secret = Some(Secret(text));
    }
}
