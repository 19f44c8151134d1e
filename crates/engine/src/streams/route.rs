//! Steps that send events one way or another: `where`, `split`, `expired`, `branches`.

use super::machine::Run;
use super::step::{Done, Passing, Signal};
use crate::query::Query;

/// `where: Q`: what matches goes on, the rest goes to `else`.
#[derive(Clone, Debug)]
pub struct Where(pub Query);

impl Passing for Where {
    #[inline]
    fn on(&self, signal: Signal<'_>, run: &mut Run<'_>) -> Done {
        if self.0.matches(signal.borrowed()?) { run.emit(signal) } else { run.emit_way(0, signal) }
    }
}

/// `split`: the first way whose query matches; the way after the last is for what matches none.
#[derive(Clone, Debug)]
pub struct Split(pub Vec<Query>);

impl Passing for Split {
    fn on(&self, signal: Signal<'_>, run: &mut Run<'_>) -> Done {
        let event = signal.one()?;
        let way = self.0.iter().position(|query| query.matches(&event)).unwrap_or(self.0.len());
        run.emit_way(way, signal)
    }
}

/// `expired: true`: events past their time go on; `false`: all others. The rest goes to `else`.
#[derive(Clone, Debug)]
pub struct Expired(pub bool);

impl Passing for Expired {
    fn on(&self, signal: Signal<'_>, run: &mut Run<'_>) -> Done {
        let event = signal.one()?;
        if run.is_expired(&event) == self.0 { run.emit(signal) } else { run.emit_way(0, signal) }
    }
}

/// `branches`: each way gets everything, one after the other, and then what follows.
#[derive(Clone, Debug)]
pub struct Branches(pub usize);

impl Passing for Branches {
    fn on(&self, signal: Signal<'_>, run: &mut Run<'_>) -> Done {
        for way in 0..self.0 {
            run.emit_way(way, signal)?;
        }
        run.emit(signal)
    }
}
