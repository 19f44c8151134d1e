//! Riemann's `Msg` written: events from views, replies and requests, into a buffer that is kept between messages.

use crate::decode::tag;
use crate::msg::field;
use crate::wire::{self, LENGTH, VARINT, varint_len};
use crate::{Labels, Metric, View};

/// Puts a message together in a buffer that is kept between messages.
#[derive(Clone, Debug, Default)]
pub struct Encoder {
    buf: Vec<u8>,
    n_events: usize,
}

impl Encoder {
    /// An empty message.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends an event.
    pub fn event(&mut self, event: &View<'_>) {
        self.open(event_len(event));
        put_event(&mut self.buf, event);
    }

    /// Appends an event to a reply: with a `metric_f` beside the metric, as Riemann's own replies have it for clients
    /// that read nothing else.
    pub fn answer(&mut self, event: &View<'_>) {
        let float = event.metric.map(|metric| metric.as_f64() as f32).filter(|float| float.is_finite());
        self.open(event_len(event) + float.map_or(0, |_| 5));
        put_event(&mut self.buf, event);
        if let Some(float) = float {
            self.buf.push(tag::METRIC_F);
            self.buf.extend_from_slice(&float.to_le_bytes());
        }
    }

    fn open(&mut self, len: usize) {
        self.buf.push(length_tag(field::EVENT));
        wire::put_varint(&mut self.buf, len as u64);
        self.n_events += 1;
    }

    /// Sets `ok`; for replies.
    pub fn ok(&mut self, ok: bool) {
        self.buf.push((field::OK as u8) << 3 | VARINT);
        self.buf.push(u8::from(ok));
    }

    /// Sets `error`; for replies.
    pub fn error(&mut self, text: &str) {
        wire::put_bytes(&mut self.buf, length_tag(field::ERROR), text.as_bytes());
    }

    /// Sets `query`; for requests.
    pub fn query(&mut self, text: &str) {
        self.buf.push(length_tag(field::QUERY));
        wire::put_varint(&mut self.buf, wire::bytes_len(text.as_bytes()) as u64);
        wire::put_bytes(&mut self.buf, length_tag(1), text.as_bytes());
    }

    /// The message so far.
    pub fn bytes(&self) -> &[u8] {
        &self.buf
    }

    /// How many events it holds.
    pub fn n_events(&self) -> usize {
        self.n_events
    }

    /// Nothing in it yet.
    pub fn is_empty(&self) -> bool {
        self.buf.is_empty()
    }

    /// Starts the next message in the same memory.
    pub fn clear(&mut self) {
        self.buf.clear();
        self.n_events = 0;
    }
}

const fn length_tag(number: u32) -> u8 {
    (number as u8) << 3 | LENGTH
}

/// How many bytes [`put_event`] appends.
fn event_len(event: &View<'_>) -> usize {
    let time = event.time.map_or(0, |time| 2 + varint_len(time.secs() as u64) + varint_len(time.micros() as u64));
    let texts = [event.state, event.service, event.host, event.description];
    let texts: usize = texts.iter().flatten().map(|text| wire::bytes_len(text)).sum();
    let metric = match event.metric {
        Some(Metric::Int(value)) => 1 + varint_len(zigzag(value)),
        Some(Metric::Float(_)) => 9,
        None => 0,
    };
    time + texts + labels_len(event.labels) + event.ttl.map_or(0, |_| 5) + metric
}

/// Appends one encoded `Event`; the time both in seconds and in microseconds, since old clients know seconds only.
fn put_event(out: &mut Vec<u8>, event: &View<'_>) {
    if let Some(time) = event.time {
        out.push(tag::TIME);
        wire::put_varint(out, time.secs() as u64);
    }
    let texts = [(tag::STATE, event.state), (tag::SERVICE, event.service), (tag::HOST, event.host), (tag::DESCRIPTION, event.description)];
    for (tag, text) in texts {
        if let Some(text) = text {
            wire::put_bytes(out, tag, text);
        }
    }
    put_labels(out, event.labels);
    if let Some(ttl) = event.ttl {
        out.push(tag::TTL);
        out.extend_from_slice(&ttl.to_le_bytes());
    }
    if let Some(time) = event.time {
        out.push(tag::TIME_MICROS);
        wire::put_varint(out, time.micros() as u64);
    }
    match event.metric {
        Some(Metric::Int(value)) => {
            out.push(tag::METRIC_SINT64);
            wire::put_varint(out, zigzag(value));
        }
        Some(Metric::Float(value)) => {
            out.push(tag::METRIC_D);
            out.extend_from_slice(&value.to_le_bytes());
        }
        None => {}
    }
}

const fn zigzag(value: i64) -> u64 {
    (value << 1 ^ value >> 63) as u64
}

fn labels_len(labels: Labels<'_>) -> usize {
    labels.as_pure_bytes().map_or_else(|| labels.iter().map(|label| label.len()).sum(), <[u8]>::len)
}

/// Appends marks and attributes. A stretch that holds other fields of the event it came with must not bring them along.
fn put_labels(out: &mut Vec<u8>, labels: Labels<'_>) {
    match labels.as_pure_bytes() {
        Some(bytes) => out.extend_from_slice(bytes),
        None => labels.iter().for_each(|label| label.put(out)),
    }
}
