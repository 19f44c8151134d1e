//! The times and numbers of a row. Its oldest and its newest stand beside the row itself, the rest in memory of its own: of thousands of rows
//! that get an event each, that memory is touched by one event in four only, and a short row needs none.

use std::collections::{VecDeque, vec_deque};
use std::iter::Chain;
use std::slice;

use event::Timestamp;

/// What differs from one event of a series to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Place {
    pub(super) time: Timestamp,
    /// Of the metric, as the stretch says.
    pub(super) bits: u64,
}

/// As many as make a line of the processor's cache.
const FEW: usize = 4;

/// Some neighbours.
#[derive(Clone, Debug, Default)]
struct Few {
    places: [Place; FEW],
    start: u8,
    end: u8,
}

impl Few {
    #[inline]
    fn as_slice(&self) -> &[Place] {
        self.places.get(usize::from(self.start)..usize::from(self.end)).unwrap_or_default()
    }

    #[inline]
    fn is_empty(&self) -> bool {
        self.start == self.end
    }

    #[inline]
    fn is_full(&self) -> bool {
        usize::from(self.end) == FEW
    }

    /// There must be room.
    #[inline]
    fn push(&mut self, place: Place) {
        if let Some(free) = self.places.get_mut(usize::from(self.end)) {
            *free = place;
            self.end += 1;
        }
    }

    #[inline]
    fn pop(&mut self) -> Option<Place> {
        let place = self.as_slice().first().copied()?;
        self.start += 1;
        Some(place)
    }

    fn clear(&mut self) {
        (self.start, self.end) = (0, 0);
    }
}

/// Places, oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Places {
    /// Empty only where all is.
    head: Few,
    middle: VecDeque<Place>,
    tail: Few,
}

pub(super) type Iter<'a> = Chain<Chain<slice::Iter<'a, Place>, vec_deque::Iter<'a, Place>>, slice::Iter<'a, Place>>;

impl Places {
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.head.as_slice().len() + self.middle.len() + self.tail.as_slice().len()
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.head.is_empty()
    }

    pub(super) fn iter(&self) -> Iter<'_> {
        self.head.as_slice().iter().chain(&self.middle).chain(self.tail.as_slice())
    }

    #[inline]
    pub(super) fn first(&self) -> Option<&Place> {
        self.head.as_slice().first()
    }

    #[inline]
    pub(super) fn get(&self, at: usize) -> Option<&Place> {
        let (head, tail) = (self.head.as_slice(), self.tail.as_slice());
        let Some(at) = at.checked_sub(head.len()) else { return head.get(at) };
        match at.checked_sub(self.middle.len()) {
            None => self.middle.get(at),
            Some(at) => tail.get(at),
        }
    }

    #[inline]
    pub(super) fn push(&mut self, place: Place) {
        if self.tail.is_empty() && self.middle.is_empty() && !self.head.is_full() {
            return self.head.push(place);
        }
        if self.tail.is_full() {
            self.middle.extend(self.tail.as_slice());
            self.tail.clear();
        }
        self.tail.push(place);
    }

    /// Takes out the oldest.
    #[inline]
    pub(super) fn pop(&mut self) -> Option<Place> {
        let place = self.head.pop()?;
        if self.head.is_empty() {
            self.head.clear();
            self.fill_head();
        }
        Some(place)
    }

    fn fill_head(&mut self) {
        if self.middle.is_empty() {
            std::mem::swap(&mut self.head, &mut self.tail);
            return;
        }
        while !self.head.is_full()
            && let Some(place) = self.middle.pop_front()
        {
            self.head.push(place);
        }
    }

    pub(super) fn retain(&mut self, keep: impl FnMut(&Place) -> bool) {
        self.middle.extend(self.tail.as_slice());
        self.head.as_slice().iter().rev().for_each(|place| self.middle.push_front(*place));
        self.head.clear();
        self.tail.clear();
        self.middle.retain(keep);
        self.fill_head();
    }

    pub(super) fn clear(&mut self) {
        self.head.clear();
        self.middle.clear();
        self.tail.clear();
    }
}

impl FromIterator<Place> for Places {
    fn from_iter<I: IntoIterator<Item = Place>>(places: I) -> Self {
        let mut all = Self { middle: places.into_iter().collect(), ..Self::default() };
        all.fill_head();
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn place(n: u64) -> Place {
        Place { time: Timestamp::from_micros(n as i64), bits: n }
    }

    proptest! {
        #[test]
        fn places_are_as_a_plain_list(acts in proptest::collection::vec(0..16u8, 0..200)) {
            let (mut places, mut list) = (Places::default(), VecDeque::new());
            for (n, act) in (0..).zip(acts) {
                match act {
                    0..9 => {
                        places.push(place(n));
                        list.push_back(place(n));
                    }
                    9..14 => prop_assert_eq!(places.pop(), list.pop_front()),
                    14 => {
                        places.retain(|place| place.bits % 3 != 0);
                        list.retain(|place| place.bits % 3 != 0);
                    }
                    _ => places = places.iter().copied().collect(),
                }
                prop_assert_eq!(places.iter().collect::<Vec<_>>(), list.iter().collect::<Vec<_>>());
                prop_assert_eq!(places.iter().rev().collect::<Vec<_>>(), list.iter().rev().collect::<Vec<_>>());
                prop_assert_eq!((places.len(), places.is_empty(), places.first()), (list.len(), list.is_empty(), list.front()));
                prop_assert!((0..=list.len()).all(|at| places.get(at) == list.get(at)));
            }
        }
    }

    #[test]
    fn a_short_row_needs_no_memory_of_its_own() {
        let mut places = Places::default();
        (0..5).for_each(|n| places.push(place(n)));
        for n in 5..100 {
            assert_eq!(places.pop(), Some(place(n - 5)));
            places.push(place(n));
        }
        assert_eq!(places.middle.capacity(), 0);
    }
}
