//! Which point the events of a series are, in InfluxDB and in the store.

use engine::Series;
use event::Point;

/// The point of a series; `None` for one without service. `tag_fields` are the attributes of foreign events that become tags.
pub(crate) fn of<'a>(series: &Series<'a>, tag_fields: &[String]) -> Option<Point<'a>> {
    Point::of(series.host, series.service, series.labels, series.sample, tag_fields)
}
