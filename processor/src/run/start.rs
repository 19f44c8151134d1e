//! Starting a processor: addresses and folder first, then what was running before, then whoever may send.

use std::sync::Arc;

use engine::rules::Plan;
use event::Duration;
use transport::log::{self, Position};
use transport::{Ingest, ingest, shutdown};

use super::handle::Handle;
use super::listen::{self, Listeners};
use super::settings::{Journal, Settings};
use super::threads::{self, Behind, Inlets};
use super::{Plans, StartError, files, folder};
use crate::driver::clock::{Clock, Source};
use crate::driver::fanout::Fanout;
use crate::driver::keeper::KeeperThread;
use crate::driver::notifier::Notifier;
use crate::driver::recover::{self, Opened, Recovered};
use crate::driver::request::Request;
use crate::driver::stats::Stats;
use crate::driver::thread::{Driver, wait};
use crate::own::{Own, Publishing};
use crate::quiet::Silence;
use crate::reload::{Read, Reloader, Telling};
use crate::web::{Guard, Site};
use crate::{notify, send, sink, store};

/// How often the journal is brought to the disk: what a power cut may cost.
const SYNC_EVERY: std::time::Duration = std::time::Duration::from_secs(1);

/// A journal of less could be filled by four messages of the greatest size.
const MIN_JOURNAL: u64 = 64 << 20;

/// Between two looks whether a slow disk has made room, while the journal is applied.
const REPLAY_WAIT: Duration = Duration::from_micros(2_000);

/// The ways out, opened, with what other threads need of them.
struct Outside {
    fanout: Fanout,
    behind: Behind,
    store: Option<store::Handle>,
    influx: Vec<(String, sink::influx::Handle)>,
    forward: Vec<sink::forward::Handle>,
    sent: send::Handle,
}

/// Starts a processor that runs `plan`; returns once it is ready. `read` reads the rules anew when somebody asks for it.
///
/// # Errors
/// [`StartError`], as a sentence with the next step.
pub fn start(settings: Settings, plan: impl Into<Plans>, read: Read) -> Result<Handle, StartError> {
    let plan = plan.into();
    let telling = Telling::of(&plan);
    let Plans { rules: plan, notify, silences, written } = plan;
    files::raise_limit();
    let lock = folder::take(&settings.data_dir)?;
    let Listeners { http, http_address, riemann, tls, sse, lines, further } = listen::bind(&settings)?;
    let riemann_address = riemann.as_ref().map(|riemann| riemann.address);
    let (ingest, requests, inbox) = ingest::channel::<Request>(ingest::Limits { memory: settings.ingest_memory });
    let outside = open_outside(&settings, &notify)?;
    let stats = Arc::new(Stats::default());
    let own = own(&stats, &ingest, &outside);
    let guard = Guard::new(http_address.ip(), settings.token.clone(), settings.web.auth.clone());
    if !http_address.ip().is_loopback() && settings.web.auth.is_none() {
        tracing::warn!("whoever reaches http://{http_address}/ can read all that skep knows; `processor.web.auth` asks who they are");
    }
    let reloader = Arc::new(Reloader::new(read, requests.clone(), own.clone(), telling, written));
    let site =
        Arc::new(Site::new(requests.clone(), ingest.clone(), outside.store.clone(), own.clone(), reloader.clone(), guard, &settings));
    let (web_trigger, web_shutdown) = shutdown::channel();
    let web = threads::web(http, sse, site.clone(), web_shutdown)?;

    let source = Source::start();
    let (machine, recovered, behind) = take_up(&settings, Arc::new(plan), silences, outside)?;
    let (machine, clock) = begin(machine, &recovered, &source, settings.start_grace);
    stats.set_now(clock.now());
    let engine = threads::engine(Driver::new(machine, inbox, source, clock, stats), behind)?;

    let (trigger, shutdown) = shutdown::channel();
    let publishing = Publishing { host: settings.host, every: settings.interval };
    let inlets = Inlets { riemann, tls, lines, ingest: ingest.clone(), own: own.clone(), publishing };
    let inlets = threads::inlets(inlets, shutdown)?;
    site.set_ready();
    Ok(Handle {
        http: http_address,
        riemann: riemann_address,
        further,
        ingest,
        own,
        reloader,
        requests,
        inlets: Some((trigger, inlets)),
        engine: Some(engine),
        web: Some((web_trigger, web)),
        _lock: lock,
    })
}

fn open_outside(settings: &Settings, notify: &Arc<notify::Plan>) -> Result<Outside, StartError> {
    let mut behind = Behind { influx: Vec::new(), store: None, sync: None };
    let (mut influx, mut handles) = (Vec::new(), Vec::new());
    for one in &settings.influx {
        let (outlet, handle, thread) = sink::influx::open(one.clone())?;
        influx.push(outlet);
        handles.push((handle.address().to_owned(), handle));
        behind.influx.push(thread);
    }
    let (mut outlet, mut handle) = (None, None);
    if let Some(settings) = &settings.store {
        let (opened, asked, thread) = store::open(settings)?;
        (outlet, handle, behind.store) = (Some(opened), Some(asked), Some(thread));
    }
    let failed = |source| StartError::Folder { path: settings.data_dir.clone(), source };
    let mut forward = (Vec::new(), Vec::new());
    for one in &settings.forward {
        let (outlet, handle) = sink::forward::open(one.clone()).map_err(failed)?;
        forward.0.push(outlet);
        forward.1.push(handle);
    }
    let notifier = Notifier::start(&settings.data_dir.join("outbox")).map_err(failed)?;
    let (send, sent) = send::open(&settings.data_dir.join("notify"), &settings.host, Arc::clone(notify)).map_err(failed)?;
    let fanout = Fanout::new(influx, outlet, forward.0, notifier, send);
    Ok(Outside { fanout, behind, store: handle, influx: handles, forward: forward.1, sent })
}

fn own(stats: &Arc<Stats>, ingest: &Ingest, outside: &Outside) -> Arc<Own> {
    let Outside { store, influx, forward, sent, .. } = outside;
    Arc::new(Own::new(stats.clone(), ingest.clone(), store.clone(), influx.clone(), forward.clone(), sent.clone()))
}

type Machine = crate::driver::machine::Machine<log::Log, Fanout, KeeperThread>;

fn take_up(
    settings: &Settings,
    plan: Arc<Plan>,
    silences: Vec<Silence>,
    outside: Outside,
) -> Result<(Machine, Recovered, Behind), StartError> {
    let failed = |source| StartError::Recover { path: settings.data_dir.clone(), source };
    let (on, max_bytes) = match settings.journal {
        Journal::Off => (false, log::Options::default().max_bytes),
        Journal::On { max_bytes } => (true, max_bytes),
    };
    let max_bytes = max_bytes.max(MIN_JOURNAL);
    let usual = log::Options::default();
    // Whole segments are given back: with four of them a snapshot always makes room.
    let segment_bytes = u32::try_from(max_bytes / 4).unwrap_or(u32::MAX).min(usual.segment_bytes);
    let options = log::Options { segment_bytes, max_bytes, after: Position::START };
    let mut opened = Opened::open(&settings.data_dir, on, options, plan.clone(), settings.limits).map_err(failed)?;
    // Those that run now hold back what the journal says again, too.
    opened.quiet.set_rules(plan, silences, opened.now.unwrap_or_default());
    let Outside { mut fanout, mut behind, .. } = outside;
    opened.quiet.retain_open(&opened.engine);
    fanout.restore(&opened.notices, &opened.engine, &opened.quiet);
    if on {
        behind.sync = Some(opened.syncer.clone().spawn(SYNC_EVERY)?);
    }
    let keeper = KeeperThread::start(opened.snapshots.clone(), opened.snapshot)?;
    let (machine, recovered) = opened.replay(fanout, |_| keeper, || wait(REPLAY_WAIT)).map_err(|error| failed(error.into()))?;
    Ok((machine, recovered, behind))
}

/// The time since the journal's last frame does not count; from here on time passes.
fn begin(mut machine: Machine, recovered: &Recovered, source: &Source, grace: Duration) -> (Machine, Clock) {
    let reading = source.read();
    let clock = Clock::begin(reading, recovered.now.unwrap_or_default());
    let now = clock.now();
    if let Some(gap) = recover::gap(recovered, now) {
        tracing::info!(
            "taken up after {gap}: {} series, {} frames of the journal applied",
            machine.engine().n_series(),
            recovered.n_frames
        );
        machine.gap(now, gap, grace);
    }
    machine.note_plan(now);
    (machine, clock)
}
