//! What is sampled and what is not, by name: lists of patterns. Asked when a series is made, never in a turn.

use event::{Name, Pattern};

/// Our own measurement: whether the collector works is never hidden.
const OWN: &str = "skep_collector";

/// Bytes of a label's value that become an attribute; the rest is cut off.
const LABEL_BYTES: usize = 128;

/// Patterns of what is wanted and of what is not; the latter win.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lists {
    /// Only what one of these matches; all when there are none.
    pub allow: Vec<Pattern>,
    /// None of what one of these matches.
    pub deny: Vec<Pattern>,
}

impl Lists {
    /// Nothing is said: all is wanted.
    pub fn is_empty(&self) -> bool {
        self.allow.is_empty() && self.deny.is_empty()
    }

    /// Whether what `matches` looks at is wanted.
    fn wants(&self, matches: impl Fn(&Pattern) -> bool) -> bool {
        (self.allow.is_empty() || self.allow.iter().any(&matches)) && !self.deny.iter().any(&matches)
    }

    /// Whether a text is wanted that is a name as a whole.
    pub(crate) fn wants_text(&self, text: &str) -> bool {
        self.wants(|pattern| pattern.matches(text))
    }

    /// Whether a metric is wanted, by its service. A pattern is of `measurement/field`; without a `/`, of the measurement.
    pub fn wants_metric(&self, service: &str) -> bool {
        if self.is_empty() {
            return true;
        }
        let Some(Name { measurement, field, .. }) = Name::split(service) else { return true };
        let name = Name::plain(measurement, field).to_string();
        let matches = |pattern: &Pattern| pattern.matches(if pattern.as_str().contains('/') { &name } else { measurement });
        measurement == OWN || self.wants(matches)
    }
}

/// Which containers are watched, and which of their labels are told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContainerChoice {
    /// By name, or, when a pattern holds a `=`, by label: `KEY=VALUE`.
    pub containers: Lists,
    /// Labels that become attributes of the same name.
    pub labels: Vec<String>,
}

impl ContainerChoice {
    /// Whether a container is watched: by the name it is shown under, by Docker's, or by a label.
    pub fn wants<'a>(&self, names: [&str; 2], label: impl Fn(&str) -> Option<&'a str>) -> bool {
        self.containers.wants(|pattern| match pattern.as_str().split_once('=') {
            Some((key, value)) => label(key).is_some_and(|found| Pattern::new(value).matches(found)),
            None => names.iter().any(|name| pattern.matches(name)),
        })
    }

    /// The labels that are told, those that the container has.
    pub fn told<'a>(&self, label: impl Fn(&str) -> Option<&'a str>) -> Vec<(String, String)> {
        let told = |key: &String| label(key).filter(|value| !value.is_empty()).map(|value| (key.clone(), cut(value).to_owned()));
        self.labels.iter().filter_map(told).collect()
    }
}

fn cut(value: &str) -> &str {
    value.get(..value.floor_char_boundary(LABEL_BYTES)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lists(allow: &[&str], deny: &[&str]) -> Lists {
        let patterns = |texts: &[&str]| texts.iter().map(|text| Pattern::new(*text)).collect();
        Lists { allow: patterns(allow), deny: patterns(deny) }
    }

    #[track_caller]
    fn check(lists: &Lists, wanted: &[&str], unwanted: &[&str]) {
        for service in wanted {
            assert!(lists.wants_metric(service), "{service} is wanted");
        }
        for service in unwanted {
            assert!(!lists.wants_metric(service), "{service} is not wanted");
        }
    }

    #[test]
    fn a_metric_is_known_by_measurement_and_field_whatever_its_instance() {
        check(&lists(&[], &[]), &["mem/used", "disk//var/used"], &[]);
        check(&lists(&["mem/*", "disk/used_percent"], &[]), &["mem/used", "disk//var/used_percent"], &["disk//var/used", "cpu/usage_idle"]);
        check(&lists(&[], &["docker_container_*"]), &["mem/used"], &["docker_container_mem/web.1/rss"]);
        check(&lists(&["mem"], &["*/used"]), &["mem/free"], &["mem/used", "swap/free"]);
    }

    #[test]
    fn what_the_collector_tells_of_itself_is_always_told() {
        check(&lists(&["mem"], &["*"]), &["skep_collector/turns_missed"], &["mem/used", "docker_event/web.1/die"]);
    }

    #[test]
    fn a_container_is_known_by_both_of_its_names_and_by_its_labels() {
        let labels = |key: &str| [("team", "shop"), ("tier", "")].iter().find(|(known, _)| *known == key).map(|(_, value)| *value);
        let wants = |allow: &[&str], deny: &[&str]| {
            let choice = ContainerChoice { containers: lists(allow, deny), labels: Vec::new() };
            choice.wants(["web.1", "web.1.k2c1v7whd1cp"], labels)
        };
        assert!(
            wants(&[], &[]) && wants(&["web.*"], &[]) && wants(&["*k2c1*"], &[]) && wants(&["team=sh*"], &[]) && wants(&["tier="], &[])
        );
        assert!(!wants(&["db"], &[]) && !wants(&["team=bank"], &[]) && !wants(&["owner=*"], &[]) && !wants(&[], &["team=*"]));
    }

    #[test]
    fn told_labels_are_those_that_are_there_cut_to_a_length() {
        let choice = ContainerChoice { labels: vec!["team".into(), "tier".into(), "none".into()], ..ContainerChoice::default() };
        let long = "ä".repeat(100);
        let label = |key: &str| match key {
            "team" => Some(long.as_str()),
            "tier" => Some(""),
            _ => None,
        };
        assert_eq!(choice.told(label), [("team".to_owned(), "ä".repeat(64))]);
    }
}
