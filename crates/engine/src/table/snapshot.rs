//! The series table in a snapshot.

use super::{Detail, LabelSets, Slab, Slot, Table, keep_state};
use crate::snapshot::{Reader, SnapshotError, Writer};

impl Table {
    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        self.labels.write(writer);
        writer.u32(self.slots.bound());
        for id in 0..self.slots.bound() {
            writer.option(self.slots.get(id), |writer, slot| self.write_slot(writer, id, slot));
        }
    }

    fn write_slot(&self, writer: &mut Writer<'_>, id: u32, slot: &Slot) {
        writer.str(slot.host());
        writer.str(slot.service());
        writer.u32(slot.labels);
        writer.u32(slot.sibling);
        let entry = self.indexed(id).map(|entry| entry.event);
        writer.option(entry, |writer, event| {
            writer.time(slot.time);
            writer.metric(event.metric);
            writer.option(event.ttl, |writer, ttl| writer.u32(ttl.to_bits()));
            writer.option(event.state, Writer::bytes);
            writer.option(event.description, Writer::bytes);
            writer.u32(self.deadlines.second(id));
        });
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let mut table = Self::default();
        let label_sets = LabelSets::read(reader)?;
        let n_places = reader.count()?;
        let mut places = Vec::with_capacity(n_places);
        for id in 0..n_places as u32 {
            places.push(reader.option(|reader| table.read_slot(reader, id, &label_sets))?);
        }
        table.slots = Slab::from_places(places);
        table.file_keys();
        Ok(table)
    }

    fn read_slot(&mut self, reader: &mut Reader<'_>, id: u32, label_sets: &[Option<&[u8]>]) -> Result<Slot, SnapshotError> {
        let (host, service) = (reader.str()?, reader.str()?);
        let labels = label_sets.get(reader.u32()? as usize).copied().flatten().ok_or(SnapshotError::Damaged)?;
        let labels = self.labels.take(labels);
        let mut slot = Slot::new(host, service, labels, reader.u32()?);
        slot.current = reader.bool()?;
        if slot.current {
            self.read_entry(reader, id, &mut slot)?;
        }
        Ok(slot)
    }

    fn read_entry(&mut self, reader: &mut Reader<'_>, id: u32, slot: &mut Slot) -> Result<(), SnapshotError> {
        slot.time = reader.time()?;
        slot.set_metric(reader.metric()?);
        slot.set_ttl(reader.option(Reader::u32)?.map(f32::from_bits));
        let (word, odd_state) = keep_state(&mut self.words, reader.option(Reader::bytes)?);
        slot.state = word;
        let description = reader.option(Reader::string)?;
        slot.detailed = description.is_some() || odd_state.is_some();
        if slot.detailed {
            self.details.insert(id, Detail { description, state: odd_state });
        }
        self.deadlines.put(id, reader.u32()?);
        Ok(())
    }

    /// Fills the look-up of keys: each has one series that is current.
    fn file_keys(&mut self) {
        let (slots, hasher) = (&self.slots, &self.hasher);
        for (id, _) in slots.iter().filter(|(_, slot)| slot.current) {
            self.by_key.insert_unique(super::rehash(slots, hasher, id), id, |&id| super::rehash(slots, hasher, id));
        }
    }
}
