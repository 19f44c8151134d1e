//! What stays the same from one event of a series to the next.

use event::Labels;

/// Names a series, that is a (host, service, labels), for as long as it is in the table.
///
/// Who caches by it may rely on host, service and labels being the same until [`crate::Effects::forgotten`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeriesId(pub u32);

/// The series of an event. UTF-8 has been checked; what was none was taken lossily.
#[derive(Clone, Copy, Debug)]
pub struct Series<'a> {
    /// `None` for what is not in the table and must not be cached: late events, and events beyond `max_series`.
    pub id: Option<SeriesId>,
    /// Where; `None` for an event without host.
    pub host: Option<&'a str>,
    /// What; `None` for an event without service.
    pub service: Option<&'a str>,
    /// Marks and attributes; texts are UTF-8.
    pub labels: Labels<'a>,
    /// It has the mark `skep`: a sample or event of our own, whose service is an [`event::Name`].
    pub sample: bool,
}
