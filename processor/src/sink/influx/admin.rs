//! The control plane: makes what points need on a server, and looks whether all is well. Asked by commands, never on the way of points.

mod doctor;
mod one;
mod setup;
mod three;
mod two;

pub use doctor::{Check, Health, doctor};
pub use setup::{Login, Made, Outcome, Step, Wish, setup};

use std::time::Duration;

use serde_json::Value;

use super::address::{self, Base};
use super::client::{Answer, Client};
use super::target::Interface;
use super::{OpenError, Secret, Settings, probe};

/// How long one request may take.
const WITHIN: Duration = Duration::from_secs(10);

/// A server, with what is needed to ask it.
struct Server {
    base: Base,
    client: Client,
    interface: Interface,
    /// As the server says it.
    version: Option<String>,
}

impl Server {
    /// Asks which version it is.
    async fn find(settings: &mut Settings) -> Result<Self, OpenError> {
        let base = address::read(settings)?;
        let client = Client::new(WITHIN, settings.tls.config()?);
        let (mut version, mut major) = (None, None);
        for path in ["ping", "health"] {
            let Ok(answer) = client.get(&format!("{}/{path}", base.url), None).await else { continue };
            version = version.or_else(|| words(&answer));
            major = probe::major(&answer);
            if major.is_some() {
                break;
            }
        }
        let interface = probe::by_settings(settings).unwrap_or_else(|| probe::interface(major, settings));
        Ok(Self { base, client, interface, version })
    }
}

/// The version that an answer tells.
fn words(answer: &Answer) -> Option<String> {
    let header = answer.headers.get("x-influxdb-version").and_then(|value| value.to_str().ok()).map(str::to_owned);
    header.or_else(|| Some(json(answer).get("version")?.as_str()?.to_owned()))
}

fn json(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap_or_default()
}

/// What a server says is wrong, or its status.
fn refusal(answer: &Answer) -> String {
    let json = json(answer);
    let text = json.get("error").or_else(|| json.get("message")).and_then(Value::as_str);
    text.map_or_else(|| format!("status {}", answer.status), |text| format!("status {}: {text}", answer.status))
}

/// A name within double quotes of InfluxQL.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A text within single quotes of InfluxQL.
fn text(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// `Basic` of a user.
fn basic(user: &str, password: &str) -> Secret {
    use base64::Engine as _;
    Secret(format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"))))
}
