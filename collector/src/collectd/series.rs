//! One row of values of one sender: what they are called, and the last of them, from which rates are made.

use event::{LabelsBuf, Metric, View};

use super::packet::{Identity, Ticks, Value, ValueList};
use super::types::Source;
use crate::Lists;

/// The mark of what collectd has measured; the one that its users give to `write_riemann`.
pub(super) const MARK: &[u8] = b"collectd";

/// `write_riemann`'s default `TTLFactor`.
const TTL_FACTOR: f64 = 2.0;

/// Between two values of a sender that does not say; collectd's default.
const USUAL_INTERVAL_SECS: f64 = 10.0;

#[derive(Debug)]
pub(super) struct Series {
    host: String,
    kinds: Vec<u8>,
    told: Vec<Told>,
    last: Option<Ticks>,
    /// Looks of the sweep since the last value.
    pub(super) n_silent: u32,
    pub(super) interval_secs: f64,
}

/// One value of the row.
#[derive(Debug)]
struct Told {
    service: String,
    labels: LabelsBuf,
    is_wanted: bool,
    source: Source,
    last: Value,
}

/// Appends `plugin[-plugin_instance]/type[-type_instance]`, which collectd calls an identifier.
pub(super) fn put_identifier(identity: &Identity<'_>, out: &mut String) {
    put(out, "", identity.plugin);
    put_filled(out, "-", identity.plugin_instance);
    put(out, "/", identity.type_name);
    put_filled(out, "-", identity.type_instance);
}

fn put_filled(out: &mut String, before: &str, name: &[u8]) {
    if !name.is_empty() {
        put(out, before, name);
    }
}

fn put(out: &mut String, before: &str, name: &[u8]) {
    out.push_str(before);
    out.push_str(&String::from_utf8_lossy(name));
}

impl Series {
    /// Of the row's first values; names, attributes and their order are those of `write_riemann` with `StoreRates true`.
    pub(super) fn new(list: &ValueList<'_>, sources: Vec<Source>, wanted: &Lists) -> Self {
        let mut identifier = String::new();
        put_identifier(&list.identity, &mut identifier);
        let has_several = sources.len() > 1;
        let told = sources.into_iter().zip(list.values()).enumerate().map(|(index, (source, value))| {
            let service = if has_several { format!("{identifier}/{}", source.name) } else { identifier.clone() };
            let labels = labels(&list.identity, &source.name, index, value);
            Told { is_wanted: wanted.wants_metric(&service), service, labels, source, last: value }
        });
        let told = told.collect();
        let host = String::from_utf8_lossy(list.identity.host).into_owned();
        Self { host, kinds: list.kinds.to_vec(), told, last: None, n_silent: 0, interval_secs: 0.0 }
    }

    /// How many values the row has.
    pub(super) fn n_values(&self) -> usize {
        self.told.len()
    }

    /// Whether these values are of the kinds that it is made for. They are not when its sender's types have changed.
    pub(super) fn fits(&self, list: &ValueList<'_>) -> bool {
        self.kinds == list.kinds
    }

    /// Takes the next values and tells them; false when they are not newer than the last.
    pub(super) fn take(&mut self, list: &ValueList<'_>, mut tell: impl FnMut(&View<'_>)) -> bool {
        if self.last.is_some_and(|last| last >= list.time) {
            return false;
        }
        let interval_secs = list.interval.as_secs_f64();
        let since = self.last.map(|last| list.time.secs_since(last));
        self.interval_secs = if interval_secs > 0.0 { interval_secs } else { USUAL_INTERVAL_SECS };
        let ttl = Some((self.interval_secs * TTL_FACTOR) as f32);
        let (time, host) = (Some(list.time.timestamp()), Some(self.host.as_bytes()));
        for (told, value) in self.told.iter_mut().zip(list.values()) {
            let metric = told.next(value, since, self.interval_secs);
            if told.is_wanted && metric.is_some() {
                let service = Some(told.service.as_bytes());
                tell(&View { time, host, service, ttl, metric, labels: told.labels.view(), ..View::default() });
            }
        }
        self.last = Some(list.time);
        self.n_silent = 0;
        true
    }
}

impl Told {
    /// The value to tell: a gauge as it is, of all others the rate. None of the first of those that only count.
    fn next(&mut self, value: Value, since: Option<f64>, interval_secs: f64) -> Option<Metric> {
        let last = std::mem::replace(&mut self.last, value);
        let rate = match (value, last) {
            (Value::Gauge(value), _) => return Metric::float(value),
            (Value::Counter(value), Value::Counter(last)) => gone(last, value)? as f64 / since?,
            (Value::Derive(value), Value::Derive(last)) => value.wrapping_sub(last) as f64 / since?,
            (Value::Absolute(value), _) => value as f64 / since.unwrap_or(interval_secs),
            (Value::Counter(_) | Value::Derive(_), _) => return None,
        };
        Metric::float(rate).filter(|_| self.source.holds(rate))
    }
}

/// How far a counter has gone; `None` when it began anew, as it does when what counts is started again. One that stands lower
/// than before was full, at 32 or at 64 bits, only if it went from the last quarter of these into the first.
fn gone(last: u64, value: u64) -> Option<u64> {
    if value >= last {
        return Some(value - last);
    }
    let (most, bits) = u32::try_from(last).map_or((u64::MAX, u64::BITS), |_| (u64::from(u32::MAX), u32::BITS));
    let quarter = 1 << (bits - 2);
    let was_full = last > most - quarter && value < quarter;
    was_full.then(|| most - last + value + 1)
}

fn labels(identity: &Identity<'_>, ds_name: &str, index: usize, value: Value) -> LabelsBuf {
    let mut labels = LabelsBuf::new();
    labels.mark(MARK);
    let ds_type = match value {
        Value::Counter(_) => "counter:rate",
        Value::Gauge(_) => "gauge",
        Value::Derive(_) => "derive:rate",
        Value::Absolute(_) => "absolute:rate",
    };
    put_attribute(&mut labels, "plugin", identity.plugin);
    put_attribute(&mut labels, "type", identity.type_name);
    put_attribute(&mut labels, "ds_name", ds_name.as_bytes());
    put_attribute(&mut labels, "plugin_instance", identity.plugin_instance);
    put_attribute(&mut labels, "type_instance", identity.type_instance);
    put_attribute(&mut labels, "ds_type", ds_type.as_bytes());
    put_attribute(&mut labels, "ds_index", index.to_string().as_bytes());
    labels
}

/// Unless it is empty.
pub(super) fn put_attribute(labels: &mut LabelsBuf, key: &str, value: &[u8]) {
    if !value.is_empty() {
        labels.attribute(key.as_bytes(), String::from_utf8_lossy(value).as_bytes());
    }
}
