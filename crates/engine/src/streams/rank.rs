//! `top`: the largest few one way, the rest the other.

use super::by::number;
use super::kept::Kept;
use super::machine::Run;
use super::step::{Done, Remembering, Signal, State};
use crate::query::Field;
use crate::snapshot::{Reader, SnapshotError, Writer};
use event::View;

/// `top: {n: 10, by: metric}`: an event among the top n goes on, and its expired copy to `else`; others the other way round. What is past its
/// time goes both ways.
#[derive(Clone, Debug)]
pub struct Top {
    /// How many.
    pub n: usize,
    /// What is compared: a number.
    pub by: Field,
    /// An event that is pushed out is told at once, not when it comes next.
    pub demote: bool,
}

/// Who is at the top, in the order of arrival.
#[derive(Debug, Default)]
pub(super) struct Ranks {
    top: Vec<Kept>,
    /// Which of them is the smallest.
    smallest: Option<usize>,
}

impl Ranks {
    fn position(&self, event: &View<'_>) -> Option<usize> {
        self.top.iter().position(|kept| {
            let kept = kept.view();
            kept.host == event.host && kept.service == event.service
        })
    }

    fn value(&self, at: usize, by: &Field) -> f64 {
        self.top.get(at).and_then(|kept| number(by, &kept.view())).unwrap_or(f64::NEG_INFINITY)
    }

    fn find_smallest(&mut self, by: &Field) {
        let values = (0..self.top.len()).map(|at| (at, self.value(at, by)));
        self.smallest = values.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(at, _)| at);
    }
}

impl Top {
    /// Whether the event is among the top, and who was pushed out for it.
    fn update(&self, state: &mut Ranks, event: &View<'_>, is_expired: bool) -> (bool, Option<Kept>) {
        let known = state.position(event);
        let value = number(&self.by, event).filter(|_| !is_expired);
        let Some(value) = value else {
            if let Some(known) = known {
                state.top.remove(known);
                state.find_smallest(&self.by);
            }
            return (false, None);
        };
        if let Some(known) = known {
            if let Some(kept) = state.top.get_mut(known) {
                kept.set(event);
            }
            // Riemann looks anew only when the newcomer is below the smallest; an event that rises stays "the smallest" until then.
            if state.smallest.is_none_or(|smallest| value < state.value(smallest, &self.by)) {
                state.find_smallest(&self.by);
            }
            return (true, None);
        }
        let is_full = state.top.len() >= self.n;
        if is_full && state.smallest.is_none_or(|smallest| value <= state.value(smallest, &self.by)) {
            return (false, None);
        }
        let out = state.smallest.filter(|_| is_full).map(|smallest| state.top.remove(smallest));
        let least = state.smallest.filter(|_| !is_full).map(|smallest| state.value(smallest, &self.by));
        state.top.push(Kept::of(event));
        if least.is_none_or(|least| value < least) {
            state.find_smallest(&self.by);
        }
        (true, out)
    }
}

impl Remembering for Top {
    type State = Ranks;

    fn begin(&self, _: &mut Run<'_>) -> Ranks {
        Ranks::default()
    }

    fn on(&self, state: &mut Ranks, signal: Signal<'_>, run: &mut Run<'_>) -> Done {
        let event = signal.one()?;
        let is_expired = run.is_expired(&event);
        let (is_top, out) = self.update(state, &event, is_expired);
        if let Some(out) = out.filter(|_| self.demote) {
            let expired = run.expired(&out.view());
            run.emit_one(&expired)?;
            run.emit_way(0, Signal::One(&out.view()))?;
        }
        let expired = run.expired(&event);
        let copy = Signal::One(&expired);
        if is_expired {
            run.emit(signal)?;
            run.emit_way(0, signal)
        } else if is_top {
            run.emit_way(0, copy)?;
            run.emit(signal)
        } else {
            run.emit(copy)?;
            run.emit_way(0, signal)
        }
    }
}

impl State for Ranks {
    fn write(&self, writer: &mut Writer<'_>) {
        writer.u32(self.top.len() as u32);
        self.top.iter().for_each(|kept| kept.write(writer));
        writer.option(self.smallest, |writer, at| writer.u32(at as u32));
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let n = reader.count()?;
        let top = (0..n).map(|_| Kept::read(reader)).collect::<Result<_, _>>()?;
        Ok(Self { top, smallest: reader.option(Reader::u32)?.map(|at| at as usize) })
    }
}
