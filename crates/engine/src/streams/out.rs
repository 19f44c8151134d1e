//! Ways out of a stream: `tap`, `log`, `to`, `forward`, `index`, `reinject`. What goes out also goes on.

use event::{Timestamp, View};

use super::machine::Run;
use super::step::{Done, Passing, Signal};
use crate::alerts::Target;

/// Where events go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// To whoever listens to this name: tests, live pages.
    Tap(String),
    /// Into the process's log.
    Log,
    /// To the InfluxDB sinks.
    Influx,
    /// To another skep or Riemann, at this address.
    Forward(String),
    /// Into the index, and with it to alerts, store and live pages.
    Index,
    /// To all streams, as if it had just come in.
    Reinject,
}

/// Ways out, in the order of the file.
#[derive(Clone, Debug)]
pub struct Out(pub Vec<Way>);

/// What goes out of a stream.
#[derive(Clone, Copy, Debug)]
pub struct Outgoing<'a> {
    /// The stream's name.
    pub stream: &'a str,
    /// Where to; never [`Way::Index`] or [`Way::Reinject`], which the engine sees to.
    pub way: &'a Way,
    /// The engine's `now`.
    pub now: Timestamp,
    /// What.
    pub signal: Signal<'a>,
}

impl Passing for Out {
    fn on(&self, signal: Signal<'_>, run: &mut Run<'_>) -> Done {
        for way in &self.0 {
            let target = match way {
                Way::Index => Target::Index,
                Way::Reinject => Target::All,
                Way::Tap(_) | Way::Log | Way::Influx | Way::Forward(_) => {
                    let program = run.program;
                    run.out.fx.outgoing(&Outgoing { stream: &program.name, way, now: run.now, signal });
                    continue;
                }
            };
            match signal {
                Signal::One(event) => make(event, target, run),
                Signal::Many(events) => events.iter().flatten().for_each(|event| make(&event, target, run)),
            }
        }
        run.emit(signal)
    }
}

fn make(event: &View<'_>, target: Target, run: &mut Run<'_>) {
    run.make(event, target);
}
