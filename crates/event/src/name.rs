//! The three parts of a service.

use std::fmt;

/// A sample's service taken apart: `measurement/field` or `measurement/INSTANCE/field`.
///
/// The measurement stands before the first `/`, the field after the last; an instance may hold `/` itself
/// (`disk//var/used_percent`). This type is the only code that splits or joins a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name<'a> {
    /// InfluxDB's measurement: `docker_container_mem`.
    pub measurement: &'a str,
    /// What is measured, where there are several: a path, an interface, a container. Never empty.
    pub instance: Option<&'a str>,
    /// InfluxDB's field: `usage_percent`.
    pub field: &'a str,
}

impl<'a> Name<'a> {
    /// A name without instance.
    pub const fn plain(measurement: &'a str, field: &'a str) -> Self {
        Self { measurement, instance: None, field }
    }

    /// A name of one instance.
    pub const fn of(measurement: &'a str, instance: &'a str, field: &'a str) -> Self {
        Self { measurement, instance: Some(instance), field }
    }

    /// Takes a service apart; `None` when it has no `/` or an empty part, as foreign services may.
    pub fn split(service: &'a str) -> Option<Self> {
        let (measurement, rest) = service.split_once('/')?;
        let (instance, field) = match rest.rsplit_once('/') {
            Some((instance, field)) => (Some(instance), field),
            None => (None, rest),
        };
        if measurement.is_empty() || field.is_empty() || instance.is_some_and(str::is_empty) {
            return None;
        }
        Some(Self { measurement, instance, field })
    }
}

/// The service: what [`Name::split`] reads.
impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.instance {
            Some(instance) => write!(f, "{}/{}/{}", self.measurement, instance, self.field),
            None => write!(f, "{}/{}", self.measurement, self.field),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(service: &str, name: Name<'_>) {
        assert_eq!(Name::split(service), Some(name));
        assert_eq!(name.to_string(), service);
    }

    #[test]
    fn splits_and_joins_services() {
        check("mem/used_percent", Name::plain("mem", "used_percent"));
        check("cpu/cpu0/usage_active", Name::of("cpu", "cpu0", "usage_active"));
        check("disk//var/used_percent", Name::of("disk", "/var", "used_percent"));
        check("disk///used_percent", Name::of("disk", "/", "used_percent"));
        check("docker_container_net/web.1/eth0/rx_bytes", Name::of("docker_container_net", "web.1/eth0", "rx_bytes"));
    }

    #[test]
    fn foreign_services_are_no_names() {
        for service in ["", "load", "/", "a/", "/b", "a//b"] {
            assert_eq!(Name::split(service), None, "{service}");
        }
    }
}
