//! The series of one measurement of one container: texts built once, then numbers put beside them each turn.

use event::{Duration, Labels, LabelsBuf, Metric, Name, View, mark};

use super::Identity;

/// What a sample says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// A number.
    Metric(Metric),
    /// A text, such as an id.
    Text(&'a str),
}

impl<'a> Value<'a> {
    /// A counter or a size; beyond `i64` it stays at the end of the range.
    pub fn int(value: u64) -> Self {
        Self::Metric(Metric::Int(i64::try_from(value).unwrap_or(i64::MAX)))
    }

    /// A percentage or a ratio; `None` when it is no number.
    pub fn float(value: f64) -> Option<Self> {
        Metric::float(value).map(Self::Metric)
    }
}

/// Where samples and events go.
pub trait Out {
    /// Says how often what follows is sampled, from which its ttl comes.
    fn every(&mut self, period: Duration);

    /// Takes one sample; host, time and ttl are the turn's.
    fn sample(&mut self, service: &str, labels: Labels<'_>, value: Value<'_>);

    /// Takes what happened; only its host is missing.
    fn event(&mut self, event: &View<'_>);

    /// Whether a metric is wanted; asked once, when its series is made.
    fn wants(&self, service: &str) -> bool {
        let _ = service;
        true
    }
}

/// One measurement of one container, or of one device or interface of it.
#[derive(Clone, Debug)]
pub(super) struct Series {
    measurement: &'static str,
    instance: String,
    labels: LabelsBuf,
    /// The services of the fields, one after the other: a host has thousands, and a text of its own costs each its head and its room.
    services: Box<str>,
    /// In the order of the fields, which is always the same.
    named: Box<[Named]>,
}

/// One field's series.
#[derive(Clone, Copy, Debug)]
struct Named {
    /// Where its service ends, in bytes; it begins where the one before ends.
    end: u32,
    is_wanted: bool,
    /// Whether a value of it was handed out.
    is_told: bool,
}

impl Series {
    /// For the container that is shown under `name`.
    pub(super) fn of_container(measurement: &'static str, name: &str, identity: &Identity) -> Self {
        let mut labels = LabelsBuf::new();
        labels.mark(mark::SKEP);
        label(&mut labels, name, identity);
        Self { measurement, instance: name.to_owned(), labels, services: Box::default(), named: Box::default() }
    }

    /// For a part of it: its instance is `NAME/PART`.
    pub(super) fn of_part(measurement: &'static str, name: &str, identity: &Identity, part: &str) -> Self {
        let whole = Self::of_container(measurement, name, identity);
        Self { instance: format!("{name}/{part}"), ..whole }
    }

    /// Adds an attribute of its own.
    pub(super) fn with(mut self, key: &str, value: &str) -> Self {
        self.labels.attribute(key.as_bytes(), value.as_bytes());
        self
    }

    /// Hands out a sample for each field that has a value. The fields must be the same each time, in the same order.
    pub(super) fn put(&mut self, out: &mut impl Out, fields: &[(&'static str, Option<Value<'_>>)]) {
        if self.named.len() != fields.len() {
            self.name_fields(out, fields.iter().map(|(field, _)| *field));
        }
        for ((service, named), (field, value)) in each(&self.services, &mut self.named).zip(fields) {
            debug_assert!(
                service.strip_suffix(field).is_some_and(|before| before.ends_with('/')),
                "the fields of {} must keep their order: {service} is not {field}",
                self.measurement
            );
            if let Some(value) = value.filter(|_| named.is_wanted) {
                named.is_told = true;
                out.sample(service, self.labels.view(), value);
            }
        }
    }

    /// Builds the services of the fields, once; no label comes after.
    fn name_fields(&mut self, out: &impl Out, fields: impl Iterator<Item = &'static str>) {
        let mut services = String::new();
        self.named = fields
            .map(|field| {
                let service = Name::of(self.measurement, &self.instance, field).to_string();
                services.push_str(&service);
                Named { end: u32::try_from(services.len()).unwrap_or(u32::MAX), is_wanted: out.wants(&service), is_told: false }
            })
            .collect();
        self.services = services.into_boxed_str();
        self.labels.shrink();
    }

    /// Says of each series that it has ended, once: an event with state `expired`. Gives how many there were.
    pub(super) fn expire(&mut self, out: &mut impl Out) -> usize {
        let mut n_ended = 0;
        for (service, named) in each(&self.services, &mut self.named) {
            if std::mem::take(&mut named.is_told) {
                let (service, labels) = (Some(service.as_bytes()), self.labels.view());
                out.event(&View { service, state: Some(b"expired"), labels, ..View::default() });
                n_ended += 1;
            }
        }
        n_ended
    }
}

/// Each field with its service, cut out of the text of all.
fn each<'a>(services: &'a str, named: &'a mut [Named]) -> impl Iterator<Item = (&'a str, &'a mut Named)> {
    let mut start = 0;
    named.iter_mut().map(move |named| {
        let end = named.end as usize;
        (services.get(std::mem::replace(&mut start, end)..end).unwrap_or_default(), named)
    })
}

/// The attributes that all samples and events of a container carry.
pub(super) fn label(labels: &mut LabelsBuf, name: &str, identity: &Identity) {
    labels.attribute(b"container_name", name.as_bytes());
    let texts = [("swarm_service", &identity.service), ("swarm_stack", &identity.stack), ("task_slot", &identity.slot)];
    for (key, text) in texts {
        if let Some(text) = text {
            labels.attribute(key.as_bytes(), text.as_bytes());
        }
    }
    for (key, text) in &identity.labels {
        labels.attribute(key.as_bytes(), text.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Seen(Vec<String>);

    impl Out for Seen {
        fn sample(&mut self, service: &str, labels: Labels<'_>, value: Value<'_>) {
            let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
            let labels: Vec<String> = labels.attributes().map(|(key, value)| format!("{}={}", text(key), text(value))).collect();
            self.0.push(format!("{service} {} {value:?}", labels.join(",")));
        }

        fn every(&mut self, _: Duration) {}

        fn event(&mut self, _: &View<'_>) {}
    }

    #[test]
    fn fields_without_a_value_are_left_out() {
        let identity =
            Identity { name: "web.1".into(), service: Some("web".into()), stack: None, slot: Some("1".into()), ..Identity::default() };
        let mut series = Series::of_container("docker_container_mem", "web.1~59bf", &identity);
        let mut seen = Seen::default();
        series.put(&mut seen, &[("usage", Some(Value::int(7))), ("swap", None), ("usage_percent", Value::float(0.5))]);
        series.put(&mut seen, &[("usage", None), ("swap", Some(Value::int(u64::MAX))), ("usage_percent", Value::float(f64::NAN))]);
        let labels = "container_name=web.1~59bf,swarm_service=web,task_slot=1";
        let expected = [
            format!("docker_container_mem/web.1~59bf/usage {labels} Metric(Int(7))"),
            format!("docker_container_mem/web.1~59bf/usage_percent {labels} Metric(Float(0.5))"),
            format!("docker_container_mem/web.1~59bf/swap {labels} Metric(Int(9223372036854775807))"),
        ];
        assert_eq!(seen.0, expected);
    }

    #[test]
    fn a_part_has_an_instance_and_attributes_of_its_own() {
        let mut seen = Seen::default();
        let mut series = Series::of_part("docker_container_net", "db", &Identity::default(), "eth0").with("interface", "eth0");
        series.put(&mut seen, &[("rx_bytes", Some(Value::int(7)))]);
        assert_eq!(seen.0, ["docker_container_net/db/eth0/rx_bytes container_name=db,interface=eth0 Metric(Int(7))"]);
    }
}
