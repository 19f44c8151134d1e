//! `clock_skew`: how far each host's clock is from the others'.

use std::collections::BTreeMap;

use event::{Metric, Timestamp, View};

use super::machine::{Run, ttl};
use super::step::{Done, Remembering, Signal, State, Unfit};
use crate::snapshot::{Reader, SnapshotError, Writer};

/// `clock_skew: {}`: the metric becomes the event's time less the median clock of all hosts, in seconds.
#[derive(Clone, Debug)]
pub struct ClockSkew;

/// What a host's last event said.
#[derive(Clone, Copy, Debug)]
struct Clock {
    time: Option<Timestamp>,
    seen: Timestamp,
    /// When it is no more asked; `None`: never.
    expires: Option<Timestamp>,
}

/// By host.
#[derive(Debug, Default)]
pub(super) struct Clocks {
    clocks: BTreeMap<Option<Vec<u8>>, Clock>,
    /// Kept for its memory.
    sorted: Vec<i64>,
}

impl Remembering for ClockSkew {
    type State = Clocks;

    fn begin(&self, _: &mut Run<'_>) -> Clocks {
        Clocks::default()
    }

    fn on(&self, state: &mut Clocks, signal: Signal<'_>, run: &mut Run<'_>) -> Done {
        let event = signal.one()?;
        let is_expired = run.is_expired(&event);
        let now = run.now;
        let expires = if event.state == Some(b"expired") {
            Some(now - event::Duration::from_micros(1))
        } else {
            event.time.map(|time| time + ttl(&event))
        };
        state.clocks.insert(event.host.map(<[u8]>::to_vec), Clock { time: event.time, seen: now, expires });
        state.sorted.clear();
        state.clocks.retain(|_, clock| {
            if let Some(time) = clock.time {
                state.sorted.push((time + (now - clock.seen)).micros());
            }
            clock.expires.is_none_or(|expires| now <= expires)
        });
        if is_expired {
            return run.emit(signal);
        }
        state.sorted.sort_unstable();
        let skew = match state.sorted.get(state.sorted.len() / 2) {
            Some(median) => (event.time.ok_or(Unfit)?.micros() - median) as f64 / 1e6,
            None => 0.0,
        };
        run.emit_one(&View { metric: Metric::float(skew), ..event })
    }
}

impl State for Clocks {
    fn shift(&mut self, by: event::Duration) {
        for clock in self.clocks.values_mut() {
            clock.expires = clock.expires.map(|expires| expires + by);
        }
    }

    fn write(&self, writer: &mut Writer<'_>) {
        writer.u32(self.clocks.len() as u32);
        for (host, clock) in &self.clocks {
            writer.option(host.as_ref(), |writer, host| writer.bytes(host));
            writer.option(clock.time, Writer::time);
            writer.time(clock.seen);
            writer.option(clock.expires, Writer::time);
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let mut clocks = BTreeMap::new();
        for _ in 0..reader.count()? {
            let host = reader.option(Reader::bytes)?.map(<[u8]>::to_vec);
            let (time, seen) = (reader.option(Reader::time)?, reader.time()?);
            clocks.insert(host, Clock { time, seen, expires: reader.option(Reader::time)? });
        }
        Ok(Self { clocks, sorted: Vec::new() })
    }
}
