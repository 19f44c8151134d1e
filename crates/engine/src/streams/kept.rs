//! Events that a step keeps: one, or a row of them. Memory is used again, so keeping what looks like the event before allocates nothing.

use std::collections::VecDeque;

use event::{Labels, Metric, Timestamp, View};

use crate::snapshot::{Reader, SnapshotError, Writer};

/// All of an event but its time and its number: what seldom changes from one event of a series to the next.
#[derive(Clone, Debug, Default, PartialEq)]
struct Shape {
    /// State, service, host, description and labels, one after the other.
    bytes: Vec<u8>,
    /// Where each ends.
    ends: [u32; 5],
    /// Which of the four texts are there.
    present: [bool; 4],
    ttl: Option<f32>,
    /// How many of the row have it.
    n: u32,
}

impl Shape {
    fn fill(&mut self, event: &View<'_>) {
        self.bytes.clear();
        let texts = [event.state, event.service, event.host, event.description];
        self.present = texts.map(|text| text.is_some());
        let [a, b, c, d] = texts;
        let parts = [a, b, c, d, Some(event.labels.as_bytes())];
        for (part, end) in parts.into_iter().zip(&mut self.ends) {
            self.bytes.extend_from_slice(part.unwrap_or_default());
            *end = self.bytes.len() as u32;
        }
        self.ttl = event.ttl;
    }

    fn part(&self, at: usize) -> &[u8] {
        let end = self.ends.get(at).copied().unwrap_or(0) as usize;
        let start = at.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0) as usize;
        self.bytes.get(start..end).unwrap_or_default()
    }

    fn text(&self, at: usize) -> Option<&[u8]> {
        self.present.get(at).is_some_and(|present| *present).then(|| self.part(at))
    }

    #[inline]
    fn is_of(&self, event: &View<'_>) -> bool {
        self.ttl == event.ttl
            && self.text(0) == event.state
            && self.text(1) == event.service
            && self.text(2) == event.host
            && self.part(4) == event.labels.as_bytes()
            && self.text(3) == event.description
    }

    fn view(&self, time: Option<Timestamp>, metric: Option<Metric>) -> View<'_> {
        View {
            time,
            state: self.text(0),
            service: self.text(1),
            host: self.text(2),
            description: self.text(3),
            ttl: self.ttl,
            metric,
            labels: Labels::new(self.part(4)),
        }
    }
}

/// One event.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Kept {
    shape: Shape,
    time: Option<Timestamp>,
    metric: Option<Metric>,
}

impl Kept {
    /// Keeps this event in place of the one before.
    pub(super) fn set(&mut self, event: &View<'_>) {
        if !self.shape.is_of(event) {
            self.shape.fill(event);
        }
        (self.time, self.metric) = (event.time, event.metric);
    }

    pub(super) fn of(event: &View<'_>) -> Self {
        let mut kept = Self::default();
        kept.set(event);
        kept
    }

    /// The event.
    pub fn view(&self) -> View<'_> {
        self.shape.view(self.time, self.metric)
    }
}

/// One of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Place {
    time: Option<Timestamp>,
    metric: Option<Metric>,
    /// Counted from the first shape that the row ever had; [`NO_EVENT`]: Riemann's nil.
    shape: u32,
}

const NO_EVENT: u32 = u32::MAX;

/// A row of events, oldest first. An element may be no event: a slot of `join` that has none yet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Events {
    places: VecDeque<Place>,
    shapes: VecDeque<Shape>,
    /// The number of the first of `shapes`.
    first: u32,
    spare: Option<Box<Shape>>,
}

impl Events {
    /// How many elements it has.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// No element.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The elements, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Option<View<'_>>> + Clone {
        self.places.iter().map(|place| self.view(place))
    }

    /// The element at this place.
    pub fn get(&self, at: usize) -> Option<View<'_>> {
        self.view(self.places.get(at)?)
    }

    fn view(&self, place: &Place) -> Option<View<'_>> {
        let shape = self.shapes.get(place.shape.wrapping_sub(self.first) as usize)?;
        Some(shape.view(place.time, place.metric))
    }

    #[inline]
    pub(super) fn push(&mut self, event: &View<'_>) {
        let last = self.shapes.back_mut();
        if let Some(unused) = last.filter(|shape| shape.n == 0 && !shape.is_of(event)) {
            unused.fill(event);
        } else if !self.shapes.back().is_some_and(|shape| shape.is_of(event)) {
            let mut shape = self.spare.take().map_or_else(Shape::default, |spare| *spare);
            shape.fill(event);
            shape.n = 0;
            self.shapes.push_back(shape);
        }
        if let Some(shape) = self.shapes.back_mut() {
            shape.n += 1;
        }
        let shape = self.first.wrapping_add(self.shapes.len() as u32 - 1);
        self.places.push_back(Place { time: event.time, metric: event.metric, shape });
    }

    pub(super) fn push_none(&mut self) {
        self.places.push_back(Place { time: None, metric: None, shape: NO_EVENT });
    }

    /// Takes out the oldest.
    #[inline]
    pub(super) fn pop(&mut self) {
        let Some(place) = self.places.pop_front() else { return };
        let Some(shape) = self.shapes.front_mut().filter(|_| place.shape == self.first) else { return };
        shape.n -= 1;
        if shape.n == 0 && self.shapes.len() > 1 {
            self.spare = self.shapes.pop_front().map(Box::new);
            self.first = self.first.wrapping_add(1);
        }
    }

    /// Time of the oldest.
    pub(super) fn first_time(&self) -> Option<Timestamp> {
        self.places.front()?.time
    }

    pub(super) fn clear(&mut self) {
        self.places.clear();
        self.shapes.truncate(1);
        self.first = 0;
        if let Some(shape) = self.shapes.front_mut() {
            shape.n = 0;
        }
    }

    /// Keeps the elements that are wanted.
    pub(super) fn retain(&mut self, mut is_wanted: impl FnMut(&View<'_>) -> bool) {
        if self.iter().flatten().all(|event| is_wanted(&event)) {
            return;
        }
        let mut kept = Self::default();
        self.iter().flatten().filter(|event| is_wanted(event)).for_each(|event| kept.push(&event));
        *self = kept;
    }

    pub(super) fn write(&self, writer: &mut Writer<'_>) {
        writer.u32(self.len() as u32);
        for event in self.iter() {
            writer.option(event, |writer, event| write_event(writer, &event));
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let mut events = Self::default();
        for _ in 0..reader.count()? {
            match reader.option(Kept::read)? {
                Some(event) => events.push(&event.view()),
                None => events.push_none(),
            }
        }
        Ok(events)
    }
}

fn write_event(writer: &mut Writer<'_>, event: &View<'_>) {
    writer.option(event.time, Writer::time);
    writer.metric(event.metric);
    writer.option(event.ttl, |writer, ttl| writer.u32(ttl.to_bits()));
    for text in [event.state, event.service, event.host, event.description] {
        writer.option(text, Writer::bytes);
    }
    writer.bytes(event.labels.as_bytes());
}

impl Kept {
    pub(super) fn write(&self, writer: &mut Writer<'_>) {
        write_event(writer, &self.view());
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let time = reader.option(Reader::time)?;
        let metric = reader.metric()?;
        let ttl = reader.option(Reader::u32)?.map(f32::from_bits);
        let mut text = || reader.option(Reader::bytes);
        let [state, service, host, description] = [text()?, text()?, text()?, text()?];
        let labels = Labels::new(reader.bytes()?);
        Ok(Self::of(&View { time, state, service, host, description, ttl, metric, labels }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(second: i64, state: &'static str) -> View<'static> {
        View {
            time: Some(Timestamp::from_secs(second)),
            state: Some(state.as_bytes()),
            metric: Some(Metric::Int(second)),
            ..View::default()
        }
    }

    #[test]
    fn what_goes_in_comes_out_and_equal_shapes_are_kept_once() {
        let mut row = Events::default();
        let all = [event(1, "ok"), event(2, "ok"), event(3, "bad"), event(4, "ok")];
        all.iter().for_each(|event| row.push(event));
        assert_eq!(row.shapes.len(), 3);
        assert_eq!(row.iter().flatten().collect::<Vec<_>>(), all);
        row.pop();
        row.pop();
        row.push(&event(5, "ok"));
        row.push_none();
        assert_eq!(row.iter().collect::<Vec<_>>(), [Some(event(3, "bad")), Some(event(4, "ok")), Some(event(5, "ok")), None]);
        assert_eq!(row.shapes.len(), 2);
        row.clear();
        assert!(row.is_empty());
        row.push(&event(6, "bad"));
        assert_eq!(row.get(0), Some(event(6, "bad")));
    }
}
