//! A dense table whose freed places are filled again, the lowest first: which id comes next depends on nothing but which are in use.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Values by id.
#[derive(Debug)]
pub(crate) struct Slab<T> {
    values: Vec<Option<T>>,
    free: BinaryHeap<Reverse<u32>>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self { values: Vec::new(), free: BinaryHeap::new() }
    }
}

impl<T> Slab<T> {
    #[inline]
    pub(crate) fn get(&self, id: u32) -> Option<&T> {
        self.values.get(id as usize)?.as_ref()
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, id: u32) -> Option<&mut T> {
        self.values.get_mut(id as usize)?.as_mut()
    }

    /// One more than the highest id that was ever in use.
    pub(crate) fn bound(&self) -> u32 {
        self.values.len() as u32
    }

    /// Puts the value at the lowest free id.
    pub(crate) fn insert(&mut self, value: T) -> u32 {
        if let Some(Reverse(id)) = self.free.pop() {
            if let Some(place) = self.values.get_mut(id as usize) {
                *place = Some(value);
            }
            return id;
        }
        self.values.push(Some(value));
        self.bound() - 1
    }

    /// Takes the value out.
    pub(crate) fn remove(&mut self, id: u32) -> Option<T> {
        let value = self.values.get_mut(id as usize)?.take()?;
        self.free.push(Reverse(id));
        Some(value)
    }

    /// In the order of ids.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        self.values.iter().enumerate().filter_map(|(id, value)| Some((id as u32, value.as_ref()?)))
    }

    /// In the order of ids.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (u32, &mut T)> {
        self.values.iter_mut().enumerate().filter_map(|(id, value)| Some((id as u32, value.as_mut()?)))
    }

    /// As they were: values, and holes where none is.
    pub(crate) fn from_places(values: Vec<Option<T>>) -> Self {
        let free = values.iter().enumerate().filter(|(_, value)| value.is_none()).map(|(id, _)| Reverse(id as u32)).collect();
        Self { values, free }
    }
}
