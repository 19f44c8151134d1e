//! Labels: of a sample's attributes, of what is known of its container, and of its host.

use std::collections::HashMap;
use std::fmt::Write;

use catalogue::prometheus::{self, Exported, Value};
use event::{Name, View};

use super::{Hosts, name_of};

/// Instances that are sums of the others beside them: whoever adds up a metric's series would count twice.
const SUMS: [(&[u8], &[u8]); 3] = [(b"cpu", b"cpu-total"), (b"device", b"total"), (b"network", b"total")];

/// What the texts of containers say, by host and container: cAdvisor has it in labels.
pub(super) struct Containers<'a>(HashMap<(&'a [u8], &'a [u8]), Container<'a>>);

#[derive(Clone, Copy, Default)]
struct Container<'a> {
    id: &'a [u8],
    image: &'a [u8],
    version: &'a [u8],
}

impl<'a> Containers<'a> {
    pub(super) fn among(events: impl Iterator<Item = View<'a>>) -> Self {
        let mut all: HashMap<_, Container<'_>> = HashMap::new();
        for event in events {
            let Some(name) = name_of(&event).filter(|name| name.measurement == "docker_container_status") else { continue };
            let (Some(key), Some(text)) = (key(&event), event.state) else { continue };
            match name.field {
                "container_id" => all.entry(key).or_default().id = text,
                "container_image" => all.entry(key).or_default().image = text,
                "container_version" => all.entry(key).or_default().version = text,
                _ => {}
            }
        }
        Self(all)
    }
}

impl Container<'_> {
    fn put(&self, labels: &mut Labels) {
        let Self { id, image, version } = *self;
        if !id.is_empty() {
            labels.put("id", &[b"/docker/", id]);
        }
        match (image, version) {
            (b"", _) => {}
            (image, b"") => labels.put("image", &[image]),
            (image, version) => labels.put("image", &[image, b":", version]),
        }
    }
}

fn key<'a>(event: &View<'a>) -> Option<(&'a [u8], &'a [u8])> {
    Some((event.host?, event.labels.attribute(b"container_name")?))
}

/// The labels as they are written, in braces; `None` when the row does not tell of this instance.
pub(super) fn labels(row: &Exported, name: &Name<'_>, event: &View<'_>, hosts: Hosts<'_>, containers: &Containers<'_>) -> Option<String> {
    if row.instance.is_some() && row.instance != name.instance {
        return None;
    }
    if SUMS.iter().any(|(attribute, sum)| event.labels.attribute(attribute) == Some(sum)) {
        return None;
    }
    let mut labels = Labels::default();
    if let Some(container) = key(event).and_then(|key| containers.0.get(&key)) {
        container.put(&mut labels);
    }
    let attributes = if row.instance.is_none() { prometheus::labels(row.measurement) } else { &[] };
    for label in attributes {
        if let Some(value) = event.labels.attribute(label.attribute.as_bytes()) {
            labels.put(label.label, &[value.strip_prefix(label.prefix.as_bytes()).unwrap_or(value)]);
        }
    }
    let host = event.host.unwrap_or_default();
    if row.value == Value::Node {
        labels.put("nodename", &[host]);
    }
    for (key, value) in row.labels {
        labels.put(key, &[value.as_bytes()]);
    }
    if hosts == Hosts::All {
        labels.put("instance", &[host]);
    }
    Some(labels.finish())
}

/// Labels being written.
#[derive(Default)]
struct Labels {
    text: String,
}

impl Labels {
    fn put(&mut self, key: &str, value: &[&[u8]]) {
        let comma = if self.text.is_empty() { "" } else { "," };
        let _ = write!(self.text, "{comma}{key}=\"");
        for part in value {
            for character in String::from_utf8_lossy(part).chars() {
                match character {
                    '\\' => self.text.push_str("\\\\"),
                    '"' => self.text.push_str("\\\""),
                    '\n' => self.text.push_str("\\n"),
                    other => self.text.push(other),
                }
            }
        }
        self.text.push('"');
    }

    fn finish(self) -> String {
        if self.text.is_empty() { String::new() } else { format!("{{{}}}", self.text) }
    }
}
