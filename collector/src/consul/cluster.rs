//! How Consul itself does, read from what an agent answers: who leads, who is a member, which checks fail.

use serde_json::Value;

/// What an agent says of itself (`/v1/agent/self`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Itself {
    /// Its data centre: the host of what is told of the whole.
    pub datacenter: String,
    /// It leads the servers.
    pub leads: bool,
}

impl Itself {
    /// Reads it; a word that is missing is as if it led nothing.
    pub fn read(answer: &Value) -> Self {
        let text = |path| answer.pointer(path).and_then(Value::as_str).unwrap_or_default();
        // A number of the runtime among many, all of them texts.
        Self { datacenter: text("/Config/Datacenter").to_owned(), leads: text("/Stats/consul/leader") == "true" }
    }
}

/// Serf's word for a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The others hear of it.
    Alive,
    /// It is on its way out, on purpose.
    Leaving,
    /// It left on purpose.
    Left,
    /// The others no longer hear of it.
    Failed,
    /// None of these.
    Unknown,
}

impl Standing {
    fn read(number: Option<i64>) -> Self {
        match number {
            Some(1) => Self::Alive,
            Some(2) => Self::Leaving,
            Some(3) => Self::Left,
            Some(4) => Self::Failed,
            _ => Self::Unknown,
        }
    }

    /// As `consul members` prints it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Alive => "alive",
            Self::Leaving => "leaving",
            Self::Left => "left",
            Self::Failed => "failed",
            Self::Unknown => "none",
        }
    }
}

/// One agent of the data centre.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The node.
    pub name: String,
    /// `server` or `client`.
    pub role: &'static str,
    /// How it stands.
    pub standing: Standing,
}

impl Member {
    /// All of them, in the order of their names, from `/v1/agent/members`.
    pub fn read(answer: &Value) -> Vec<Self> {
        let read = |member: &Value| {
            let is_server = member.pointer("/Tags/role").and_then(Value::as_str) == Some("consul");
            Some(Self {
                name: member.get("Name")?.as_str()?.to_owned(),
                role: if is_server { "server" } else { "client" },
                standing: Standing::read(member.get("Status").and_then(Value::as_i64)),
            })
        };
        let mut members: Vec<Self> = answer.as_array().into_iter().flatten().filter_map(read).collect();
        members.sort_by(|a, b| a.name.cmp(&b.name));
        members
    }
}

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Well.
    Passing,
    /// Not so well.
    Warning,
    /// Badly; also a node or a service that is under maintenance.
    Critical,
}

/// One check, of a service or of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The node that it is registered on.
    pub node: String,
    /// Unique on its node.
    pub id: String,
    /// The service's name; `None` for a check of the node.
    pub service: Option<String>,
    /// How it came out.
    pub outcome: Outcome,
}

impl Checked {
    /// All of them, in the order of nodes and ids, from `/v1/health/state/any`.
    pub fn read(answer: &Value) -> Vec<Self> {
        let read = |check: &Value| {
            let text = |key| check.get(key).and_then(Value::as_str);
            Some(Self {
                node: text("Node")?.to_owned(),
                id: text("CheckID")?.to_owned(),
                service: text("ServiceName").filter(|name| !name.is_empty()).map(str::to_owned),
                outcome: match text("Status")? {
                    "passing" => Outcome::Passing,
                    "warning" => Outcome::Warning,
                    _ => Outcome::Critical,
                },
            })
        };
        let mut checks: Vec<Self> = answer.as_array().into_iter().flatten().filter_map(read).collect();
        checks.sort_by(|a, b| (&a.node, &a.id).cmp(&(&b.node, &b.id)));
        checks
    }
}

/// The whole of a data centre, as one look found it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cluster {
    /// The data centre's name.
    pub datacenter: String,
    /// Servers that vote.
    pub peers: u64,
    /// Its agents.
    pub members: Vec<Member>,
    /// All checks.
    pub checks: Vec<Checked>,
}

/// What one look found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// The agent answers.
    pub is_up: bool,
    /// It knows of a leader.
    pub has_leader: bool,
    /// The whole, where it is this node's to tell and could be had.
    pub cluster: Option<Cluster>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_an_agent_says_of_itself_is_read_and_a_client_leads_nothing() {
        let server = json!({"Config": {"Datacenter": "dc1"}, "Stats": {"consul": {"leader": "true", "server": "true"}}});
        assert_eq!(Itself::read(&server), Itself { datacenter: "dc1".into(), leads: true });
        let client = json!({"Config": {"Datacenter": "dc1"}, "Stats": {"consul": {"server": "false"}}});
        assert_eq!(Itself::read(&client), Itself { datacenter: "dc1".into(), leads: false });
    }

    #[test]
    fn members_have_a_role_and_serfs_word_and_what_has_no_name_is_left_out() {
        let told = json!([
            {"Name": "n2", "Status": 4, "Tags": {"role": "node"}},
            {"Name": "n1", "Status": 1, "Tags": {"role": "consul"}},
            {"Status": 1},
            {"Name": "n3", "Status": 9},
        ]);
        let member = |name: &str, role, standing| Member { name: name.into(), role, standing };
        let expected =
            [member("n1", "server", Standing::Alive), member("n2", "client", Standing::Failed), member("n3", "client", Standing::Unknown)];
        assert_eq!(Member::read(&told), expected);
        assert_eq!(Member::read(&json!({})), []);
    }

    #[test]
    fn checks_of_nodes_have_no_service_and_what_is_neither_passing_nor_warning_is_critical() {
        let told = json!([
            {"Node": "n1", "CheckID": "service:web", "ServiceName": "web", "Status": "warning"},
            {"Node": "n1", "CheckID": "serfHealth", "ServiceName": "", "Status": "passing"},
            {"Node": "n1", "CheckID": "_node_maintenance", "Status": "maintenance"},
            {"Node": "n1", "ServiceName": "web", "Status": "passing"},
        ]);
        let health = |id: &str, service: Option<&str>, outcome| Checked {
            node: "n1".into(),
            id: id.into(),
            service: service.map(Into::into),
            outcome,
        };
        let expected = [
            health("_node_maintenance", None, Outcome::Critical),
            health("serfHealth", None, Outcome::Passing),
            health("service:web", Some("web"), Outcome::Warning),
        ];
        assert_eq!(Checked::read(&told), expected);
    }
}
