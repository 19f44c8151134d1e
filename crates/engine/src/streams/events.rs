//! A row of events. What two neighbours have alike is kept once, so that a further event of a series takes sixteen bytes.

use std::collections::VecDeque;

use event::{Metric, Timestamp, View};

use super::kept::{Kept, Shape};
use super::places::{self, Place, Places};
use crate::snapshot::{Reader, SnapshotError, Writer};

/// Which number an event has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Number {
    #[default]
    None,
    Int,
    Float,
}

/// How the places of a stretch are to be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Kind {
    /// Not so: Riemann's nil.
    is_event: bool,
    has_time: bool,
    number: Number,
}

impl Kind {
    fn of(event: &View<'_>) -> Self {
        let number = match event.metric {
            None => Number::None,
            Some(Metric::Int(_)) => Number::Int,
            Some(Metric::Float(_)) => Number::Float,
        };
        Self { is_event: true, has_time: event.time.is_some(), number }
    }

    #[inline]
    fn metric(self, place: &Place) -> Option<Metric> {
        match self.number {
            Number::None => None,
            Number::Int => Some(Metric::Int(place.bits as i64)),
            Number::Float => Metric::float(f64::from_bits(place.bits)),
        }
    }

    fn byte(self) -> u8 {
        u8::from(self.is_event) | u8::from(self.has_time) << 1 | (self.number as u8) << 2
    }

    fn of_byte(byte: u8) -> Self {
        let number = match byte >> 2 {
            0 => Number::None,
            1 => Number::Int,
            _ => Number::Float,
        };
        Self { is_event: byte & 1 != 0, has_time: byte & 2 != 0, number }
    }
}

/// Neighbours that have all but time and number alike.
#[derive(Clone, Debug, Default)]
struct Stretch {
    shape: Shape,
    kind: Kind,
    n: u32,
}

/// A row of events, oldest first. An element may be no event: a slot of `join` that has none yet.
#[derive(Clone, Debug, Default)]
pub struct Events {
    places: Places,
    /// The stretch of the oldest, which in most rows is the only one.
    oldest: Stretch,
    /// Those behind it: first those in use, then those that wait to be used again.
    behind: VecDeque<Stretch>,
    /// Of all stretches, the oldest counted.
    n_used: usize,
    /// The number of the oldest, where each that was taken out from the front counts one.
    first: u32,
}

/// The elements of a row.
#[derive(Clone, Debug)]
struct Elements<'a> {
    places: places::Iter<'a>,
    row: &'a Events,
    /// Stretch, and how many of it are given already.
    front: (usize, u32),
    back: (usize, u32),
}

impl<'a> Iterator for Elements<'a> {
    type Item = (&'a Stretch, &'a Place);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let place = self.places.next()?;
        let mut stretch = self.row.stretch(self.front.0)?;
        if self.front.1 >= stretch.n {
            self.front = (self.front.0 + 1, 0);
            stretch = self.row.stretch(self.front.0)?;
        }
        self.front.1 += 1;
        Some((stretch, place))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.places.size_hint()
    }
}

impl DoubleEndedIterator for Elements<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        let place = self.places.next_back()?;
        let mut stretch = self.row.stretch(self.back.0)?;
        if self.back.1 >= stretch.n {
            self.back = (self.back.0.checked_sub(1)?, 0);
            stretch = self.row.stretch(self.back.0)?;
        }
        self.back.1 += 1;
        Some((stretch, place))
    }
}

impl Stretch {
    #[inline]
    fn view(&self, place: &Place) -> Option<View<'_>> {
        let kind = self.kind;
        kind.is_event.then(|| self.shape.view(kind.has_time.then_some(place.time), kind.metric(place)))
    }
}

/// Time and number of an event.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sample {
    pub(super) time: Option<Timestamp>,
    pub(super) metric: Option<f64>,
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

    #[inline]
    fn stretch(&self, at: usize) -> Option<&Stretch> {
        match at.checked_sub(1) {
            None => Some(&self.oldest),
            Some(behind) => self.behind.get(behind),
        }
    }

    /// The stretches in use.
    #[inline]
    fn stretches(&self) -> impl Iterator<Item = &Stretch> {
        std::iter::once(&self.oldest).chain(&self.behind).take(self.n_used)
    }

    fn elements(&self) -> Elements<'_> {
        let back = (self.n_used.saturating_sub(1), 0);
        Elements { places: self.places.iter(), row: self, front: (0, 0), back }
    }

    /// The elements, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Option<View<'_>>> + Clone {
        self.elements().map(|(stretch, place)| stretch.view(place))
    }

    /// Time and number of each event, oldest first.
    pub(super) fn samples(&self) -> impl DoubleEndedIterator<Item = Sample> + Clone {
        self.elements().filter(|(stretch, _)| stretch.kind.is_event).map(|(stretch, place)| Sample {
            time: stretch.kind.has_time.then_some(place.time),
            metric: stretch.kind.metric(place).map(Metric::as_f64),
        })
    }

    /// The numbers of the events that have one, oldest first.
    pub(super) fn metrics(&self) -> impl DoubleEndedIterator<Item = f64> + Clone {
        self.samples().filter_map(|sample| sample.metric)
    }

    /// The element at this place.
    pub fn get(&self, at: usize) -> Option<View<'_>> {
        let mut rest = at;
        for stretch in self.stretches() {
            match rest.checked_sub(stretch.n as usize) {
                Some(behind) => rest = behind,
                None => return stretch.view(self.places.get(at)?),
            }
        }
        None
    }

    /// The oldest element, with this metric.
    #[inline]
    pub(super) fn first_with(&self, metric: f64) -> Option<View<'_>> {
        let (place, kind) = (self.places.first()?, self.oldest.kind);
        kind.is_event.then(|| self.oldest.shape.view(kind.has_time.then_some(place.time), Metric::float(metric)))
    }

    /// The number that the next element gets; those of neighbours follow each other.
    pub(super) fn next_number(&self) -> u32 {
        self.first.wrapping_add(self.places.len() as u32)
    }

    /// Where the element of this number is now.
    pub(super) fn place_of(&self, number: u32) -> usize {
        number.wrapping_sub(self.first) as usize
    }

    /// The number of the oldest.
    pub(super) fn first_number(&self) -> u32 {
        self.first
    }

    /// Number and metric of each event that has a metric.
    pub(super) fn numbered_metrics(&self) -> impl Iterator<Item = (u32, f64)> {
        let metrics = self.elements().map(|(stretch, place)| stretch.kind.metric(place));
        metrics.zip(0..).filter_map(|(metric, at)| Some((self.first.wrapping_add(at), metric?.as_f64())))
    }

    #[inline]
    pub(super) fn push(&mut self, event: &View<'_>) {
        let kind = Kind::of(event);
        let is_same = |last: &Stretch| last.kind == kind && last.shape.is_of(event);
        if !self.last_used().is_some_and(|last| is_same(last)) {
            self.begin(kind, Some(event));
        }
        let bits = match event.metric {
            None => 0,
            Some(Metric::Int(value)) => value as u64,
            Some(Metric::Float(value)) => value.to_bits(),
        };
        self.add(Place { time: event.time.unwrap_or_default(), bits });
    }

    pub(super) fn push_none(&mut self) {
        if self.last_used().is_none_or(|last| last.kind.is_event) {
            self.begin(Kind::default(), None);
        }
        self.add(Place::default());
    }

    #[inline]
    fn last_used(&mut self) -> Option<&mut Stretch> {
        match self.n_used.checked_sub(1)?.checked_sub(1) {
            None => Some(&mut self.oldest),
            Some(behind) => self.behind.get_mut(behind),
        }
    }

    #[inline]
    fn add(&mut self, place: Place) {
        if let Some(last) = self.last_used() {
            last.n += 1;
        }
        self.places.push(place);
    }

    fn begin(&mut self, kind: Kind, event: Option<&View<'_>>) {
        if self.n_used == self.behind.len() + 1 {
            self.behind.push_back(Stretch::default());
        }
        self.n_used += 1;
        let Some(stretch) = self.last_used() else { return };
        (stretch.kind, stretch.n) = (kind, 0);
        if let Some(event) = event.filter(|event| !stretch.shape.is_of(event)) {
            stretch.shape.fill(event);
        }
    }

    /// Takes out the oldest.
    #[inline]
    pub(super) fn pop(&mut self) {
        if self.places.pop().is_none() {
            return;
        }
        self.first = self.first.wrapping_add(1);
        self.oldest.n = self.oldest.n.saturating_sub(1);
        if self.oldest.n == 0 {
            self.leave_oldest();
        }
    }

    /// The oldest stretch is empty: the one behind it becomes the oldest.
    fn leave_oldest(&mut self) {
        self.n_used -= 1;
        if self.n_used > 0
            && let Some(next) = self.behind.front_mut()
        {
            std::mem::swap(&mut self.oldest, next);
            self.behind.rotate_left(1);
        }
    }

    /// Time of the oldest.
    #[inline]
    pub(super) fn first_time(&self) -> Option<Timestamp> {
        self.places.first().filter(|_| self.oldest.kind.has_time).map(|place| place.time)
    }

    pub(super) fn clear(&mut self) {
        self.places.clear();
        // As many as were needed may be needed again.
        self.behind.truncate(self.n_used * 2 + 8);
        self.n_used = 0;
    }

    /// Gives up the memory too.
    pub(super) fn free(&mut self) {
        *self = Self::default();
    }

    /// Keeps what is later than `cutoff`, and what has no time.
    pub(super) fn retain_after(&mut self, cutoff: Timestamp) {
        let mut stretches = std::iter::once(&mut self.oldest).chain(&mut self.behind).take(self.n_used);
        let mut stretch = stretches.next();
        let mut rest = stretch.as_ref().map_or(0, |stretch| stretch.n);
        self.places.retain(|place| {
            while rest == 0 {
                stretch = stretches.next();
                match &stretch {
                    Some(next) => rest = next.n,
                    None => return true,
                }
            }
            rest -= 1;
            let Some(stretch) = &mut stretch else { return true };
            let is_kept = !stretch.kind.has_time || place.time > cutoff;
            stretch.n -= u32::from(!is_kept);
            is_kept
        });
        let n_behind = self.n_used.saturating_sub(1);
        let mut n_kept = 0;
        for at in 0..n_behind {
            if self.behind.get(at).is_some_and(|stretch| stretch.n > 0) {
                self.behind.swap(at, n_kept);
                n_kept += 1;
            }
        }
        self.n_used -= n_behind - n_kept;
        if self.n_used > 0 && self.oldest.n == 0 {
            self.leave_oldest();
        }
    }

    pub(super) fn write(&self, writer: &mut Writer<'_>) {
        writer.u32(self.n_used as u32);
        for stretch in self.stretches() {
            writer.u8(stretch.kind.byte());
            writer.u32(stretch.n);
            Kept::write_shape(&stretch.shape, writer);
        }
        writer.u32(self.len() as u32);
        for place in self.places.iter() {
            writer.time(place.time);
            writer.u64(place.bits);
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let n_used = reader.count()?;
        let mut events = Self { n_used, ..Self::default() };
        let mut n = 0;
        for at in 0..n_used {
            let (kind, of) = (Kind::of_byte(reader.u8()?), reader.u32()?);
            let stretch = Stretch { shape: Kept::read_shape(reader)?, kind, n: of };
            match at {
                0 => events.oldest = stretch,
                _ => events.behind.push_back(stretch),
            }
            n += of as usize;
        }
        let n_places = reader.count()?;
        if n_places != n {
            return Err(SnapshotError::Damaged);
        }
        let places = (0..n_places).map(|_| Ok(Place { time: reader.time()?, bits: reader.u64()? }));
        events.places = places.collect::<Result<_, SnapshotError>>()?;
        Ok(events)
    }
}

#[cfg(test)]
mod tests;
