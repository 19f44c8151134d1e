//! The whole state at one position, as bytes: a format of our own, with its version in front and a checksum behind.

mod codec;

use std::sync::Arc;

use event::Timestamp;

use crate::alerts::Alerts;
use crate::rules::Plan;
use crate::streams::Streams;
use crate::table::Table;
use crate::{Counters, Engine, Limits};
pub(crate) use codec::{Reader, Writer};

/// Why bytes are no snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// Another format.
    #[error("this is not an engine's snapshot")]
    Magic,
    /// Written by another version.
    #[error("the snapshot has version {0}, expected {VERSION}")]
    Version(u32),
    /// It was cut short or damaged.
    #[error("the snapshot is damaged")]
    Damaged,
}

/// Of the format; whoever changes what is written raises it.
const VERSION: u32 = 7;

/// First bytes of every snapshot.
const MAGIC: &[u8; 8] = b"skep-eng";

/// Bytes of the checksum.
const CRC: usize = 4;

impl Engine {
    /// Appends the whole state.
    pub fn snapshot(&self, out: &mut Vec<u8>) {
        let start = out.len();
        let mut writer = Writer::new(out);
        writer.raw(MAGIC);
        writer.u32(VERSION);
        writer.time(self.now);
        self.counters.write(&mut writer);
        writer.u64(self.plan.hash());
        writer.u32(self.plan.rules().len() as u32);
        for rule in self.plan.rules() {
            writer.str(&rule.alert.name);
            writer.u64(rule.definition);
        }
        writer.u32(self.plan.programs().len() as u32);
        for program in self.plan.programs() {
            writer.str(&program.name);
            writer.u64(program.definition);
        }
        writer.time(self.reap_at);
        self.streams.write(&mut writer);
        self.table.write(&mut writer);
        self.alerts.write(&mut writer);
        let crc = crc32fast::hash(out.get(start..).unwrap_or_default());
        out.extend_from_slice(&crc.to_le_bytes());
    }

    /// An engine with the state of a snapshot. With another plan, rules whose name, `where` and `by` are the same keep their instances.
    ///
    /// # Errors
    /// [`SnapshotError`] when the bytes are not a whole snapshot of this version.
    pub fn restore(bytes: &[u8], plan: Arc<Plan>, limits: Limits) -> Result<Self, SnapshotError> {
        let mut reader = Reader::new(checked(bytes)?);
        let mut engine = Self::new(Arc::clone(&plan), limits);
        engine.now = reader.time()?;
        engine.counters = Counters::read(&mut reader)?;
        let plan_hash = reader.u64()?;
        let n_rules = reader.u32()?;
        let (mut kept, mut definitions) = (Vec::new(), Vec::new());
        for _ in 0..n_rules {
            let (name, definition) = (reader.string()?, reader.u64()?);
            kept.push(plan.fate(&name, definition, None));
            definitions.push(definition);
        }
        let n_streams = reader.u32()?;
        let mut kept_streams = Vec::new();
        for _ in 0..n_streams {
            let name = reader.string()?;
            kept_streams.push(plan.stream_position(&name, reader.u64()?));
        }
        engine.reap_at = reader.time()?;
        engine.streams = Streams::read(&mut reader, plan.programs(), &kept_streams)?;
        engine.table = Table::read(&mut reader)?;
        engine.alerts = Alerts::read(&mut reader, &definitions)?;
        if plan_hash != plan.hash() {
            engine.adopt(plan, &kept);
        }
        Ok(engine)
    }
}

/// What stands between version and checksum.
fn checked(bytes: &[u8]) -> Result<&[u8], SnapshotError> {
    let rest = bytes.strip_prefix(MAGIC).ok_or(SnapshotError::Magic)?;
    let (version, rest) = rest.split_first_chunk().ok_or(SnapshotError::Damaged)?;
    let version = u32::from_le_bytes(*version);
    if version != VERSION {
        return Err(SnapshotError::Version(version));
    }
    let (body, crc) = rest.split_last_chunk::<CRC>().ok_or(SnapshotError::Damaged)?;
    let whole = bytes.get(..bytes.len() - CRC).unwrap_or_default();
    if crc32fast::hash(whole) != u32::from_le_bytes(*crc) {
        return Err(SnapshotError::Damaged);
    }
    Ok(body)
}

impl Counters {
    fn fields(&mut self) -> [&mut u64; 13] {
        let Self {
            events,
            late,
            overflow,
            rebuilt,
            expired,
            variants_replaced,
            too_deep,
            instances_over,
            transitions,
            messages,
            unfit,
            samples_over,
            throttled,
        } = self;
        [
            events,
            late,
            overflow,
            rebuilt,
            expired,
            variants_replaced,
            too_deep,
            instances_over,
            transitions,
            messages,
            unfit,
            samples_over,
            throttled,
        ]
    }

    fn write(mut self, writer: &mut Writer<'_>) {
        for field in self.fields() {
            writer.u64(*field);
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let mut counters = Self::default();
        for field in counters.fields() {
            *field = reader.u64()?;
        }
        Ok(counters)
    }
}

impl Writer<'_> {
    pub(crate) fn time(&mut self, time: Timestamp) {
        self.u64(time.micros() as u64);
    }
}

impl Reader<'_> {
    pub(crate) fn time(&mut self) -> Result<Timestamp, SnapshotError> {
        Ok(Timestamp::from_micros(self.u64()? as i64))
    }
}
