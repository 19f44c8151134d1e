//! Which point a series' events are: measurement, tags and field.

use engine::Series;
use event::Name;

/// Where the metric of a series' events stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Point<'a> {
    pub(crate) measurement: &'a str,
    pub(crate) tags: Vec<(&'a str, &'a str)>,
    pub(crate) field: &'a str,
}

impl<'a> Point<'a> {
    /// The point of a series; `None` for one without service.
    pub(crate) fn of(series: &Series<'a>) -> Option<Self> {
        let service = series.service?;
        let name = if series.sample { Name::split(service) } else { None };
        let mut tags: Vec<(&str, &str)> = series.host.map(|host| ("host", host)).into_iter().collect();
        let Some(name) = name else { return Some(Self { measurement: service, tags, field: "value" }) };
        tags.extend(series.labels.attributes().filter_map(|(key, value)| Some((str::from_utf8(key).ok()?, str::from_utf8(value).ok()?))));
        Some(Self { measurement: name.measurement, tags, field: name.field })
    }
}
