//! An event that a step keeps. Memory is used again, so keeping what looks like the event before allocates nothing.

use event::{Labels, Metric, Timestamp, View};

use crate::snapshot::{Reader, SnapshotError, Writer};

/// All of an event but its time and its number: what seldom changes from one event of a series to the next.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Shape {
    /// State, service, host, description and labels, one after the other.
    bytes: Vec<u8>,
    /// Where each ends.
    ends: [u32; 5],
    /// Which of the four texts are there.
    present: [bool; 4],
    ttl: Option<f32>,
}

impl Shape {
    pub(super) fn fill(&mut self, event: &View<'_>) {
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
    pub(super) fn is_of(&self, event: &View<'_>) -> bool {
        self.ttl == event.ttl
            && self.text(0) == event.state
            && self.text(1) == event.service
            && self.text(2) == event.host
            && self.part(4) == event.labels.as_bytes()
            && self.text(3) == event.description
    }

    #[inline]
    pub(super) fn view(&self, time: Option<Timestamp>, metric: Option<Metric>) -> View<'_> {
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

    /// The event with another time and another metric.
    #[inline]
    pub(super) fn with(&self, time: Timestamp, metric: Option<Metric>) -> View<'_> {
        self.shape.view(Some(time), metric)
    }
}

impl Kept {
    pub(super) fn write(&self, writer: &mut Writer<'_>) {
        writer.option(self.time, Writer::time);
        writer.metric(self.metric);
        Self::write_shape(&self.shape, writer);
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let (time, metric) = (reader.option(Reader::time)?, reader.metric()?);
        Ok(Self { shape: Self::read_shape(reader)?, time, metric })
    }

    pub(super) fn write_shape(shape: &Shape, writer: &mut Writer<'_>) {
        writer.option(shape.ttl, |writer, ttl| writer.u32(ttl.to_bits()));
        for text in 0..4 {
            writer.option(shape.text(text), Writer::bytes);
        }
        writer.bytes(shape.part(4));
    }

    pub(super) fn read_shape(reader: &mut Reader<'_>) -> Result<Shape, SnapshotError> {
        let ttl = reader.option(Reader::u32)?.map(f32::from_bits);
        let mut text = || reader.option(Reader::bytes);
        let [state, service, host, description] = [text()?, text()?, text()?, text()?];
        let labels = Labels::new(reader.bytes()?);
        let mut shape = Shape::default();
        shape.fill(&View { state, service, host, description, ttl, labels, ..View::default() });
        Ok(shape)
    }
}
