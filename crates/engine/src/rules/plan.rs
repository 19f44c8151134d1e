//! The checked rule set that an engine runs: immutable, shared.

use std::collections::HashMap;

use super::Alert;
use super::definition::Hasher;
use crate::query::Query;
use crate::template::Template;

/// Name of the alert that the engine itself opens when there are more than `max_series` keys.
pub const SERIES_LIMIT: &str = "series-limit";

const SERIES_LIMIT_MESSAGE: &str =
    "the index holds {{metric}} series, as many as `processor.max_series` allows: rules do not see the events of further ones";

/// What the rules need to know besides themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Host of alerts that are about no host: the swarm's name.
    pub swarm: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self { swarm: "swarm".to_owned() }
    }
}

/// The rules that are on, in their order.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The last is [`SERIES_LIMIT`].
    rules: Vec<Rule>,
    by_service: HashMap<String, Vec<u32>>,
    by_host: HashMap<String, Vec<u32>>,
    others: Vec<u32>,
    settings: Settings,
    hash: u64,
}

/// An alert with what is known about it before any event.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) alert: Alert,
    /// Of name, `where` and `by`: while it stays the same, instances outlive a reload.
    pub(crate) definition: u64,
    /// The instance of an event is the same for all events of its series.
    pub(crate) steady: bool,
    /// Its `where` asks for a service, so it may see `alert/…`.
    names_service: bool,
}

impl Rule {
    fn new(alert: Alert) -> Self {
        let fleeting = ["state", "description", "metric", "time", "ttl"];
        let steady = alert.by.iter().all(|field| !fleeting.contains(&field.as_str()));
        let names_service = alert.where_.fields().contains(&"service");
        Self { definition: Hasher::definition(&alert), alert, steady, names_service }
    }

    /// Made by the engine, not by the user: nothing is offered to it, and it ends well when its cause ends.
    pub(crate) fn is_own(&self) -> bool {
        self.alert.name == SERIES_LIMIT
    }
}

impl Plan {
    /// Takes the alerts that are enabled. Of two with one name the first counts; `series-limit` is the engine's.
    pub fn new(alerts: Vec<Alert>, settings: Settings) -> Self {
        let mut rules: Vec<Rule> = Vec::with_capacity(alerts.len() + 1);
        let mut names = std::collections::HashSet::from([SERIES_LIMIT.to_owned()]);
        for alert in alerts {
            if alert.enabled && names.insert(alert.name.clone()) {
                rules.push(Rule::new(alert));
            }
        }
        let hash = Hasher::plan(rules.iter().map(|rule| &rule.alert), &settings);
        let mut plan = Self { rules, by_service: HashMap::new(), by_host: HashMap::new(), others: Vec::new(), settings, hash };
        plan.file_rules();
        plan.rules.push(Rule::new(series_limit()));
        plan
    }

    /// Files each rule under the services, or else the hosts, of which every event it matches must have one.
    fn file_rules(&mut self) {
        for (index, rule) in self.rules.iter().enumerate() {
            let query = &rule.alert.where_;
            let (places, literals) = match (query.service_literals(), query.host_literals()) {
                (Some(services), _) => (&mut self.by_service, services),
                (None, Some(hosts)) => (&mut self.by_host, hosts),
                (None, None) => {
                    self.others.push(index as u32);
                    continue;
                }
            };
            for literal in literals {
                places.entry(literal.to_owned()).or_default().push(index as u32);
            }
        }
    }

    /// Puts the rules that may match events with this host and service into `found`, in their order.
    pub(crate) fn candidates(&self, host: &str, service: &str, found: &mut Vec<u32>) {
        found.clear();
        for rules in [self.by_service.get(service), self.by_host.get(host), Some(&self.others)].into_iter().flatten() {
            found.extend_from_slice(rules);
        }
        found.sort_unstable();
        found.dedup();
        if service.starts_with("alert/") {
            found.retain(|&rule| self.rule(rule).is_some_and(|rule| rule.names_service));
        }
    }

    pub(crate) fn rule(&self, index: u32) -> Option<&Rule> {
        self.rules.get(index as usize)
    }

    /// The rule of this name and definition.
    pub(crate) fn position(&self, name: &str, definition: u64) -> Option<u32> {
        let at = self.rules.iter().position(|rule| rule.definition == definition && rule.alert.name == name)?;
        Some(at as u32)
    }

    pub(crate) fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The engine's own rule.
    pub(crate) fn series_limit(&self) -> u32 {
        self.rules.len() as u32 - 1
    }

    /// The rules, without the engine's own, which is the last.
    pub fn alerts(&self) -> impl ExactSizeIterator<Item = &Alert> {
        self.rules.iter().take(self.rules.len().saturating_sub(1)).map(|rule| &rule.alert)
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The same for equal rules and settings, in every process.
    pub fn hash(&self) -> u64 {
        self.hash
    }
}

fn series_limit() -> Alert {
    let query = |text| Query::parse(text).expect("a literal is a query");
    let mut alert = Alert::new(SERIES_LIMIT, query("false"));
    alert.by = Vec::new();
    alert.warn = Some(super::Level::new(query("true")));
    alert.message = Template::parse(SERIES_LIMIT_MESSAGE).ok();
    alert
}
