//! The state of all streams as bytes. Branches carry their length, so that those of a stream that is gone can be passed over.

use event::Timestamp;

use super::branch::Branch;
use super::machine::Streams;
use super::plan::Program;
use super::step::Cell;
use crate::snapshot::{Reader, SnapshotError, Writer};
use crate::table::Slab;

/// No stream of the new plan.
const GONE: u32 = u32::MAX;

impl Streams {
    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.time(self.sweep_at);
        writer.u64(self.timers.next_id);
        writer.u32(self.branches.serial);
        writer.u32(self.roots.len() as u32);
        self.roots.iter().for_each(|root| writer.u32(*root));
        writer.u32(self.branches.all.bound());
        for id in 0..self.branches.all.bound() {
            writer.option(self.branches.get(id), |writer, branch| branch.write(writer));
        }
    }

    /// Reads what was written; `kept` tells by old stream which one it is now.
    pub(crate) fn read(reader: &mut Reader<'_>, programs: &[Program], kept: &[Option<u32>]) -> Result<Self, SnapshotError> {
        let mut streams = Self { sweep_at: reader.time()?, ..Self::default() };
        streams.timers.next_id = reader.u64()?;
        streams.branches.serial = reader.u32()?;
        let n_roots = reader.count()?;
        streams.roots = (0..n_roots).map(|_| reader.u32()).collect::<Result<_, _>>()?;
        let n = reader.count()?;
        let read = |reader: &mut Reader<'_>| reader.option(|reader| Branch::read(reader, programs, kept));
        let places: Vec<_> = (0..n).map(|_| Ok(read(reader)?.flatten())).collect::<Result<_, SnapshotError>>()?;
        streams.branches.all = Slab::from_places(places);
        streams.renumber(programs, kept);
        Ok(streams)
    }

    /// Goes over to other programs: the state of streams that are kept stays, that of others goes.
    pub(crate) fn adopt(self, programs: &[Program], kept: &[Option<u32>]) -> Self {
        let mut streams = Self { sweep_at: self.sweep_at, roots: self.roots, ..Self::default() };
        streams.timers.next_id = self.timers.next_id;
        streams.branches.serial = self.branches.serial;
        streams.branches.all = self.branches.all;
        let gone: Vec<u32> =
            streams.branches.all.iter().filter(|(_, branch)| new_id(kept, branch.stream) == GONE).map(|(id, _)| id).collect();
        for id in gone {
            streams.branches.all.remove(id);
        }
        for (_, branch) in streams.branches.all.iter_mut() {
            branch.stream = new_id(kept, branch.stream);
            for cell in &mut branch.cells {
                if let Cell::By(keys) = cell {
                    *keys = super::by::Keys::default();
                }
            }
        }
        streams.renumber(programs, kept);
        streams
    }

    /// Branches have their new streams already.
    fn renumber(&mut self, programs: &[Program], kept: &[Option<u32>]) {
        let old = std::mem::take(&mut self.roots);
        self.roots = vec![GONE; programs.len()];
        for (stream, root) in old.into_iter().enumerate() {
            if let Some(place) = self.roots.get_mut(new_id(kept, stream as u32) as usize) {
                *place = root;
            }
        }
        self.has_begun = !self.roots.contains(&GONE);
        self.branches.rebuild(&mut self.timers);
    }
}

fn new_id(kept: &[Option<u32>], old: u32) -> u32 {
    kept.get(old as usize).copied().flatten().unwrap_or(GONE)
}

impl Branch {
    fn write(&self, writer: &mut Writer<'_>) {
        writer.u32(self.stream);
        writer.u32(self.scope);
        writer.option(self.parent, |writer, (parent, slot)| {
            writer.u32(parent);
            writer.u32(slot);
        });
        writer.bytes(&self.key);
        writer.u32(self.serial);
        writer.time(self.seen);
        let mut cells = Vec::new();
        let mut inner = Writer::new(&mut cells);
        self.cells.iter().for_each(|cell| cell.write(&mut inner));
        writer.bytes(&cells);
    }

    /// `None`: its stream is gone.
    fn read(reader: &mut Reader<'_>, programs: &[Program], kept: &[Option<u32>]) -> Result<Option<Self>, SnapshotError> {
        let (stream, scope) = (new_id(kept, reader.u32()?), reader.u32()?);
        let parent = reader.option(|reader| Ok((reader.u32()?, reader.u32()?)))?;
        let mut branch = Self::new(stream, scope, parent, reader.bytes()?, Timestamp::default());
        (branch.serial, branch.seen) = (reader.u32()?, reader.time()?);
        let cells = reader.bytes()?;
        let Some(program) = programs.get(stream as usize) else { return Ok(None) };
        let slots = program.scopes.get(scope as usize).ok_or(SnapshotError::Damaged)?;
        let mut inner = Reader::new(cells);
        let read = |node: &u32| program.nodes.get(*node as usize).ok_or(SnapshotError::Damaged)?.step.read(&mut inner);
        branch.cells = slots.iter().map(read).collect::<Result<_, _>>()?;
        Ok(Some(branch))
    }
}
