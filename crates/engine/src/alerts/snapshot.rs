//! Alert instances in a snapshot.

use super::nodes::Nodes;
use super::{Alerts, Measured};
use crate::State;
use crate::rules::Said;
use crate::rules::conditions::Conditions;
use crate::rules::instance::{Instance, NEVER, Texts};
use crate::rules::last::Last;
use crate::snapshot::{Reader, SnapshotError, Writer};
use crate::table::Slab;

impl Alerts {
    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.u32(self.instances.bound());
        for id in 0..self.instances.bound() {
            writer.option(self.instances.get(id), |writer, instance| instance.write(writer));
        }
        self.nodes.write(writer);
    }

    /// `definitions` are those of the rules that ran then.
    pub(crate) fn read(reader: &mut Reader<'_>, definitions: &[u64]) -> Result<Self, SnapshotError> {
        let mut alerts = Self::default();
        let n_places = reader.count()?;
        let mut places = Vec::with_capacity(n_places);
        for id in 0..n_places as u32 {
            let instance = reader.option(|reader| Instance::read(reader, definitions))?;
            if let Some(instance) = &instance
                && instance.look_at != NEVER
            {
                alerts.timers.push(instance.look_at, instance.rule, id);
            }
            places.push(instance);
        }
        alerts.instances = Slab::from_places(places);
        alerts.nodes = Nodes::read(reader)?;
        alerts.file_all();
        Ok(alerts)
    }
}

impl Instance {
    fn write(&self, writer: &mut Writer<'_>) {
        writer.u32(self.rule);
        writer.u8(self.state as u8);
        writer.u8(self.conditions.to_bits());
        writer.bool(self.gone);
        writer.bool(self.was_seen);
        writer.u8(self.depth);
        writer.option(self.value, |writer, value| writer.u64(value.to_bits()));
        for time in [self.seen, self.deadline, self.absent_at, self.repeat_at, self.look_at, self.measure_at].into_iter().chain(self.holds)
        {
            writer.time(time);
        }
        for time in [self.clear_since, self.since] {
            writer.option(time, Writer::time);
        }
        self.measured.write(writer);
        self.texts.write(writer);
    }

    fn read(reader: &mut Reader<'_>, definitions: &[u64]) -> Result<Self, SnapshotError> {
        let rule = reader.u32()?;
        let definition = definitions.get(rule as usize).copied().ok_or(SnapshotError::Damaged)?;
        let mut instance = Self::new(rule, definition, Texts::default());
        instance.state = state(reader.u8()?)?;
        instance.conditions = Conditions::from_bits(reader.u8()?);
        instance.gone = reader.bool()?;
        instance.was_seen = reader.bool()?;
        instance.depth = reader.u8()?;
        instance.value = reader.option(Reader::u64)?.map(f64::from_bits);
        let Instance { seen, deadline, absent_at, repeat_at, look_at, measure_at, holds, clear_since, since, .. } = &mut instance;
        for time in [seen, deadline, absent_at, repeat_at, look_at, measure_at].into_iter().chain(holds) {
            *time = reader.time()?;
        }
        for time in [clear_since, since] {
            *time = reader.option(Reader::time)?;
        }
        instance.measured = Measured::read(reader)?;
        *instance.texts = Texts::read(reader)?;
        Ok(instance)
    }
}

fn state(number: u8) -> Result<State, SnapshotError> {
    let states = [State::Expired, State::Ok, State::Info, State::Warning, State::Critical];
    states.into_iter().find(|&state| state as u8 == number).ok_or(SnapshotError::Damaged)
}

impl Texts {
    fn write(&self, writer: &mut Writer<'_>) {
        writer.str(&self.instance);
        writer.option(self.host.as_deref(), Writer::str);
        writer.str(&self.service);
        writer.u32(self.values.len() as u32);
        for value in &self.values {
            writer.option(value.as_deref(), Writer::str);
        }
        writer.str(&self.message);
        writer.option(self.said.as_deref(), |writer, said| said.write(writer));
        self.last.write(writer);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let instance = reader.string()?;
        let host = reader.option(Reader::string)?;
        let service = reader.string()?;
        let n_values = reader.count()?;
        let values = (0..n_values).map(|_| reader.option(Reader::string)).collect::<Result<_, _>>()?;
        let message = reader.string()?;
        let said = reader.option(Said::read)?.map(Box::new);
        Ok(Self { instance, host, service, values, message, said, last: Last::read(reader)? })
    }
}

impl Said {
    fn write(&self, writer: &mut Writer<'_>) {
        for text in [&self.details, &self.runbook, &self.team] {
            writer.option(text.as_deref(), Writer::str);
        }
        for pairs in [&self.labels, &self.links] {
            writer.u32(pairs.len() as u32);
            for (name, text) in pairs {
                writer.str(name);
                writer.str(text);
            }
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let mut said = Self::default();
        for text in [&mut said.details, &mut said.runbook, &mut said.team] {
            *text = reader.option(Reader::string)?;
        }
        for pairs in [&mut said.labels, &mut said.links] {
            let n_pairs = reader.count()?;
            *pairs = (0..n_pairs).map(|_| Ok((reader.string()?, reader.string()?))).collect::<Result<_, SnapshotError>>()?;
        }
        Ok(said)
    }
}

impl Last {
    fn write(&self, writer: &mut Writer<'_>) {
        writer.option(self.time, Writer::time);
        writer.str(&self.host);
        writer.str(&self.service);
        writer.bytes(&self.labels);
        writer.option(self.state.as_deref(), Writer::str);
        writer.option(self.description.as_deref(), Writer::str);
        writer.option(self.ttl, |writer, ttl| writer.u32(ttl.to_bits()));
        writer.metric(self.metric);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        Ok(Self {
            time: reader.option(Reader::time)?,
            host: reader.string()?,
            service: reader.string()?,
            labels: reader.bytes()?.to_vec(),
            state: reader.option(Reader::string)?,
            description: reader.option(Reader::string)?,
            ttl: reader.option(Reader::u32)?.map(f32::from_bits),
            metric: reader.metric()?,
        })
    }
}
