//! The load that the store's figures are of: a hundred devices of forty metrics, a value of each a second.
//!
//! Constants, zeros, idle and busy counters, page-sized memory, percentages and noise, in the shares that a swarm's metrics have.

use event::{LabelsBuf, Metric};

/// Devices.
pub(crate) const N_ENTITIES: u32 = 100;

/// Metrics of each.
pub(crate) const N_FIELDS: u32 = 40;

/// The measurement that they are stored under.
pub(crate) const MEASUREMENT: &str = "docker_container_bench";

/// What makes the values.
pub(crate) struct Mix {
    counters: Vec<i64>,
    random: u64,
}

impl Mix {
    /// Counters begin at nothing.
    pub(crate) fn new() -> Self {
        Self { counters: vec![0; (N_ENTITIES * N_FIELDS) as usize], random: 1 }
    }

    /// Service and labels of every series, those of one device together.
    pub(crate) fn series() -> Vec<(String, LabelsBuf)> {
        (0..N_ENTITIES).flat_map(|entity| (0..N_FIELDS).map(move |field| named(entity, field))).collect()
    }

    /// The next value of a series, of the kind that its metric has.
    pub(crate) fn value(&mut self, at: usize) -> Metric {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let noise = self.random >> 33;
        let mut busy = |by: u64| {
            self.counters.get_mut(at).map_or(0, |counter| {
                *counter += by.cast_signed();
                *counter
            })
        };
        match at % N_FIELDS as usize {
            0..6 => Metric::Int(8_000_000_000),
            6..12 => Metric::Float(0.0),
            12..18 => Metric::Int(busy(u64::from(noise.is_multiple_of(200)))),
            18..26 => Metric::Int(busy(10_000 + noise % 5_000)),
            26..32 => Metric::Int(4096 * (50_000 + (noise % 64).cast_signed())),
            32..37 => Metric::Float((noise % 2_000) as f64 / 100.0),
            _ => Metric::Float(noise as f64 / 7e3),
        }
    }
}

fn named(entity: u32, field: u32) -> (String, LabelsBuf) {
    let mut labels = LabelsBuf::new();
    labels.mark(b"skep").attribute(b"container_name", format!("web.{entity}").as_bytes());
    (format!("{MEASUREMENT}/web.{entity}/f{field}"), labels)
}
