//! A rule file's text, loaded as `skep process` loads it, in an engine on simulated time.

use std::sync::Arc;

use engine::query::Query;
use engine::rules::{Plan, Settings};
use engine::streams::{Outgoing, Signal, Way};
use engine::{Effects, Engine, Kind, Limits, Message, Series, SeriesId, Transition};
use event::{Event, Timestamp, View};
use processor::config;
use serde_json::{Value, json};

use crate::events::{TIMELESS, encode, timestamp, to_json};
use crate::yaml;

/// An engine, and what it gave out.
pub(crate) struct Simulation {
    engine: Engine,
    pub(crate) taps: Taps,
}

/// What the taps got.
#[derive(Default)]
pub(crate) struct Taps(pub(crate) Vec<Value>);

impl Effects for Taps {
    fn event(&mut self, _: Series<'_>, _: &View<'_>, _: Kind) {}
    fn expired(&mut self, _: Series<'_>, _: Timestamp) {}
    fn forgotten(&mut self, _: SeriesId) {}
    fn transition(&mut self, _: &Transition<'_>) {}
    fn message(&mut self, _: &Message<'_>) {}

    fn outgoing(&mut self, out: &Outgoing<'_>) {
        let Way::Tap(tap) = out.way else { return };
        let t = out.now.as_secs_f64();
        self.0.push(match out.signal {
            Signal::One(event) => json!({"t": t, "tap": tap, "event": to_json(event)}),
            Signal::Many(events) => {
                let events: Vec<_> = events.iter().map(|event| event.map_or(Value::Null, |event| to_json(&event))).collect();
                json!({"t": t, "tap": tap, "events": events})
            }
        });
    }
}

impl Simulation {
    /// Loads a stream of these steps, in an index as the case wants it.
    pub(crate) fn new(steps: &Value, index: &Value, start: f64) -> Result<Self, String> {
        let marked = format!("tagged {}", Value::from(TIMELESS));
        let text = yaml::text(&json!({
            "index": index,
            "streams": {
                // Riemann's streams may see events without time; nobody can send one.
                "timeless": {"where": marked, "steps": [{"untag": [TIMELESS]}, {"set": {"time": null}}, {"reinject": true}]},
                "case": {"where": format!("not {marked}"), "steps": steps},
            }
        }));
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("case.yaml"), &text).unwrap();
        let rules = config::load_rules(&[folder.path().to_owned()]);
        let (rules, _) = rules.map_err(|report| format!("{text}\n{}", report.text(false)))?;
        let settings = Settings { index: rules.index, ..Settings::default() };
        let plan = Plan::new(Vec::new(), settings).with_streams(&rules.streams);
        let mut simulation = Self { engine: Engine::new(Arc::new(plan), Limits::default()), taps: Taps::default() };
        simulation.advance(start);
        Ok(simulation)
    }

    /// Goes on from a snapshot.
    pub(crate) fn restart(&mut self) {
        let mut bytes = Vec::new();
        self.engine.snapshot(&mut bytes);
        let plan = Arc::clone(self.engine.plan());
        self.engine = Engine::restore(&bytes, plan, Limits::default()).unwrap();
    }

    pub(crate) fn advance(&mut self, t: f64) {
        self.engine.on_tick(timestamp(t), &mut self.taps);
    }

    pub(crate) fn feed(&mut self, t: f64, event: &Event) {
        self.engine.on_batch(timestamp(t), &encode(event), &mut self.taps);
    }

    /// The index, in the order of host and service.
    pub(crate) fn index(&self) -> Vec<Value> {
        let mut found = Vec::new();
        self.engine.query(&Query::ALL, |entry| found.push(Event::from(&entry.event)));
        found.sort_by(|a, b| (&a.host, &a.service).cmp(&(&b.host, &b.service)));
        found.iter().map(|event| event.with_view(to_json)).collect()
    }
}
