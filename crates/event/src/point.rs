//! Which point of a time series database an event is: measurement, tags and fields. The one definition that InfluxDB and
//! the embedded store share.

use crate::line::Value;
use crate::{Labels, Metric, Name, View};

/// The part of a point that is the same for all events of a series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point<'a> {
    /// InfluxDB's measurement; never empty.
    pub measurement: &'a str,
    /// Key and value of each tag, `host` first; no key twice, no value empty.
    pub tags: Vec<(&'a str, &'a str)>,
    /// The field of the event's own number or text.
    pub field: &'a str,
    /// Which fields an event has.
    pub shape: Shape,
}

/// How the fields of a series' events are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A sample or event of skep's own, named by an [`event::Name`](crate::Name): one field. It holds the metric, whole or
    /// floating as it came, or where there is none the `state` as text.
    Sample,
    /// What any other sender sent: the field `value` is always a float, `state` a text.
    Foreign,
    /// An alert instance: `level` (0 to 3), `state`, `value`, `since` (RFC 3339) and `message`; at the moment of a change of
    /// state also `changed`, which is 1: an open one is told again and again.
    Alert,
}

/// What the services of alert instances begin with.
const ALERT: &str = "alert/";

/// Fields of [`Shape::Foreign`]; no tag may be called so.
const FOREIGN_FIELDS: [&str; 2] = ["value", "state"];

impl<'a> Point<'a> {
    /// The point of a series. `sample` says whether it has the mark [`crate::mark::SKEP`]; `tag_fields` names the attributes
    /// of foreign events that become tags. `None` without a service: such an event has no name to be stored under.
    pub fn of(
        host: Option<&'a str>,
        service: Option<&'a str>,
        labels: Labels<'a>,
        sample: bool,
        tag_fields: &[impl AsRef<str>],
    ) -> Option<Self> {
        let service = service.filter(|service| !service.is_empty())?;
        let mut tags = Vec::new();
        put(&mut tags, "host", host.unwrap_or_default());
        // A value of `by` may be anything, so an alert's service is not always a name.
        if sample && service.starts_with(ALERT) {
            let listed = labels.attribute(b"labels").and_then(|names| str::from_utf8(names).ok()).unwrap_or_default();
            let is_label = |key: &str| listed.split(',').any(|name| name == key);
            let of_rule = texts(labels).filter(|(key, _)| !is_label(key)).filter_map(|(key, value)| Some((alert_tag(key)?, value)));
            of_rule.for_each(|(key, value)| put(&mut tags, key, value));
            return Some(Self { measurement: "alert", tags, field: "value", shape: Shape::Alert });
        }
        if let Some(name) = Name::split(service).filter(|_| sample) {
            texts(labels).filter(|(key, _)| *key != name.field).for_each(|(key, value)| put(&mut tags, key, value));
            return Some(Self { measurement: name.measurement, tags, field: name.field, shape: Shape::Sample });
        }
        let is_tag = |key: &str| tag_fields.iter().any(|field| field.as_ref() == key) && !FOREIGN_FIELDS.contains(&key);
        texts(labels).filter(|(key, _)| is_tag(key)).for_each(|(key, value)| put(&mut tags, key, value));
        Some(Self { measurement: service, tags, field: "value", shape: Shape::Foreign })
    }
}

/// Attributes that are text; the engine has made all of them so.
fn texts<'a>(labels: Labels<'a>) -> impl Iterator<Item = (&'a str, &'a str)> {
    labels.attributes().filter_map(|(key, value)| Some((str::from_utf8(key).ok()?, str::from_utf8(value).ok()?)))
}

/// Adds a tag. InfluxDB refuses a line with two tags of one name, or with one called `time`.
fn put<'a>(tags: &mut Vec<(&'a str, &'a str)>, key: &'a str, value: &'a str) {
    let is_taken = key == "time" || tags.iter().any(|(taken, _)| *taken == key);
    if !key.is_empty() && !value.is_empty() && !is_taken {
        tags.push((key, value));
    }
}

/// The tag for an attribute of an alert instance; `None` for those that are fields, or no part of the point.
fn alert_tag(key: &str) -> Option<&str> {
    match key {
        "alert" => Some("name"),
        "since" | "message" | "runbook" | "details" | "team" | "labels" | "links" => None,
        // An attribute `service` would have been the event's own; a tag may be called so.
        "instance_service" => Some("service"),
        // Neither would one of these.
        "instance_details" | "instance_team" | "instance_labels" | "instance_links" => key.strip_prefix("instance_"),
        // A rule may be `by` an attribute whose name is taken here.
        "name" => Some("instance_name"),
        "level" => Some("instance_level"),
        "state" => Some("instance_state"),
        "value" => Some("instance_value"),
        _ => Some(key),
    }
}

impl Shape {
    /// Hands out each field of an event: its key, `None` for the point's own ([`Point::field`]), and its value. Nothing for
    /// an event that says nothing. `labels` are those of its series.
    #[inline]
    pub fn values(self, event: &View<'_>, labels: Labels<'_>, mut put: impl FnMut(Option<&'static str>, Value<'_>)) {
        match (self, event.metric) {
            (Self::Sample, Some(metric)) => put(None, Value::Metric(metric)),
            // The end of a sample's series: no value, and no text in what may be a field of numbers.
            (Self::Sample, None) if event.state == Some(b"expired") => {}
            (Self::Sample, None) => put_text(None, event.state, &mut put),
            (Self::Foreign, metric) => {
                put_float(metric, &mut put);
                put_text(Some("state"), event.state, &mut put);
            }
            (Self::Alert, metric) => {
                if let Some(level) = event.state.and_then(level) {
                    put(Some("level"), Value::Metric(Metric::Int(level)));
                }
                put_text(Some("state"), event.state, &mut put);
                put_float(metric, &mut put);
                let since = labels.attribute(b"since");
                if since.is_some() && since == event.time.map(|time| time.to_string()).as_deref().map(str::as_bytes) {
                    put(Some("changed"), Value::Metric(Metric::Int(1)));
                }
                put_text(Some("since"), since, &mut put);
                put_text(Some("message"), labels.attribute(b"message"), &mut put);
            }
        }
    }
}

/// A text field; an empty one tells nothing. Bytes that are not UTF-8 are taken lossily.
fn put_text(key: Option<&'static str>, text: Option<&[u8]>, put: &mut impl FnMut(Option<&'static str>, Value<'_>)) {
    if let Some(text) = text.filter(|text| !text.is_empty()) {
        put(key, Value::Text(&String::from_utf8_lossy(text)));
    }
}

/// A field that is a float whatever came: a database keeps the first type it sees.
fn put_float(metric: Option<Metric>, put: &mut impl FnMut(Option<&'static str>, Value<'_>)) {
    if let Some(metric) = metric {
        put(None, Value::Metric(Metric::Float(metric.as_f64())));
    }
}

/// An alert's state as a number, to be drawn and compared.
fn level(state: &[u8]) -> Option<i64> {
    match state {
        b"ok" | b"expired" => Some(0),
        b"info" => Some(1),
        b"warning" => Some(2),
        b"critical" => Some(3),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::{self, Lines};
    use crate::{Event, Timestamp, mark};

    /// The lines of an event, without their time.
    fn lines(event: &Event, tag_fields: &[&str]) -> String {
        event.with_view(|view| {
            let sample = view.labels.has_mark(mark::SKEP);
            let Some(point) = Point::of(event.host.as_deref(), event.service.as_deref(), view.labels, sample, tag_fields) else {
                return "none".to_owned();
            };
            let (mut head, mut key) = (Vec::new(), Vec::new());
            line::head(&mut head, point.measurement, &point.tags);
            line::key(&mut key, point.field);
            let mut lines = Lines::default();
            point.shape.values(view, view.labels, |name, value| {
                lines.field(0, &head, Timestamp::default(), name.map_or(&key, str::as_bytes), value)
            });
            String::from_utf8_lossy(lines.finish()).replace(" 0\n", "")
        })
    }

    fn event(service: &str, marks: &[&str], attributes: &[(&str, &str)]) -> Event {
        let owned = |text: &&str| (*text).to_owned();
        Event {
            host: Some("n1".to_owned()),
            service: Some(service.to_owned()),
            marks: marks.iter().map(owned).collect(),
            attributes: attributes.iter().map(|(key, value)| (owned(key), owned(value))).collect(),
            ..Event::default()
        }
    }

    #[test]
    fn a_sample_has_all_its_attributes_and_its_type() {
        let disk = event("disk//var/used", &["skep"], &[("path", "/var"), ("fstype", "ext4")]);
        let with = |metric| Event { metric: Some(metric), state: Some("ok".to_owned()), ..disk.clone() };
        assert_eq!(lines(&with(Metric::Int(7)), &[]), "disk,fstype=ext4,host=n1,path=/var used=7i");
        assert_eq!(lines(&with(Metric::Float(7.0)), &[]), "disk,fstype=ext4,host=n1,path=/var used=7.0");
    }

    #[test]
    fn a_sample_without_number_has_its_state_as_text() {
        let id = event("docker_container_status/web.1/container_id", &["skep"], &[("container_name", "web.1")]);
        let with = |state: &str| Event { state: Some(state.to_owned()), ..id.clone() };
        assert_eq!(lines(&with("59bf"), &[]), "docker_container_status,container_name=web.1,host=n1 container_id=\"59bf\"");
        assert_eq!(lines(&with(""), &[]), "");
        assert_eq!(lines(&with("expired"), &[]), "", "the end of a series is no value of it");
    }

    #[test]
    fn a_foreign_event_is_a_float_and_has_the_tags_that_were_named() {
        let foreign = event("http requests", &["prod"], &[("dc", "fra"), ("pod", "x1"), ("state", "s"), ("time", "t")]);
        let number = Event { metric: Some(Metric::Int(4)), ..foreign.clone() };
        assert_eq!(lines(&number, &[]), "http\\ requests,host=n1 value=4.0");
        assert_eq!(lines(&number, &["dc", "state", "time"]), "http\\ requests,dc=fra,host=n1 value=4.0");
        let both = Event { state: Some("ok".to_owned()), ..number };
        assert_eq!(lines(&both, &[]), "http\\ requests,host=n1 value=4.0,state=\"ok\"");
        assert_eq!(lines(&Event { metric: None, ..both }, &[]), "http\\ requests,host=n1 state=\"ok\"");
    }

    #[test]
    fn a_foreign_service_with_slashes_is_one_measurement() {
        let load = Event { metric: Some(Metric::Float(0.5)), ..event("load/load/shortterm", &["collectd"], &[("plugin", "load")]) };
        assert_eq!(lines(&load, &[]), "load/load/shortterm,host=n1 value=0.5");
    }

    #[test]
    fn an_alert_has_its_name_and_what_it_is_by_as_tags() {
        let attributes = [
            ("alert", "disk-full"),
            ("path", "/var"),
            ("name", "vda"),
            ("instance_service", "web"),
            ("since", "2026-11-22T07:20:51.250Z"),
            ("message", "it is \"full\""),
            ("runbook", "https://r"),
            ("details", "look at du"),
            ("team", "storage"),
            ("instance_team", "web"),
            ("severity", "page"),
            ("tier", "1"),
            ("labels", "severity,tier"),
            ("links", "chart: https://c"),
        ];
        let alert = event("alert/disk-full//var", &["skep"], &attributes);
        let open = Event { state: Some("critical".to_owned()), metric: Some(Metric::Int(97)), ..alert };
        let expected = "alert,host=n1,instance_name=vda,name=disk-full,path=/var,service=web,team=web \
                        level=3i,state=\"critical\",value=97.0,since=\"2026-11-22T07:20:51.250Z\",message=\"it is \\\"full\\\"\"";
        assert_eq!(lines(&open, &[]), expected);
    }

    #[test]
    fn an_alert_has_changed_at_the_moment_since_when_it_is_so() {
        let alert = event("alert/a", &["skep"], &[("alert", "a"), ("since", "1970-01-01T00:00:00Z")]);
        let open = Event { state: Some("info".to_owned()), time: Some(Timestamp::default()), ..alert };
        assert_eq!(lines(&open, &[]), "alert,host=n1,name=a level=1i,state=\"info\",changed=1i,since=\"1970-01-01T00:00:00Z\"");
        let again = Event { time: Some(Timestamp::from_secs(30)), ..open };
        assert_eq!(lines(&again, &[]), "alert,host=n1,name=a level=1i,state=\"info\",since=\"1970-01-01T00:00:00Z\"");
    }

    #[test]
    fn the_level_of_an_alert_that_is_over_is_0() {
        assert_eq!(
            lines(&Event { metric: Some(Metric::Int(1)), ..event("alert/a/", &["skep"], &[("alert", "a")]) }, &[]),
            "alert,host=n1,name=a value=1.0"
        );
        for (state, level) in [("ok", "0i"), ("expired", "0i"), ("info", "1i"), ("warning", "2i")] {
            let alert = Event { state: Some(state.to_owned()), ..event("alert/a", &["skep"], &[("alert", "a")]) };
            assert_eq!(lines(&alert, &[]), format!("alert,host=n1,name=a level={level},state=\"{state}\""));
        }
    }

    #[test]
    fn an_event_without_service_is_no_point() {
        assert_eq!(lines(&Event { service: None, ..event("", &[], &[]) }, &[]), "none");
        assert_eq!(lines(&event("", &["skep"], &[]), &[]), "none");
    }

    #[test]
    fn of_two_attributes_with_one_name_the_first_is_a_tag() {
        let twice =
            Event { metric: Some(Metric::Int(1)), ..event("m/f", &["skep"], &[("a", "1"), ("host", "liar"), ("a", "2"), ("f", "3")]) };
        assert_eq!(lines(&twice, &[]), "m,a=1,host=n1 f=1i");
    }
}
