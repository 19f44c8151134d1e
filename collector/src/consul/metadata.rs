//! What labels and environment say of a service: `SERVICE_NAME`, `SERVICE_80_TAGS` and the like.

use std::collections::{BTreeMap, HashMap};

/// The key by which the notifier of old knew the port.
const OLD_PORT: &str = "CONSUL_SERVICE_PORT";

/// Wishes by key, in lower case and without `SERVICE_`; those of one port apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    general: BTreeMap<String, String>,
    ports: BTreeMap<u16, BTreeMap<String, String>>,
    old_port: Option<u16>,
}

impl Metadata {
    /// Reads an environment (`KEY=VALUE` each), then labels; a label wins over a variable of its name.
    pub fn read(environment: &[String], labels: &HashMap<String, String>) -> Self {
        let mut metadata = Self::default();
        for (key, value) in environment.iter().filter_map(|variable| variable.split_once('=')) {
            metadata.add(key, value);
        }
        // Labels come in the order of a hash, and `service_name` is another spelling of `SERVICE_NAME`.
        let sorted: BTreeMap<&String, &String> = labels.iter().collect();
        for (key, value) in sorted {
            metadata.add(key, value);
        }
        metadata
    }

    /// Adds labels that win over what is there.
    pub fn overlaid(mut self, labels: &HashMap<String, String>) -> Self {
        let over = Self::read(&[], labels);
        self.general.extend(over.general);
        for (port, wishes) in over.ports {
            self.ports.entry(port).or_default().extend(wishes);
        }
        self.old_port = over.old_port.or(self.old_port);
        self
    }

    fn add(&mut self, key: &str, value: &str) {
        if key.eq_ignore_ascii_case(OLD_PORT) {
            self.old_port = value.trim().parse().ok().filter(|port| *port > 0);
            return;
        }
        let lower = key.to_ascii_lowercase();
        let Some(wish) = lower.strip_prefix("service_").filter(|wish| !wish.is_empty()) else { return };
        let (first, rest) = wish.split_once('_').unwrap_or((wish, ""));
        match first.parse() {
            Ok(port) if !rest.is_empty() => {
                self.ports.entry(port).or_default().insert(rest.to_owned(), value.to_owned());
            }
            Ok(_) | Err(_) => {
                self.general.insert(wish.to_owned(), value.to_owned());
            }
        }
    }

    /// What is said of a port by its number alone.
    pub fn of_port(&self, port: u16, key: &str) -> Option<&str> {
        self.ports.get(&port)?.get(key).map(String::as_str)
    }

    /// What is said of a port, or else of all; what is empty counts as not said.
    pub fn get(&self, port: u16, key: &str) -> Option<&str> {
        let general = || self.general.get(key).map(String::as_str);
        self.of_port(port, key).or_else(general).filter(|text| !text.is_empty())
    }

    /// What is said of all ports.
    pub fn general(&self, key: &str) -> Option<&str> {
        self.general.get(key).map(String::as_str).filter(|text| !text.is_empty())
    }

    /// Ports that are named here, whether they are published or not.
    pub fn named_ports(&self) -> impl Iterator<Item = u16> + '_ {
        self.ports.keys().copied().chain(self.old_port)
    }

    /// The one port that `CONSUL_SERVICE_PORT` names.
    pub fn old_port(&self) -> Option<u16> {
        self.old_port
    }

    /// All keys that concern a port, with their values.
    pub fn all(&self, port: u16) -> BTreeMap<&str, &str> {
        let of_port = self.ports.get(&port).into_iter().flatten();
        self.general.iter().chain(of_port).map(|(key, value)| (key.as_str(), value.as_str())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(environment: &[&str], labels: &[(&str, &str)]) -> Metadata {
        let environment: Vec<String> = environment.iter().map(ToString::to_string).collect();
        let labels = labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        Metadata::read(&environment, &labels)
    }

    #[test]
    fn a_port_s_own_words_win_over_the_general_ones_and_labels_over_the_environment() {
        let metadata = read(&["SERVICE_NAME=a", "SERVICE_80_NAME=web", "SERVICE_TAGS=x"], &[("SERVICE_TAGS", "y"), ("other", "z")]);
        assert_eq!((metadata.get(80, "name"), metadata.get(443, "name"), metadata.get(80, "tags")), (Some("web"), Some("a"), Some("y")));
        assert_eq!(metadata.named_ports().collect::<Vec<_>>(), [80]);
    }

    #[test]
    fn a_value_may_hold_an_equals_sign_and_what_makes_no_sense_is_passed_over() {
        let metadata =
            read(&["SERVICE_80_CHECK_HTTP=/health?deep=1", "SERVICE_", "SERVICE_99999_NAME=x", "PATH=/bin", "CONSUL_SERVICE_PORT="], &[]);
        assert_eq!(metadata.get(80, "check_http"), Some("/health?deep=1"));
        assert_eq!(metadata.named_ports().collect::<Vec<_>>(), [80]);
    }

    #[test]
    fn the_notifier_s_variable_names_a_port() {
        assert_eq!(read(&["CONSUL_SERVICE_PORT=6379"], &[]).old_port(), Some(6379));
        assert_eq!(read(&["CONSUL_SERVICE_PORT=none"], &[]).old_port(), None);
    }
}
