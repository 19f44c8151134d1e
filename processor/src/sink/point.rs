//! Which point the events of a series are, in InfluxDB and in the store: measurement, tags and fields.

use engine::Series;
use event::Name;

/// The attribute that makes an event of ours an alert's.
const ALERT: &[u8] = b"alert";

/// Attributes of an alert's event that change, or are long: fields, or nothing; never tags.
const NO_TAGS: [&str; 4] = ["alert", "since", "message", "runbook"];

/// Where the events of a series go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Point<'a> {
    /// InfluxDB's measurement.
    pub(crate) measurement: &'a str,
    /// In no order; the encoder sorts them.
    pub(crate) tags: Vec<(&'a str, &'a str)>,
    /// What each event has to tell.
    pub(crate) fields: Fields<'a>,
}

/// What each event has to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fields<'a> {
    /// A sample of ours: its metric, or else its state as a text, under this name.
    Sample(&'a str),
    /// Anybody's event: `value`, always a float, and `state`.
    Foreign,
    /// An alert instance: `level`, `state`, `value`, `since`, `message`.
    Alert { since: &'a str, message: &'a str },
}

impl<'a> Point<'a> {
    /// The point of a series; `None` for one without service. `tag_fields` are the attributes of foreign events that become tags.
    pub(crate) fn of(series: &Series<'a>, tag_fields: &[String]) -> Option<Self> {
        let service = series.service?;
        let mut tags: Vec<(&str, &str)> = series.host.map(|host| ("host", host)).into_iter().collect();
        if let Some(rule) = attribute(series, ALERT).filter(|_| series.sample) {
            tags.push(("name", rule));
            tags.extend(attributes(series).filter(|(key, _)| !NO_TAGS.contains(key)).map(renamed));
            let text = |key| attribute(series, key).unwrap_or_default();
            let fields = Fields::Alert { since: text(b"since"), message: text(b"message") };
            return Some(Self { measurement: "alert", tags, fields });
        }
        let Some(name) = Name::split(service).filter(|_| series.sample) else {
            tags.extend(attributes(series).filter(|(key, _)| tag_fields.iter().any(|wanted| wanted == key)));
            return Some(Self { measurement: service, tags, fields: Fields::Foreign });
        };
        tags.extend(attributes(series));
        Some(Self { measurement: name.measurement, tags, fields: Fields::Sample(name.field) })
    }
}

impl<'a> Fields<'a> {
    /// The field that holds the event's metric.
    pub(crate) fn of_metric(self) -> &'a str {
        match self {
            Self::Sample(field) => field,
            Self::Foreign | Self::Alert { .. } => "value",
        }
    }
}

/// A field `service` of a rule's `by` travels as `instance_service`, for an attribute of that name would be the event's own.
fn renamed<'a>((key, value): (&'a str, &'a str)) -> (&'a str, &'a str) {
    (if key == "instance_service" { "service" } else { key }, value)
}

fn attributes<'a>(series: &Series<'a>) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
    // The engine has made them UTF-8.
    series.labels.attributes().filter_map(|(key, value)| Some((str::from_utf8(key).ok()?, str::from_utf8(value).ok()?)))
}

fn attribute<'a>(series: &Series<'a>, key: &[u8]) -> Option<&'a str> {
    str::from_utf8(series.labels.attribute(key)?).ok()
}

#[cfg(test)]
mod tests {
    use event::LabelsBuf;

    use super::*;

    #[track_caller]
    fn check(service: &str, marks: &[&str], attributes: &[(&str, &str)], expected: (&str, &[(&str, &str)], Fields<'_>)) {
        let mut labels = LabelsBuf::new();
        marks.iter().for_each(|mark| _ = labels.mark(mark.as_bytes()));
        attributes.iter().for_each(|(key, value)| _ = labels.attribute(key.as_bytes(), value.as_bytes()));
        let sample = marks.contains(&"skep");
        let series = Series { id: None, host: Some("a"), service: Some(service), labels: labels.view(), sample };
        let point = Point::of(&series, &["rack".to_owned()]).unwrap();
        assert_eq!((point.measurement, &*point.tags, point.fields), expected);
    }

    #[test]
    fn a_samples_attributes_are_tags() {
        let tags = [("host", "a"), ("cpu", "cpu0")];
        check("cpu/cpu0/usage_active", &["skep"], &[("cpu", "cpu0")], ("cpu", &tags, Fields::Sample("usage_active")));
    }

    #[test]
    fn a_foreign_event_keeps_its_service_whole_and_only_the_wanted_attributes() {
        let attributes = [("rack", "r1"), ("trace", "x7")];
        check("web/req rate", &["app"], &attributes, ("web/req rate", &[("host", "a"), ("rack", "r1")], Fields::Foreign));
        check("web/req rate", &[], &[("alert", "no")], ("web/req rate", &[("host", "a")], Fields::Foreign));
    }

    #[test]
    fn an_alerts_changing_texts_are_no_tags() {
        let attributes =
            [("alert", "slow"), ("instance_service", "api"), ("path", "/x"), ("since", "t"), ("message", "m"), ("runbook", "r")];
        let tags = [("host", "a"), ("name", "slow"), ("service", "api"), ("path", "/x")];
        check("alert/slow/api/\\/x", &["skep"], &attributes, ("alert", &tags, Fields::Alert { since: "t", message: "m" }));
    }
}
