//! `skep_collector`: whether the collector keeps up.

use event::{Duration, LabelsBuf, Metric, Timestamp, View, mark};
use transport::publish::{Backlog, Counts};

use crate::{Samples, Series, float, int};

/// What the driver has counted since it started.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Tally {
    /// Turns skipped.
    pub(crate) turns_missed: u64,
    /// The turn before this, from its first read to its last.
    pub(crate) turn: Duration,
    /// How long after its due time this turn began.
    pub(crate) lateness: Duration,
    /// Samples and events handed to the way out.
    pub(crate) samples: u64,
    /// Samplers that could not do their part of a turn.
    pub(crate) read_errors: u64,
    /// What became of the messages of the turns before.
    pub(crate) batches: Counts,
    /// Where there is a budget: the part of a core that was used, and how many samplers are slowed for it.
    pub(crate) budget: Option<(f64, u64)>,
}

const BACKLOG: [&str; 4] = ["backlog_bytes", "backlog_age", "backlog_dropped", "backlog_failing"];

const FIELDS: [&str; 10] = [
    "turns_missed",
    "turn_us",
    "lateness_us",
    "samples",
    "read_errors",
    "batches_sent",
    "batches_failed",
    "batches_dropped",
    "waiting_bytes",
    "reconnects",
];

/// What each turn tells of the driver.
#[derive(Debug)]
pub(crate) struct Own {
    heartbeat: LabelsBuf,
    tally: Series<10>,
    backlog: Series<4>,
    budget: Series<2>,
}

impl Own {
    pub(crate) fn new() -> Self {
        let mut heartbeat = LabelsBuf::new();
        heartbeat.mark(mark::SKEP);
        Self {
            heartbeat,
            tally: Series::plain("skep_collector", FIELDS),
            backlog: Series::plain("skep_collector", BACKLOG),
            budget: Series::plain("skep_collector", ["budget_used_percent", "budget_slowed"]),
        }
    }

    /// Writes what the driver has counted.
    pub(crate) fn put(&self, tally: &Tally, out: &mut Samples) {
        let micros = |span: Duration| Some(Metric::Int(span.micros()));
        let Tally { turns_missed, turn, lateness, samples, read_errors, batches, budget } = *tally;
        let Counts { sent, acked: _, failed, dropped, reconnects, bytes_waiting, backlog } = batches;
        self.tally.put(
            out,
            [
                int(turns_missed),
                micros(turn),
                micros(lateness),
                int(samples),
                int(read_errors),
                int(sent),
                int(failed),
                int(dropped),
                int(bytes_waiting),
                int(reconnects),
            ],
        );
        if let Some((share, n_slowed)) = budget {
            self.budget.put(out, [float(share * 100.0), int(n_slowed)]);
        }
        if let Some(backlog) = backlog {
            self.put_backlog(backlog, out);
        }
    }

    fn put_backlog(&self, backlog: Backlog, out: &mut Samples) {
        let Backlog { bytes, oldest, dropped, is_failing } = backlog;
        let age = oldest.map_or(Duration::ZERO, |oldest| (out.due() - oldest).max(Duration::ZERO));
        self.backlog.put(out, [int(bytes), float(age.as_secs_f64()), int(dropped), int(u64::from(is_failing))]);
    }

    /// Writes the heartbeat. It alone carries not the turn's time but that of its sending, so that whoever receives it can
    /// tell how far the clocks are apart.
    pub(crate) fn beat(&self, sent: Timestamp, out: &mut Samples) {
        out.event(&View {
            time: Some(sent),
            service: Some(b"skep_collector/heartbeat"),
            metric: Some(Metric::Int(1)),
            labels: self.heartbeat.view(),
            ..View::default()
        });
    }
}
