//! All steps there are: a closed list, each with its state.

use event::View;

use super::events::Events;
use super::machine::Run;
use super::timers::Timer;
use super::{
    by, change, coalesce, edit, fill, fold, join, memory, out, partition, periodic, predict, rank, route, skew, slide, value, window,
};
use crate::snapshot::{Reader, SnapshotError, Writer};

/// What goes from step to step.
#[derive(Clone, Copy, Debug)]
pub enum Signal<'a> {
    /// An event.
    One(&'a View<'a>),
    /// A row of events, as windows, `batch` and `rollup` give.
    Many(&'a Events),
}

/// An event that a step can do nothing with: it is dropped there, and counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unfit;

/// What becomes of one signal.
pub(crate) type Done = Result<(), Unfit>;

impl<'a> Signal<'a> {
    /// The event; most steps can do nothing with a row.
    #[inline]
    pub(super) fn one(self) -> Result<View<'a>, Unfit> {
        self.borrowed().copied()
    }

    /// As [`Signal::one`], but not copied: a copy of what was just written costs more than its bytes, for it waits until that is in the cache.
    #[inline]
    pub(super) fn borrowed(self) -> Result<&'a View<'a>, Unfit> {
        match self {
            Self::One(event) => Ok(event),
            Self::Many(_) => Err(Unfit),
        }
    }
}

/// A step without memory.
pub(super) trait Passing {
    fn on(&self, signal: Signal<'_>, run: &mut Run<'_>) -> Done;
}

/// A step with memory: the plan is `self`, the state belongs to the branch.
pub(super) trait Remembering {
    type State: State;
    /// The state of a branch that begins now.
    fn begin(&self, run: &mut Run<'_>) -> Self::State;
    fn on(&self, state: &mut Self::State, signal: Signal<'_>, run: &mut Run<'_>) -> Done;
    /// The timer is due.
    fn due(&self, _state: &mut Self::State, _run: &mut Run<'_>) -> Done {
        Ok(())
    }
}

/// What a branch keeps for a step.
pub(super) trait State: Sized {
    fn timer(&mut self) -> Option<&mut Timer> {
        None
    }
    /// Moves the points in time that go by the clock.
    fn shift(&mut self, _by: event::Duration) {}
    fn write(&self, writer: &mut Writer<'_>);
    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError>;
}

macro_rules! steps {
    (passing { $($passing:ident($plan:ty),)* } remembering { $($name:ident($step:ty),)* }) => {
        /// A step, checked.
        #[derive(Clone, Debug)]
        #[expect(missing_docs, reason = "each is documented at its type")]
        pub enum Step { $($passing($plan),)* $($name($step),)* By(by::By) }

        /// The state of a step.
        #[derive(Debug, Default)]
        pub(super) enum Cell {
            /// The step is at work.
            #[default]
            Taken,
            By(by::Keys),
            $($name(Box<<$step as Remembering>::State>),)*
        }

        impl Step {
            pub(super) fn has_state(&self) -> bool {
                match self { $(Self::$passing(_) => false,)* $(Self::$name(_) => true,)* Self::By(_) => true }
            }

            pub(super) fn begin(&self, run: &mut Run<'_>) -> Cell {
                match self {
                    $(Self::$name(step) => Cell::$name(Box::new(step.begin(run))),)*
                    Self::By(_) => Cell::By(by::Keys::default()),
                    _ => Cell::Taken,
                }
            }

            /// Hands a signal to a step without memory.
            #[inline]
            pub(super) fn pass(&self, signal: Signal<'_>, run: &mut Run<'_>) -> Done {
                match self { $(Self::$passing(step) => step.on(signal, run),)* _ => Ok(()) }
            }

            /// Hands a signal to a step with memory.
            #[inline]
            pub(super) fn take(&self, cell: &mut Cell, signal: Signal<'_>, run: &mut Run<'_>) -> Done {
                match (self, cell) {
                    $((Self::$name(step), Cell::$name(state)) => step.on(state, signal, run),)*
                    _ => Ok(()),
                }
            }

            pub(super) fn due(&self, cell: &mut Cell, run: &mut Run<'_>) -> Done {
                match (self, cell) {
                    $((Self::$name(step), Cell::$name(state)) => step.due(state, run),)*
                    _ => Ok(()),
                }
            }

            pub(super) fn read(&self, reader: &mut Reader<'_>) -> Result<Cell, SnapshotError> {
                Ok(match self {
                    $(Self::$name(_) => Cell::$name(Box::new(State::read(reader)?)),)*
                    Self::By(_) => Cell::By(by::Keys::default()),
                    _ => Cell::Taken,
                })
            }
        }

        impl Cell {
            #[inline]
            pub(super) fn timer(&mut self) -> Option<&mut Timer> {
                match self { $(Self::$name(state) => state.timer(),)* Self::Taken | Self::By(_) => None }
            }

            pub(super) fn shift(&mut self, by: event::Duration) {
                match self { $(Self::$name(state) => state.shift(by),)* Self::Taken | Self::By(_) => {} }
            }

            pub(super) fn write(&self, writer: &mut Writer<'_>) {
                match self { $(Self::$name(state) => state.write(writer),)* Self::Taken | Self::By(_) => {} }
            }
        }
    };
}

steps! {
    passing {
        Where(route::Where), Split(route::Split), Expired(route::Expired), Branches(route::Branches),
        Set(edit::Set), Append(edit::Append), Scale(edit::Scale), Tag(edit::Tag), Untag(edit::Untag),
        Fold(fold::Folded), Flatten(fold::Flatten), Sort(fold::Sort), Value(value::Value),
        Out(out::Out),
    }
    remembering {
        Changed(change::Changed), Runs(change::Runs), Stable(change::Stable),
        Count(memory::Count), Reduce(memory::Reduce), Smooth(memory::Smooth), SmoothEach(memory::SmoothEach), Derive(memory::Derive),
        Predict(predict::Predict),
        Throttle(partition::Throttle), Rollup(partition::Rollup), Batch(partition::Batch), Apdex(partition::Apdex),
        Rate(periodic::Rate), DeriveEvery(periodic::DeriveEvery), Percentiles(periodic::Percentiles), FoldEvery(periodic::FoldEvery),
        Sliding(slide::Sliding), Fixed(window::Fixed), LastEvents(window::LastEvents), EveryEvents(window::EveryEvents),
        Across(coalesce::Across), Join(join::Join), Top(rank::Top), ClockSkew(skew::ClockSkew),
        Fill(fill::Fill), FillLast(fill::FillLast), Interpolate(fill::Interpolate),
    }
}

impl Step {
    /// It passes events on as they are, to one way only.
    pub(super) fn is_filter(&self) -> bool {
        matches!(self, Self::Where(_) | Self::Expired(_))
    }
}
