//! All that came by collectd's protocol: what is let in, and the events that wait for the next turn.

use std::collections::HashMap;
use std::mem;

use event::msg::Encoder;
use event::{LabelsBuf, View};

use super::notified::{Notified, Verdict};
use super::packet::{Identity, Item, Notification, ValueList, items};
use super::seal::open;
use super::series::{MARK, Series, put_attribute, put_identifier};
use super::types::Sources;
use super::users::Keys;
use super::{Refusal, Security, Settings, Types};
use crate::Lists;

/// Bytes of events that may wait for a turn: some sixty thousand of them. The sampling thread takes them all at each turn,
/// so more wait only when it stands still.
const MAX_WAITING: usize = 16 << 20;

/// A row is forgotten when so many sweeps in a row found it silent, or ten of its intervals have passed if that is longer.
const SILENT_SWEEPS: u32 = 5;

/// The time between two sweeps.
const SWEEP_SECS: f64 = 60.0;

/// An interval counts for no more here, whatever its sender claims: who says a year would hold room for that long.
const MAX_INTERVAL_SECS: f64 = 600.0;

/// Bytes of host and identifier together; collectd's own have some 50. With `max_series` it bounds what rows take.
const MAX_IDENTITY: usize = 512;

/// Seconds for which a notification holds: Riemann's default, as `write_riemann` sends none with it.
const NOTIFICATION_TTL: f32 = 60.0;

/// What the listener has counted since it started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) packets: u64,
    /// Datagrams that were not let in.
    pub(super) refused: u64,
    /// Datagrams that were none, or were cut.
    pub(super) malformed: u64,
    /// Values read, those of notifications not among them.
    pub(super) values: u64,
    pub(super) notifications: u64,
    /// Values and notifications that were not newer than those before.
    pub(super) late: u64,
    /// Values of series and notifications of identities beyond the most or with longer names than the most, and events that
    /// found no room.
    pub(super) dropped: u64,
    /// Series that are called by their index.
    pub(super) unnamed: u64,
}

/// The rows of all senders; reads no clock and no socket.
#[derive(Debug)]
pub struct Inbox {
    security: Security,
    keys: Keys,
    types: Types,
    wanted: Lists,
    max_series: usize,
    /// By host and identifier.
    rows: HashMap<Box<[u8]>, Series>,
    n_series: usize,
    notified: Notified,
    waiting: Encoder,
    key: Vec<u8>,
    pub(super) counts: Counts,
}

impl Inbox {
    /// Nothing yet. What `wanted` leaves out is not told.
    pub fn new(settings: &Settings, wanted: Lists) -> Self {
        Self {
            security: settings.security,
            keys: Keys::of(&settings.users),
            types: settings.types.clone(),
            wanted,
            max_series: settings.max_series,
            rows: HashMap::new(),
            n_series: 0,
            notified: Notified::new(settings.max_series),
            waiting: Encoder::new(),
            key: Vec::new(),
            counts: Counts::default(),
        }
    }

    /// Takes a datagram, which is decrypted in place. What came before a mistake is kept.
    ///
    /// # Errors
    /// Why it was not let in, or not read to its end; it is counted.
    pub fn take(&mut self, datagram: &mut [u8]) -> Result<(), Refusal> {
        self.counts.packets += 1;
        let taken = self.read(datagram);
        match taken {
            Ok(()) => {}
            Err(Refusal::Malformed) => self.counts.malformed += 1,
            Err(_) => self.counts.refused += 1,
        }
        taken
    }

    fn read(&mut self, datagram: &mut [u8]) -> Result<(), Refusal> {
        let content = open(datagram, self.security, &self.keys)?;
        for item in items(content) {
            match item.map_err(|_| Refusal::Malformed)? {
                Item::Values(list) => self.values(&list),
                Item::Notification(notification) => self.notification(&notification),
            }
        }
        Ok(())
    }

    fn values(&mut self, list: &ValueList<'_>) {
        let n_values = list.kinds.len() as u64;
        self.counts.values += n_values;
        if put_key(&list.identity, &mut self.key).is_none() {
            self.counts.dropped += n_values;
            return;
        }
        if !self.rows.get(&*self.key).is_some_and(|row| row.fits(list)) && !self.add(list) {
            self.counts.dropped += n_values;
            return;
        }
        let Self { rows, key, waiting, counts, .. } = self;
        let Some(row) = rows.get_mut(&**key) else { return };
        if !row.take(list, |event| put(waiting, counts, event)) {
            counts.late += n_values;
        }
    }

    /// Makes a row for these values, in the place of one of other kinds; false when there are too many.
    fn add(&mut self, list: &ValueList<'_>) -> bool {
        let n_before = self.rows.get(&*self.key).map_or(0, Series::n_values);
        let n_series = self.n_series - n_before + list.kinds.len();
        if n_series > self.max_series {
            return false;
        }
        let sources = self.types.sources(&String::from_utf8_lossy(list.identity.type_name), list.kinds.len());
        if matches!(sources, Sources::Numbered(_)) {
            self.counts.unnamed += list.kinds.len() as u64;
        }
        self.rows.insert(self.key.as_slice().into(), Series::new(list, sources.into_vec(), &self.wanted));
        self.n_series = n_series;
        true
    }

    /// As `write_riemann` sends it. Its attributes `host` and `description`, which Riemann takes for the fields, are the fields.
    fn notification(&mut self, notification: &Notification<'_>) {
        self.counts.notifications += 1;
        let Notification { identity, time, severity, message } = notification;
        let mut service = String::new();
        put_identifier(identity, &mut service);
        if !self.wanted.wants_metric(&service) || !self.is_new(notification) {
            return;
        }
        let mut labels = LabelsBuf::new();
        labels.mark(b"notification").mark(MARK);
        put_attribute(&mut labels, "plugin", identity.plugin);
        put_attribute(&mut labels, "plugin_instance", identity.plugin_instance);
        put_attribute(&mut labels, "type", identity.type_name);
        put_attribute(&mut labels, "type_instance", identity.type_instance);
        let event = View {
            time: Some(time.timestamp()),
            state: Some(state(*severity).as_bytes()),
            service: Some(service.as_bytes()),
            host: Some(identity.host),
            description: Some(message),
            ttl: Some(NOTIFICATION_TTL),
            metric: None,
            labels: labels.view(),
        };
        put(&mut self.waiting, &mut self.counts, &event);
    }

    /// Counts those that are not.
    fn is_new(&mut self, notification: &Notification<'_>) -> bool {
        let Self { notified, key, counts, .. } = self;
        let verdict = put_key(&notification.identity, key).map_or(Verdict::NoRoom, |()| notified.take(key, notification));
        match verdict {
            Verdict::New => {}
            Verdict::Late => counts.late += 1,
            Verdict::NoRoom => counts.dropped += 1,
        }
        verdict == Verdict::New
    }

    /// Gives the events that wait, and keeps the memory of `taken` for the next.
    pub fn exchange(&mut self, taken: &mut Encoder) {
        taken.clear();
        mem::swap(&mut self.waiting, taken);
    }

    /// To be called each [`SWEEP_SECS`]: forgets the rows that have been silent for too long.
    pub(super) fn sweep(&mut self) {
        let Self { rows, n_series, notified, .. } = self;
        notified.sweep();
        rows.retain(|_, row| {
            row.n_silent += 1;
            let intervals = row.interval_secs.min(MAX_INTERVAL_SECS) * 10.0 / SWEEP_SECS;
            let is_known = row.n_silent <= SILENT_SWEEPS.max(intervals.ceil() as u32);
            *n_series -= if is_known { 0 } else { row.n_values() };
            is_known
        });
    }

    /// How many values have names.
    pub(super) fn n_series(&self) -> usize {
        self.n_series
    }
}

fn put(waiting: &mut Encoder, counts: &mut Counts, event: &View<'_>) {
    if waiting.bytes().len() >= MAX_WAITING {
        counts.dropped += 1;
    } else {
        waiting.event(event);
    }
}

/// `write_riemann`'s words for collectd's severities.
fn state(severity: u64) -> &'static str {
    match severity {
        1 => "critical",
        2 => "warning",
        4 => "ok",
        _ => "unknown",
    }
}

/// No name holds a zero, so that no two identities have the same key. `None` when the names are too long.
fn put_key(identity: &Identity<'_>, key: &mut Vec<u8>) -> Option<()> {
    let Identity { host, plugin, plugin_instance, type_name, type_instance } = identity;
    key.clear();
    for part in [host, plugin, plugin_instance, type_name, type_instance] {
        key.extend_from_slice(part);
        key.push(0);
    }
    let n_zeros = 5;
    (key.len() - n_zeros <= MAX_IDENTITY).then_some(())
}

#[cfg(test)]
mod tests;
