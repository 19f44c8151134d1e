//! The checked rule set that an engine runs: immutable, shared.

use super::Alert;

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
    alerts: Vec<Alert>,
    settings: Settings,
    hash: u64,
}

impl Plan {
    /// Takes the alerts that are enabled. Of two with one name the first counts.
    pub fn new(alerts: Vec<Alert>, settings: Settings) -> Self {
        let mut kept: Vec<Alert> = Vec::with_capacity(alerts.len());
        for alert in alerts {
            if alert.enabled && kept.iter().all(|other| other.name != alert.name) {
                kept.push(alert);
            }
        }
        Self { alerts: kept, settings, hash: 0 }
    }

    /// The rules.
    pub fn alerts(&self) -> &[Alert] {
        &self.alerts
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
