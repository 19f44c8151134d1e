//! Measurement, tags and field key of each series, rendered once.

use engine::{Series, SeriesId};
use event::View;
use event::line::{self, Lines, Value};
use foldhash::fast::RandomState;
use hashbrown::HashMap;

use crate::sink::point::Point;

/// The device of a series that the engine does not keep.
const UNKEPT: u32 = u32::MAX;

/// A series as it stands on a line.
#[derive(Debug, Default)]
struct Head {
    /// The same for all series whose measurement and tags are the same, so that their fields share a line.
    device: u32,
    head: Box<[u8]>,
    key: Box<[u8]>,
}

/// What has been rendered.
#[derive(Debug)]
pub(crate) struct Heads {
    by_series: HashMap<SeriesId, Head, RandomState>,
    /// Devices by their rendered head, with the number of series that use them.
    devices: HashMap<Box<[u8]>, (u32, usize), RandomState>,
    next: u32,
    tag_fields: Vec<String>,
}

impl Heads {
    /// None yet; `tag_fields` are the attributes of foreign events that become tags.
    pub(crate) fn new(tag_fields: Vec<String>) -> Self {
        Self { by_series: HashMap::default(), devices: HashMap::default(), next: 0, tag_fields }
    }

    /// Adds an event's field to the lines.
    pub(crate) fn encode(&mut self, series: &Series<'_>, event: &View<'_>, lines: &mut Lines) {
        let (Some(metric), Some(time)) = (event.metric, event.time) else { return };
        let Some(id) = series.id else {
            let Some((head, key)) = render(series, &self.tag_fields) else { return };
            lines.field(UNKEPT, &head, time, &key, Value::Metric(metric));
            return;
        };
        if !self.by_series.contains_key(&id) {
            let Some((head, key)) = render(series, &self.tag_fields) else { return };
            let device = self.device(&head);
            self.by_series.insert(id, Head { device, head, key });
        }
        if let Some(head) = self.by_series.get(&id) {
            lines.field(head.device, &head.head, time, &head.key, Value::Metric(metric));
        }
    }

    /// The id may mean another series from now on.
    pub(crate) fn forget(&mut self, id: SeriesId) {
        let Some(head) = self.by_series.remove(&id) else { return };
        if let Some((_, users)) = self.devices.get_mut(&head.head) {
            *users -= 1;
            if *users == 0 {
                self.devices.remove(&head.head);
            }
        }
    }

    fn device(&mut self, head: &[u8]) -> u32 {
        let (device, users) = self.devices.entry(head.into()).or_insert_with(|| {
            self.next = (self.next + 1) % UNKEPT;
            (self.next, 0)
        });
        *users += 1;
        *device
    }
}

fn render(series: &Series<'_>, _tag_fields: &[String]) -> Option<(Box<[u8]>, Box<[u8]>)> {
    let mut point = Point::of(series)?;
    let (mut head, mut key) = (Vec::new(), Vec::new());
    line::head(&mut head, point.measurement, &mut point.tags);
    line::key(&mut key, point.field);
    Some((head.into(), key.into()))
}
