//! One series and its last event, in 64 bytes.

use event::{Metric, Timestamp};

use super::labels::Taken;
use super::words::Word;

/// A series: host, service, labels, and the last event it had. One of the variants of its key is the index's entry.
#[derive(Clone, Debug)]
pub(crate) struct Slot {
    /// Host and service, one after the other.
    names: Box<str>,
    host_len: u32,
    /// Of [`super::labels::LabelSets`].
    pub(crate) labels: u32,
    pub(crate) time: Timestamp,
    number: u64,
    /// NaN: none.
    ttl: f32,
    pub(crate) state: Word,
    /// The series that came after this one when it was last seen: senders keep their order.
    pub(crate) successor: u32,
    /// The next variant of the key, in a ring.
    pub(crate) sibling: u32,
    /// Of [`crate::live::LiveRules`].
    pub(crate) live: u32,
    pub(crate) number_kind: NumberKind,
    /// It has the mark `skep`.
    pub(crate) sample: bool,
    /// It has the key's last event: it is what the index holds.
    pub(crate) current: bool,
    /// State or description are in [`super::details::Details`].
    pub(crate) detailed: bool,
}

/// What [`Slot::number`] holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum NumberKind {
    #[default]
    None,
    Int,
    Float,
}

impl Slot {
    pub(crate) fn new(host: &str, service: &str, labels: Taken, sibling: u32) -> Self {
        let mut names = String::with_capacity(host.len() + service.len());
        names.push_str(host);
        names.push_str(service);
        Self {
            names: names.into_boxed_str(),
            host_len: host.len() as u32,
            labels: labels.id,
            sample: labels.sample,
            time: Timestamp::default(),
            number: 0,
            ttl: f32::NAN,
            state: Word::default(),
            successor: 0,
            sibling,
            live: 0,
            number_kind: NumberKind::None,
            current: false,
            detailed: false,
        }
    }

    /// Empty for an event without host.
    #[inline]
    pub(crate) fn host(&self) -> &str {
        self.names.get(..self.host_len as usize).unwrap_or_default()
    }

    /// Empty for an event without service.
    #[inline]
    pub(crate) fn service(&self) -> &str {
        self.names.get(self.host_len as usize..).unwrap_or_default()
    }

    #[inline]
    pub(crate) fn is(&self, host: &[u8], service: &[u8]) -> bool {
        let names = self.names.as_bytes();
        names.len() == host.len() + service.len() && self.host_len as usize == host.len() && {
            let (ours, rest) = names.split_at(host.len());
            // The service first: neighbours in a batch have the same host.
            rest == service && ours == host
        }
    }

    pub(crate) fn metric(&self) -> Option<Metric> {
        match self.number_kind {
            NumberKind::None => None,
            NumberKind::Int => Some(Metric::Int(self.number as i64)),
            NumberKind::Float => Some(Metric::Float(f64::from_bits(self.number))),
        }
    }

    #[inline]
    pub(crate) fn set_metric(&mut self, metric: Option<Metric>) {
        (self.number_kind, self.number) = match metric {
            None => (NumberKind::None, 0),
            Some(Metric::Int(value)) => (NumberKind::Int, value as u64),
            Some(Metric::Float(value)) => (NumberKind::Float, value.to_bits()),
        };
    }

    pub(crate) fn ttl(&self) -> Option<f32> {
        (!self.ttl.is_nan()).then_some(self.ttl)
    }

    #[inline]
    pub(crate) fn set_ttl(&mut self, ttl: Option<f32>) {
        self.ttl = ttl.unwrap_or(f32::NAN);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_fits_into_one_cache_line() {
        assert_eq!(size_of::<Option<Slot>>(), 64);
    }

    #[test]
    fn host_and_service_are_told_apart() {
        let slot = Slot::new("ab", "c", Taken { id: 0, sample: false }, 0);
        assert!(slot.is(b"ab", b"c"));
        assert!(!slot.is(b"a", b"bc"));
        assert!(!slot.is(b"abc", b""));
    }
}
