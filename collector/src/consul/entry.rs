//! A service as the agent is told of it, and as the agent tells of it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// The key of `Meta` that says whose an entry is.
const MANAGED_BY: &str = "managed_by";

/// Its value for ours.
const OURS: &str = "skep-registrar";

/// The key of `Meta` that names the node whose registrar made it: an agent may serve several.
const NODE: &str = "node";

/// The key of `Meta` that repeats the check, which the agent does not tell with a service.
const CHECK: &str = "check";

/// How a service does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It may be used.
    Passing,
    /// It must not be used.
    Critical,
}

impl State {
    /// Consul's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Passing => "passing",
            Self::Critical => "critical",
        }
    }
}

/// How the agent comes to know how a service does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    /// It is told by us, before each end of `ttl` seconds.
    Ttl {
        /// After so many seconds without word it is critical.
        ttl: u64,
    },
    /// It connects to the service.
    Tcp {
        /// `HOST:PORT`.
        to: String,
        /// As Consul reads it: `10s`.
        interval: String,
        /// As Consul reads it, where it is wished.
        timeout: Option<String>,
    },
    /// It asks the service.
    Http {
        /// The whole address.
        url: String,
        /// As Consul reads it: `10s`.
        interval: String,
        /// As Consul reads it, where it is wished.
        timeout: Option<String>,
    },
}

impl Check {
    /// One line that changes with the check.
    fn told(&self) -> String {
        let after = |timeout: &Option<String>| timeout.as_ref().map(|timeout| format!(" within {timeout}")).unwrap_or_default();
        match self {
            Self::Ttl { ttl } => format!("ttl {ttl}s"),
            Self::Tcp { to, interval, timeout } => format!("tcp {to} each {interval}{}", after(timeout)),
            Self::Http { url, interval, timeout } => format!("{url} each {interval}{}", after(timeout)),
        }
    }

    fn json(&self) -> Value {
        let mut json = match self {
            Self::Ttl { ttl } => json!({"TTL": format!("{ttl}s")}),
            Self::Tcp { to, interval, .. } => json!({"TCP": to, "Interval": interval}),
            Self::Http { url, interval, .. } => json!({"HTTP": url, "Interval": interval}),
        };
        if let (Self::Tcp { timeout: Some(timeout), .. } | Self::Http { timeout: Some(timeout), .. }, Some(object)) =
            (self, json.as_object_mut())
        {
            object.insert("Timeout".to_owned(), timeout.as_str().into());
        }
        json
    }
}

/// A service that is to be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Unique at the agent.
    pub id: String,
    /// What it is found by.
    pub name: String,
    /// Empty: the address of the agent's node.
    pub address: String,
    /// Where it listens there.
    pub port: u16,
    /// In their order.
    pub tags: Vec<String>,
    /// Further wishes, for those who read Consul's `Meta`.
    pub meta: BTreeMap<String, String>,
    /// Whose registrar says so.
    pub node: String,
    /// `None`: nobody looks.
    pub check: Option<Check>,
    /// After so many seconds in a critical state the agent takes it away by itself.
    pub forget_after: u64,
    /// How it does now.
    pub state: State,
    /// One line about that.
    pub output: String,
}

impl Entry {
    /// `Meta`, with what tells ours from others'.
    pub fn whole_meta(&self) -> BTreeMap<String, String> {
        let check = self.check.as_ref().map_or_else(|| "none".to_owned(), Check::told);
        let check = format!("{check}, forgotten after {}s", self.forget_after);
        let own = [(MANAGED_BY, OURS.to_owned()), (NODE, self.node.clone()), (CHECK, short(&check))];
        let mut meta = self.meta.clone();
        meta.extend(own.map(|(key, value)| (key.to_owned(), value)));
        meta
    }

    /// The body of a registration.
    pub fn json(&self) -> Value {
        let mut json = json!({
            "ID": self.id, "Name": self.name, "Address": self.address, "Port": self.port, "Tags": self.tags, "Meta": self.whole_meta(),
        });
        if let (Some(check), Some(object)) = (&self.check, json.as_object_mut()) {
            let mut check = check.json();
            if let Some(check) = check.as_object_mut() {
                check.insert("Status".to_owned(), self.state.as_str().into());
                check.insert("DeregisterCriticalServiceAfter".to_owned(), format!("{}s", self.forget_after).into());
            }
            object.insert("Checks".to_owned(), json!([check]));
        }
        json
    }

    /// Whether it is we who tell the agent how it does.
    pub fn is_told(&self) -> bool {
        matches!(self.check, Some(Check::Ttl { .. }))
    }
}

/// Consul takes no value of `Meta` beyond 512 bytes.
pub(super) fn short(text: &str) -> String {
    let mut end = text.len().min(512);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default().to_owned()
}

/// A service that the agent has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Registered {
    /// Unique at the agent.
    pub id: String,
    /// What it is found by.
    pub name: String,
    /// Empty: the address of the agent's node.
    pub address: String,
    /// Where it listens there.
    pub port: u16,
    /// In the order of their registration.
    pub tags: Vec<String>,
    /// All of it.
    pub meta: BTreeMap<String, String>,
}

impl Registered {
    /// Reads the agent's answer to `agent/services`; what cannot be read is passed over, for it is none of ours.
    pub fn read(answer: &Value) -> Vec<Self> {
        answer.as_object().into_iter().flat_map(|services| services.values()).filter_map(Self::one).collect()
    }

    fn one(service: &Value) -> Option<Self> {
        let text = |key: &str| service.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let texts = |value: &Value| value.as_str().map(str::to_owned);
        let meta = service.get("Meta").and_then(Value::as_object);
        let tags = service.get("Tags").and_then(Value::as_array);
        Some(Self {
            id: service.get("ID")?.as_str()?.to_owned(),
            name: text("Service"),
            address: text("Address"),
            port: service.get("Port").and_then(Value::as_u64).and_then(|port| u16::try_from(port).ok()).unwrap_or(0),
            tags: tags.into_iter().flatten().filter_map(texts).collect(),
            meta: meta.into_iter().flatten().filter_map(|(key, value)| Some((key.clone(), texts(value)?))).collect(),
        })
    }

    /// Whether the registrar of `node` made it.
    pub fn is_of(&self, node: &str) -> bool {
        let says = |key: &str, value: &str| self.meta.get(key).is_some_and(|said| said == value);
        says(MANAGED_BY, OURS) && says(NODE, node)
    }

    /// Whether it is what is wished.
    pub fn is(&self, entry: &Entry) -> bool {
        let same = (&self.name, &self.address, self.port, &self.tags) == (&entry.name, &entry.address, entry.port, &entry.tags);
        same && self.meta == entry.whole_meta()
    }
}
