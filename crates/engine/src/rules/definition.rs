//! Hashes that tell whether a rule is still the same rule: equal in every process, so not those of a hash table.

use super::plan::Rule;
use super::{Alert, Level, Settings};
use crate::streams::Program;

/// FNV-1a over parts that are told apart.
pub(crate) struct Hasher(u64);

impl Hasher {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn part(&mut self, text: &str) -> &mut Self {
        for byte in text.len().to_le_bytes().iter().chain(text.as_bytes()) {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
        self
    }

    /// Of a plan's streams too.
    pub(crate) fn with_streams<'a>(hash: u64, streams: impl Iterator<Item = &'a Program>) -> u64 {
        let mut hasher = Self(hash);
        for stream in streams {
            hasher.part(&stream.definition.to_string());
        }
        hasher.0
    }

    /// Of what makes the instances and what they keep: name, `where`, `by`, `over` and `take`.
    pub(crate) fn definition(alert: &Alert) -> u64 {
        let mut hasher = Self::new();
        hasher.part(&alert.name).part(&alert.where_.to_string());
        for field in &alert.by {
            hasher.part(field);
        }
        let mut measure = String::new();
        alert.measure.write_definition(&mut measure);
        if !measure.is_empty() {
            hasher.part(&measure);
        }
        hasher.0
    }

    /// Of everything that an alert holds.
    pub(crate) fn content(alert: &Alert) -> u64 {
        let mut hasher = Self(Self::definition(alert));
        for level in [&alert.info, &alert.warn, &alert.crit] {
            hasher.level(level.as_ref());
        }
        let absent = alert.absent.map_or_else(String::new, |absent| absent.to_string());
        let clear = alert.clear.as_ref().map_or_else(String::new, ToString::to_string);
        hasher.part(&clear).part(&alert.for_.to_string()).part(&alert.clear_for.to_string()).part(&absent);
        hasher.part(&format!("{:?}", alert.measure)).part(&format!("{:?}", alert.expired)).part(&format!("{:?}", alert.message));
        hasher.part(&format!("{:?} {:?}", alert.expect, alert.unless));
        hasher.part(&format!("{:?} {:?}", alert.words, alert.max_instances));
        hasher.0
    }

    /// Of everything that a plan holds.
    pub(crate) fn plan(rules: &[Rule], settings: &Settings) -> u64 {
        let mut hasher = Self::new();
        hasher.part(&settings.swarm).part(&settings.start_grace.to_string()).part(&format!("{:?}", settings.index));
        for rule in rules {
            hasher.part(&rule.content.to_string());
        }
        hasher.0
    }

    fn level(&mut self, level: Option<&Level>) {
        let Some(level) = level else {
            self.part("");
            return;
        };
        let clear = level.clear.as_ref().map_or_else(String::new, ToString::to_string);
        let for_ = level.for_.map_or_else(String::new, |for_| for_.to_string());
        self.part(&level.when.to_string()).part(&clear).part(&for_);
    }
}

/// Of some texts, the same in every process.
pub(crate) fn fingerprint(parts: &[&str]) -> u64 {
    let mut hasher = Hasher::new();
    for part in parts {
        hasher.part(part);
    }
    hasher.0
}
