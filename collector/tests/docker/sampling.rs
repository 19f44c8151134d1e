//! The sampling thread's part, driven by the test, and what came of it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use catalogue::Kind;
use collector::container::{Containers, Docker, Out, Value};
use collector::{ContainerChoice, Root};
use event::{Event, Labels, Metric, Name, Timestamp, View};
use testbed::{Dockerd, wait_until};

/// How long dockerd may take for anything.
const PATIENCE: Duration = Duration::from_secs(60);

/// The last turn's samples, and all events.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) samples: BTreeMap<String, String>,
    pub(crate) numbers: BTreeMap<String, f64>,
    pub(crate) networks: BTreeMap<String, String>,
    /// Attributes, as `KEY=VALUE,KEY=VALUE`.
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) events: Vec<Event>,
    /// Series that were told to have ended, and were not sampled since.
    pub(crate) ended: BTreeSet<String>,
}

impl Out for Seen {
    fn every(&mut self, _: event::Duration) {}

    fn sample(&mut self, service: &str, labels: Labels<'_>, value: Value<'_>) {
        is_in_catalogue(service, labels, value);
        self.ended.remove(service);
        if let Some(network) = labels.attribute(b"network") {
            self.networks.insert(service.to_owned(), String::from_utf8_lossy(network).into_owned());
        }
        let lossy = |bytes| String::from_utf8_lossy(bytes).into_owned();
        let attributes: Vec<_> = labels.attributes().map(|(key, value)| format!("{}={}", lossy(key), lossy(value))).collect();
        self.labels.insert(service.to_owned(), attributes.join(","));
        let text = match value {
            Value::Text(text) => text.to_owned(),
            Value::Metric(metric) => {
                self.numbers.insert(service.to_owned(), metric.as_f64());
                metric.to_string()
            }
        };
        let twice = self.samples.insert(service.to_owned(), text);
        assert_eq!(twice, None, "{service} was sampled twice in one turn");
    }

    fn event(&mut self, event: &View<'_>) {
        let event = Event::from(event);
        match event.service {
            Some(service) if event.state.as_deref() == Some("expired") => drop(self.ended.insert(service)),
            _ => self.events.push(event),
        }
    }
}

/// What is sampled is what the catalogue says.
fn is_in_catalogue(service: &str, labels: Labels<'_>, value: Value<'_>) {
    let name = Name::split(service).expect("a name of ours");
    let metric = catalogue::find(name.measurement, name.field);
    assert!(metric.is_some_and(|metric| metric.is_float == matches!(value, Value::Metric(Metric::Float(_)))), "{service}: {value:?}");
    assert!(metric.is_some_and(|metric| (metric.kind == Kind::Text) == matches!(value, Value::Text(_))), "{service}: {value:?}");
    // A label that a test chose.
    let known = |key: &[u8]| key == b"team" || metric.is_some_and(|metric| metric.attributes.iter().any(|name| name.as_bytes() == key));
    assert!(labels.attributes().all(|(key, _)| known(key)), "{service}: an attribute that its row in the catalogue lacks");
    assert!(labels.attribute(b"container_name").is_some(), "{service} has no container_name");
}

fn containers() -> Containers {
    Containers::new(Root::new(None), event::Duration::from_secs(1))
}

/// The sampling thread's part, driven by the test.
pub(crate) struct Sampling {
    docker: Docker,
    pub(crate) containers: Containers,
    pub(crate) seen: Seen,
    due: Timestamp,
}

impl Sampling {
    pub(crate) fn start(dockerd: &Dockerd) -> Self {
        Self::start_with(dockerd, ContainerChoice::default())
    }

    pub(crate) fn start_with(dockerd: &Dockerd, choice: ContainerChoice) -> Self {
        Self::of(dockerd, containers(), choice)
    }

    /// With the sizes of containers' files, each second.
    pub(crate) fn start_with_sizes(dockerd: &Dockerd) -> Self {
        Self::of(dockerd, containers().sized_each(event::Duration::from_secs(1)), ContainerChoice::default())
    }

    fn of(dockerd: &Dockerd, containers: Containers, choice: ContainerChoice) -> Self {
        let docker = Docker::watch(dockerd.socket(), containers.wishes(choice)).expect("a thread");
        Self { docker, containers, seen: Seen::default(), due: now() }
    }

    pub(crate) fn turn(&mut self) {
        self.seen.samples.clear();
        self.seen.numbers.clear();
        self.seen.labels.clear();
        self.containers.take(self.docker.changes(), &mut self.seen);
        // Turns ten seconds apart by the samples' clock, so that each tells all.
        self.due = self.due + event::Duration::from_secs(10);
        self.containers.sample(now(), self.due, &mut self.seen);
    }

    /// Turn after turn until `wanted` holds.
    #[track_caller]
    pub(crate) fn until(&mut self, what: &str, mut wanted: impl FnMut(&Seen) -> bool) {
        let seen = wait_until(PATIENCE, || {
            self.turn();
            wanted(&self.seen)
        });
        assert!(seen, "not seen: {what}; events {:#?}, samples {:#?}", self.seen.events, self.seen.samples);
    }

    #[track_caller]
    pub(crate) fn number(&self, service: &str) -> f64 {
        let number = self.seen.numbers.get(service).copied();
        assert!(number.is_some(), "no {service} in {:#?}", self.seen.samples);
        number.unwrap_or_default()
    }

    #[track_caller]
    pub(crate) fn text(&self, service: &str) -> &str {
        self.seen.samples.get(service).map(String::as_str).unwrap_or_default()
    }

    #[track_caller]
    pub(crate) fn until_happened(&mut self, name: &str, action: &str) -> Event {
        let service = format!("docker_event/{name}/{action}");
        self.until(&service, |seen| seen.events.iter().any(|event| event.service.as_deref() == Some(&service)));
        self.seen.events.iter().find(|event| event.service.as_deref() == Some(&service)).cloned().expect("it was seen")
    }
}

#[expect(clippy::disallowed_methods, reason = "the kernel's counters go by the real clock")]
pub(crate) fn now() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970");
    Timestamp::from_micros(i64::try_from(since_epoch.as_micros()).expect("before 300000"))
}
