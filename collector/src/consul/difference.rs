//! What is to be done, so that the agent has what is wished and nothing else of ours.

use std::collections::BTreeMap;
use std::fmt;

use super::{Entry, Registered};

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A service is new, or other than before.
    Register(Box<Entry>),
    /// A service of ours is no more; its id.
    Deregister(String),
}

impl Change {
    /// Of which service.
    pub fn id(&self) -> &str {
        match self {
            Self::Register(entry) => &entry.id,
            Self::Deregister(id) => id,
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deregister(id) => write!(f, "deregister {id}"),
            Self::Register(entry) => {
                let address = if entry.address.is_empty() { "the node's address" } else { &entry.address };
                write!(f, "register {} as {}, {address} port {}, {}", entry.id, entry.name, entry.port, entry.state.as_str())?;
                if entry.tags.is_empty() { Ok(()) } else { write!(f, ", tags {}", entry.tags.join(",")) }
            }
        }
    }
}

/// What leads from `registered` to `desired`, at the registrar of `node`; entries of others are left as they are.
pub fn difference(desired: &BTreeMap<String, Entry>, registered: &[Registered], node: &str) -> Vec<Change> {
    let ours: BTreeMap<&str, &Registered> =
        registered.iter().filter(|entry| entry.is_of(node)).map(|entry| (entry.id.as_str(), entry)).collect();
    let gone = ours.keys().filter(|id| !desired.contains_key(**id)).map(|id| Change::Deregister((*id).to_owned()));
    let is_there = |entry: &Entry| ours.get(entry.id.as_str()).is_some_and(|known| known.is(entry));
    let new = desired.values().filter(|entry| !is_there(entry)).map(|entry| Change::Register(Box::new(entry.clone())));
    gone.chain(new).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{Check, State};
    use super::*;

    fn entry(id: &str, port: u16) -> Entry {
        Entry {
            id: id.to_owned(),
            name: "web".to_owned(),
            address: String::new(),
            port,
            tags: vec!["a".to_owned()],
            meta: BTreeMap::new(),
            node: "n1".to_owned(),
            check: Some(Check::Ttl { ttl: 30 }),
            forget_after: 600,
            state: State::Passing,
            output: String::new(),
        }
    }

    fn desired(entries: &[Entry]) -> BTreeMap<String, Entry> {
        entries.iter().map(|entry| (entry.id.clone(), entry.clone())).collect()
    }

    /// As the agent tells of it later.
    fn registered(entry: &Entry) -> Registered {
        let told = entry.json();
        let answer = json!({&entry.id: {"ID": told["ID"], "Service": told["Name"], "Address": told["Address"], "Port": told["Port"],
            "Tags": told["Tags"], "Meta": told["Meta"], "Weights": {"Passing": 1, "Warning": 1}}});
        Registered::read(&answer).remove(0)
    }

    #[track_caller]
    fn check(wished: &[Entry], known: &[Registered], expected: &[&str]) {
        let changes: Vec<String> = difference(&desired(wished), known, "n1").iter().map(ToString::to_string).collect();
        assert_eq!(changes, expected);
    }

    #[test]
    fn what_is_missing_is_registered_and_what_is_there_is_left() {
        let web = entry("n1:web:80", 8080);
        check(std::slice::from_ref(&web), &[], &["register n1:web:80 as web, the node's address port 8080, passing, tags a"]);
        check(std::slice::from_ref(&web), &[registered(&web)], &[]);
    }

    #[test]
    fn what_has_changed_is_registered_again_a_check_too() {
        let old = entry("n1:web:80", 8080);
        let other_port = Entry { port: 8081, ..old.clone() };
        check(&[other_port], &[registered(&old)], &["register n1:web:80 as web, the node's address port 8081, passing, tags a"]);
        let unchecked = Entry { check: None, ..old.clone() };
        check(&[unchecked], &[registered(&old)], &["register n1:web:80 as web, the node's address port 8080, passing, tags a"]);
    }

    #[test]
    fn how_it_does_is_no_difference_for_that_is_told_by_its_check() {
        let web = entry("n1:web:80", 8080);
        check(&[Entry { state: State::Critical, ..web.clone() }], &[registered(&web)], &[]);
    }

    #[test]
    fn what_a_crash_left_behind_is_taken_away_and_what_others_made_is_not() {
        let mut of_other_node = entry("n2:web:80", 80);
        "n2".clone_into(&mut of_other_node.node);
        let by_hand = Registered { id: "db".to_owned(), name: "db".to_owned(), ..Registered::default() };
        check(&[], &[registered(&entry("n1:old:80", 1)), registered(&of_other_node), by_hand], &["deregister n1:old:80"]);
    }
}
