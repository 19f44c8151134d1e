//! How each series stands on a line: measurement, tags and field keys, rendered once.

use std::sync::Arc;

use engine::{Series, SeriesId};
use event::line::{self, Lines};
use event::point::Shape;
use event::{Labels, Timestamp, View};
use foldhash::fast::RandomState;
use hashbrown::HashMap;

use crate::sink::point;

/// The device of a series that the engine does not keep; two such never share a line, for the head may differ.
const UNKEPT: [u32; 2] = [u32::MAX, u32::MAX - 1];

/// A series, rendered.
#[derive(Debug)]
struct Head {
    /// The same for all series whose measurement and tags are the same, so that their fields share a line.
    device: u32,
    /// Shared by them too.
    head: Arc<[u8]>,
    /// Of the event's own number or text.
    key: Box<[u8]>,
    shape: Shape,
}

/// What has been rendered.
#[derive(Debug)]
pub(crate) struct Heads {
    by_series: HashMap<SeriesId, Head, RandomState>,
    /// Devices by their head, with the number of series that use them.
    devices: HashMap<Arc<[u8]>, (u32, usize), RandomState>,
    next: u32,
    unkept: usize,
    tag_fields: Vec<String>,
}

impl Heads {
    /// None yet; `tag_fields` are the attributes of foreign events that become tags.
    pub(crate) fn new(tag_fields: Vec<String>) -> Self {
        Self { by_series: HashMap::default(), devices: HashMap::default(), next: 0, unkept: 0, tag_fields }
    }

    /// Adds what an event has to tell to the lines; nothing for one without service, or without metric and state.
    pub(crate) fn encode(&mut self, series: &Series<'_>, event: &View<'_>, lines: &mut Lines) {
        let Some(time) = event.time else { return };
        let Some(id) = series.id else {
            self.unkept ^= 1;
            let device = if self.unkept == 0 { UNKEPT[0] } else { UNKEPT[1] };
            if let Some(head) = render(series, &self.tag_fields, |head| (device, head.into())) {
                head.put(event, series.labels, time, lines);
            }
            return;
        };
        if let Some(head) = self.by_series.get(&id) {
            return head.put(event, series.labels, time, lines);
        }
        let Self { devices, next, tag_fields, .. } = self;
        let Some(head) = render(series, tag_fields, |head| device(devices, next, head)) else { return };
        head.put(event, series.labels, time, lines);
        self.by_series.insert(id, head);
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
}

impl Head {
    #[inline]
    fn put(&self, event: &View<'_>, labels: Labels<'_>, time: Timestamp, lines: &mut Lines) {
        self.shape.values(event, labels, |key, value| {
            let key = key.map_or(&*self.key, str::as_bytes);
            lines.field(self.device, &self.head, time, key, value);
        });
    }
}

fn device(devices: &mut HashMap<Arc<[u8]>, (u32, usize), RandomState>, next: &mut u32, head: &[u8]) -> (u32, Arc<[u8]>) {
    if let Some((head, (device, users))) = devices.get_key_value_mut(head) {
        *users += 1;
        return (*device, Arc::clone(head));
    }
    *next = next.wrapping_add(1) % UNKEPT[1];
    let head: Arc<[u8]> = head.into();
    devices.insert(Arc::clone(&head), (*next, 1));
    (*next, head)
}

fn render(series: &Series<'_>, tag_fields: &[String], device: impl FnOnce(&[u8]) -> (u32, Arc<[u8]>)) -> Option<Head> {
    let point = point::of(series, tag_fields)?;
    let (mut head, mut key) = (Vec::new(), Vec::new());
    line::head(&mut head, point.measurement, &point.tags);
    line::key(&mut key, point.field);
    let (device, head) = device(&head);
    Some(Head { device, head, key: key.into(), shape: point.shape })
}

#[cfg(test)]
mod tests {
    use event::{LabelsBuf, Metric};

    use super::*;

    struct Given {
        id: Option<u32>,
        service: &'static str,
        attributes: &'static [(&'static str, &'static str)],
        sample: bool,
    }

    const SAMPLE: Given = Given { id: Some(1), service: "mem/used", attributes: &[], sample: true };

    fn encode(heads: &mut Heads, lines: &mut Lines, given: &Given, view: &View<'_>) {
        let mut labels = LabelsBuf::new();
        given.attributes.iter().for_each(|(key, value)| _ = labels.attribute(key.as_bytes(), value.as_bytes()));
        let series = Series {
            id: given.id.map(SeriesId),
            host: Some("a"),
            service: Some(given.service),
            labels: labels.view(),
            sample: given.sample,
        };
        heads.encode(&series, &View { time: Some(Timestamp::from_secs(7)), ..*view }, lines);
    }

    #[track_caller]
    fn check(events: &[(Given, View<'_>)], expected: &str) {
        let (mut heads, mut lines) = (Heads::new(Vec::new()), Lines::default());
        events.iter().for_each(|(given, view)| encode(&mut heads, &mut lines, given, view));
        assert_eq!(String::from_utf8_lossy(lines.finish()), expected);
    }

    fn number(value: i64) -> View<'static> {
        View { metric: Some(Metric::Int(value)), ..View::default() }
    }

    #[test]
    fn fields_of_one_device_share_a_line() {
        let free = Given { id: Some(2), service: "mem/free", ..SAMPLE };
        let swap = Given { id: Some(3), service: "swap/free", ..SAMPLE };
        check(
            &[(SAMPLE, number(1)), (free, number(2)), (swap, number(3))],
            "mem,host=a used=1i,free=2i 7000000\nswap,host=a free=3i 7000000\n",
        );
    }

    #[test]
    fn a_text_travels_as_the_state_and_becomes_a_string_field() {
        let image = Given { service: "docker_container_status/web.1/image", attributes: &[("container_name", "web.1")], ..SAMPLE };
        let text = View { state: Some(b"nginx:1.2 \"x\""), ..View::default() };
        check(&[(image, text)], "docker_container_status,container_name=web.1,host=a image=\"nginx:1.2 \\\"x\\\"\" 7000000\n");
    }

    #[test]
    fn a_foreign_value_is_a_float_whatever_it_was_sent_as() {
        let foreign = || Given { service: "req rate", sample: false, ..SAMPLE };
        let view = View { metric: Some(Metric::Int(5)), state: Some(b"ok"), ..View::default() };
        check(&[(foreign(), view)], "req\\ rate,host=a value=5.0,state=\"ok\" 7000000\n");
        check(&[(foreign(), View::default())], "");
    }

    #[test]
    fn an_alert_has_its_five_fields() {
        const ATTRIBUTES: &[(&str, &str)] = &[("alert", "cpu-high"), ("since", "2026-12-01T08:00:00Z"), ("message", "cpu at 97 %")];
        let alert = Given { service: "alert/cpu-high", attributes: ATTRIBUTES, ..SAMPLE };
        let view = View { metric: Metric::float(97.5), state: Some(b"critical"), ..View::default() };
        check(
            &[(alert, view)],
            "alert,host=a,name=cpu-high level=3i,state=\"critical\",value=97.5,since=\"2026-12-01T08:00:00Z\",message=\"cpu at 97 %\" 7000000\n",
        );
    }

    #[test]
    fn events_that_the_engine_does_not_keep_stand_on_lines_of_their_own() {
        let late = |service| Given { id: None, service, ..SAMPLE };
        check(
            &[(late("mem/used"), number(1)), (late("swap/used"), number(2)), (late("mem/used"), number(3))],
            "mem,host=a used=1i 7000000\nswap,host=a used=2i 7000000\nmem,host=a used=3i 7000000\n",
        );
    }

    #[test]
    fn an_id_that_is_given_again_is_another_series() {
        let (mut heads, mut lines) = (Heads::new(Vec::new()), Lines::default());
        encode(&mut heads, &mut lines, &SAMPLE, &number(1));
        heads.forget(SeriesId(1));
        encode(&mut heads, &mut lines, &Given { service: "swap/used", ..SAMPLE }, &number(2));
        assert_eq!(String::from_utf8_lossy(lines.finish()), "mem,host=a used=1i 7000000\nswap,host=a used=2i 7000000\n");
        assert_eq!((heads.by_series.len(), heads.devices.len()), (1, 1));
    }
}
