//! The checked rule set that an engine runs: immutable, shared.

use std::collections::HashMap;

use event::Duration;

use super::Alert;
use super::definition::Hasher;
use super::kept::Fate;
use super::own::{self, Own};
use super::unless::{self, Muting};
use crate::query::{Field, Query};
use crate::streams::{Program, Stream};

/// What the rules need to know besides themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Host of alerts that are about no host: the swarm's name.
    pub swarm: String,
    /// What the index holds, and how entries leave it.
    pub index: IndexSettings,
    /// How much longer than `absent` an instance that is expected may take to be heard of for the first time.
    pub start_grace: Duration,
}

/// What the index holds, and how entries leave it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IndexSettings {
    /// It holds what streams send to it, instead of every event.
    pub only_streams: bool,
    /// How often entries are looked at whether their time is up; `None`: each second.
    pub expire_every: Option<Duration>,
    /// What the event of an expiry has of the last event, besides its key.
    pub keep: Keep,
}

/// What the event of an expiry has of the last event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Keep {
    /// Host and service.
    #[default]
    Key,
    /// These fields.
    Fields(Vec<Field>),
    /// All but state and time.
    All,
}

impl Default for Settings {
    fn default() -> Self {
        Self { swarm: "swarm".to_owned(), index: IndexSettings::default(), start_grace: Duration::ZERO }
    }
}

/// The rules that are on, in their order.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The engine's own are the last.
    rules: Vec<Rule>,
    own: Own,
    by_service: HashMap<String, Vec<u32>>,
    by_host: HashMap<String, Vec<u32>>,
    others: Vec<u32>,
    /// The rules that another may mute, by name.
    muted: HashMap<String, u32>,
    /// Rules and streams by their definitions, which their names are part of.
    by_definition: HashMap<u64, u32>,
    settings: Settings,
    /// Their ids come after those of the rules.
    programs: Vec<Program>,
    hash: u64,
}

/// An alert with what is known about it before any event.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) alert: Alert,
    /// Of name, `where` and `by`: while it stays the same, instances outlive a reload.
    pub(crate) definition: u64,
    /// Of all that it holds: while it stays the same, a reload changes nothing for its instances.
    pub(crate) content: u64,
    /// The instance of an event is the same for all events of its series.
    pub(crate) steady: bool,
    /// The rule that holds this one down.
    pub(crate) unless: Option<Muting>,
    /// The rules that wait for this one, or for one that waits for it.
    pub(crate) wakes: Vec<u32>,
}

impl Rule {
    pub(super) fn new(alert: Alert) -> Self {
        let fleeting = ["state", "description", "metric", "time", "ttl"];
        let steady = alert.by.iter().all(|field| !fleeting.contains(&field.as_str())) && !own::is_own(&alert.name);
        Self { definition: Hasher::definition(&alert), content: Hasher::content(&alert), alert, steady, unless: None, wakes: Vec::new() }
    }

    /// Made by the engine, not by the user: nothing is offered to it, and it ends well when its cause ends.
    pub(crate) fn is_own(&self) -> bool {
        own::is_own(&self.alert.name)
    }
}

impl Plan {
    /// Takes the alerts that are enabled. Of two with one name the first counts; `series-limit` and `instances-limit` are the engine's.
    pub fn new(alerts: Vec<Alert>, settings: Settings) -> Self {
        let mut rules: Vec<Rule> = Vec::with_capacity(alerts.len() + 3);
        let mut names = std::collections::HashSet::new();
        for alert in alerts {
            if alert.enabled && !own::is_own(&alert.name) && names.insert(alert.name.clone()) {
                rules.push(Rule::new(alert));
            }
        }
        unless::resolve(&mut rules);
        let hash = Hasher::plan(&rules, &settings);
        let mut plan = Self {
            rules: Vec::new(),
            by_service: HashMap::new(),
            by_host: HashMap::new(),
            others: Vec::new(),
            muted: HashMap::new(),
            by_definition: HashMap::new(),
            settings,
            programs: Vec::new(),
            hash,
            own: Own::append(&mut rules),
        };
        for (id, rule) in rules.iter().enumerate() {
            plan.file(id as u32, &rule.alert.where_);
        }
        let muted = rules.iter().enumerate().filter(|(_, rule)| rule.unless.is_some());
        plan.muted = muted.map(|(id, rule)| (rule.alert.name.clone(), id as u32)).collect();
        plan.by_definition = rules.iter().enumerate().map(|(id, rule)| (rule.definition, id as u32)).collect();
        plan.rules = rules;
        plan
    }

    /// The same plan with these streams; of two with one name the first counts.
    pub fn with_streams(mut self, streams: &[Stream]) -> Self {
        let first = self.rules.len();
        let mut names = std::collections::HashSet::new();
        for stream in streams {
            if !names.insert(stream.name.as_str()) {
                continue;
            }
            let (id, program) = ((first + self.programs.len()) as u32, Program::new(stream));
            self.by_definition.insert(program.definition, id);
            self.programs.push(program);
            self.file(id, &stream.where_);
        }
        self.hash = Hasher::with_streams(self.hash, self.programs.iter());
        self
    }

    /// Files a rule or stream under the services, or else the hosts, of which every event it matches must have one.
    fn file(&mut self, id: u32, query: &Query) {
        let (places, literals) = match (query.service_literals(), query.host_literals()) {
            (Some(services), _) => (&mut self.by_service, services),
            (None, Some(hosts)) => (&mut self.by_host, hosts),
            (None, None) => return self.others.push(id),
        };
        for literal in literals {
            places.entry(literal.to_owned()).or_default().push(id);
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
            found.retain(|&id| self.where_of(id).is_some_and(|where_| where_.fields().contains(&"service")));
        }
    }

    pub(crate) fn rule(&self, index: u32) -> Option<&Rule> {
        self.rules.get(index as usize)
    }

    /// What picks the events of a rule or a stream.
    pub(crate) fn where_of(&self, id: u32) -> Option<&Query> {
        match self.rule(id) {
            Some(rule) => Some(&rule.alert.where_),
            None => self.programs.get(self.stream_of(id)? as usize).map(|program| &program.where_),
        }
    }

    /// The stream that has this id; `None` for the ids of rules.
    #[inline]
    pub(crate) fn stream_of(&self, id: u32) -> Option<u32> {
        id.checked_sub(self.rules.len() as u32)
    }

    /// The streams.
    pub(crate) fn programs(&self) -> &[Program] {
        &self.programs
    }

    /// The stream of this name and definition.
    pub(crate) fn stream_position(&self, name: &str, definition: u64) -> Option<u32> {
        let at = self.stream_of(*self.by_definition.get(&definition)?)?;
        self.programs.get(at as usize).filter(|program| program.definition == definition && program.name == name)?;
        Some(at)
    }

    /// What becomes here of another plan's rule; without `content` it may have changed.
    pub(crate) fn fate(&self, name: &str, definition: u64, content: Option<u64>) -> Fate {
        let found = self.by_definition.get(&definition).and_then(|&id| Some((id, self.rule(id)?)));
        match found.filter(|(_, rule)| rule.definition == definition && rule.alert.name == name) {
            None => Fate::Removed,
            Some((id, rule)) if content == Some(rule.content) => Fate::Same(id),
            Some((id, _)) => Fate::Changed(id),
        }
    }

    pub(crate) fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Where the engine's own rules are.
    pub(crate) fn own(&self) -> Own {
        self.own
    }

    /// The rules, without the engine's own, which are the last.
    pub fn alerts(&self) -> impl ExactSizeIterator<Item = &Alert> {
        self.rules.iter().take(self.own.series_limit as usize).map(|rule| &rule.alert)
    }

    /// The fields that make an instance of the rule of this name, the engine's own among them; none where there is no such rule.
    pub fn by_of(&self, name: &str) -> &[String] {
        self.rules.iter().find(|rule| rule.alert.name == name).map_or(&[], |rule| rule.alert.by.as_slice())
    }

    /// The rule of this name, where another may mute it.
    pub(crate) fn muted_rule(&self, name: &str) -> Option<&Rule> {
        self.rule(*self.muted.get(name)?)
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
