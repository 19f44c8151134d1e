//! Room for connections: so many in all, and so many of one address, so that no one client takes all.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The rooms that are taken, by address.
#[derive(Debug)]
pub(super) struct Slots {
    most: usize,
    most_of_one: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// A room, given back when dropped.
#[derive(Debug)]
pub(super) struct Slot {
    slots: Arc<Slots>,
    address: IpAddr,
}

impl Slots {
    /// `most` in all, of which half may be of one address.
    pub(super) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { most, most_of_one: most / 2, taken: Mutex::default() })
    }

    /// A room for a connection from there; `None` when there is none.
    pub(super) fn take(self: &Arc<Self>, address: IpAddr) -> Option<Slot> {
        let mut taken = self.taken();
        let of_address = taken.by_address.get(&address).copied().unwrap_or(0);
        if taken.all >= self.most || of_address >= self.most_of_one {
            return None;
        }
        taken.all += 1;
        taken.by_address.insert(address, of_address + 1);
        Some(Slot { slots: self.clone(), address })
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        // Whole between any two statements that could panic.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut taken = self.slots.taken();
        taken.all = taken.all.saturating_sub(1);
        if let Some(of_address) = taken.by_address.get_mut(&self.address) {
            *of_address -= 1;
            if *of_address == 0 {
                taken.by_address.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_takes_half_at_the_most_and_gives_back() {
        let slots = Slots::new(6);
        let address = |n: u8| IpAddr::from([127, 0, 0, n]);
        let mut of_one: Vec<Slot> = (0..3).filter_map(|_| slots.take(address(1))).collect();
        assert!(of_one.len() == 3 && slots.take(address(1)).is_none());
        let of_others: Vec<Slot> = (2..9).filter_map(|n| slots.take(address(n))).collect();
        assert_eq!(of_others.len(), 3);
        of_one.pop();
        assert!(slots.take(address(1)).is_some());
        drop((of_one, of_others));
        let taken = slots.taken();
        assert!(taken.all == 0 && taken.by_address.is_empty());
    }
}
