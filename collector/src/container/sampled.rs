//! One container while it is watched: its open files and its series, and a turn of samples.

use std::sync::Arc;

use event::{Duration, Timestamp};

use super::farewell::Last;
use super::files::{Files, Usage};
use super::happening::Action;
use super::limits::Limits;
use super::network::Network;
use super::ooms::Ooms;
use super::pressure;
use super::publish::publish;
use super::rate::{CpuRate, ThrottledRate};
use super::series::{Out, Series, Value};
use super::{Facts, Gone, Happening, Size};
use crate::kernel::cgroup::{Device, Io};

/// How often ids, texts and counts that seldom change are sampled; when they do change, at once.
const TELL_EVERY: Duration = Duration::from_secs(10);

/// What holds for the whole machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Machine {
    /// CPUs that are online.
    pub n_cpus: u32,
    /// Bytes of memory: the limit of a container that has none.
    pub memory: u64,
}

/// A container that is shown.
#[derive(Debug)]
pub(super) struct Sampled {
    /// What Docker said last.
    pub facts: Facts,
    name: String,
    open: Option<Open>,
    cpu_rate: CpuRate,
    throttled_rate: ThrottledRate,
    ooms: Ooms,
    cpu: Series,
    memory: Series,
    io: Series,
    devices: Vec<(Device, Series)>,
    pids: Series,
    /// Of CPU, memory and IO.
    pressure: [Series; 3],
    status: Series,
    health: Series,
    size: Series,
    /// From when on what Docker told is sampled again.
    told_again: Timestamp,
    is_told: bool,
}

/// What is open while its process lives.
#[derive(Debug)]
pub(super) struct Open {
    /// Files of its control groups, which the last look shares.
    pub files: Arc<Files>,
    /// Its limits, as last read.
    pub limits: Limits,
    /// `None` where it uses the host's network, or has none.
    pub network: Option<Network>,
}

impl Sampled {
    /// A container that is shown under `name`; nothing is opened yet.
    pub(super) fn new(name: &str, facts: Facts) -> Self {
        let series = |measurement| Series::of_container(measurement, name, &facts.identity);
        Self {
            name: name.to_owned(),
            open: None,
            cpu_rate: CpuRate::default(),
            throttled_rate: ThrottledRate::default(),
            ooms: Ooms::default(),
            cpu: series("docker_container_cpu"),
            memory: series("docker_container_mem"),
            io: series("docker_container_blkio").with("device", "total"),
            devices: Vec::new(),
            pids: series("docker_container_status"),
            pressure: [
                series("docker_container_cpu"),
                series("docker_container_mem"),
                series("docker_container_blkio").with("device", "total"),
            ],
            status: series("docker_container_status"),
            health: series("docker_container_health"),
            size: series("docker_disk_usage"),
            told_again: Timestamp::default(),
            is_told: false,
            facts,
        }
    }

    /// The name its samples carry.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Whether its files are open.
    pub(super) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Takes the files that were opened for it.
    pub(super) fn opened(&mut self, open: Open) {
        self.forget_rates();
        self.ooms = Ooms::default();
        self.open = Some(open);
    }

    /// Docker tells that the kernel has killed one of its processes for want of memory. Says whether that is news.
    pub(super) fn told_of_oom(&mut self) -> bool {
        self.ooms.told()
    }

    /// Tells of such a kill in Docker's place.
    fn tell_of_oom(&self, time: Timestamp, out: &mut impl Out) {
        let identity = self.facts.identity.clone();
        let happening = Happening { id: self.facts.id.clone(), identity, action: Action::Oom, time, exit_code: None, detail: None };
        publish(&happening, None, out);
    }

    /// Closes all, to be opened anew.
    pub(super) fn close(&mut self) {
        self.open = None;
        self.forget_rates();
    }

    fn forget_rates(&mut self) {
        self.cpu_rate.reset();
        self.throttled_rate.reset();
    }

    /// Its process has ended: closes all, since an open file keeps the network namespace alive, and says that what its
    /// counters told of has ended. What comes under its name next counts from its own beginning.
    pub(super) fn end_counters(&mut self, out: &mut impl Out) {
        if let Some(network) = self.open.as_mut().and_then(|open| open.network.as_mut()) {
            network.expire(out);
        }
        self.close();
        let counters = [&mut self.cpu, &mut self.memory, &mut self.io, &mut self.pids].into_iter();
        for series in counters.chain(&mut self.pressure).chain(self.devices.iter_mut().map(|(_, series)| series)) {
            series.expire(out);
        }
    }

    /// It is no more, or no more under this name: says so of all its series.
    pub(super) fn end(&mut self, out: &mut impl Out) {
        self.end_counters(out);
        self.status.expire(out);
        self.health.expire(out);
        self.size.expire(out);
    }

    /// Takes what is new about it, which is sampled in the next turn.
    pub(super) fn learn(&mut self, facts: Facts, buffer: &mut Vec<u8>) {
        self.facts = facts;
        self.told_again = Timestamp::default();
        self.read_limits(buffer);
    }

    /// Reads its limits again.
    pub(super) fn read_limits(&mut self, buffer: &mut Vec<u8>) {
        if let Some(open) = &mut self.open {
            open.limits = open.files.limits(buffer);
        }
    }

    /// Samples what its files tell. `now` is when they are read, by a clock that the percentages go by;
    /// `due` is the time that the samples carry.
    ///
    /// # Errors
    /// [`Gone`] when they tell nothing any more; then all are closed.
    pub(super) fn sample(
        &mut self,
        now: Timestamp,
        due: Timestamp,
        machine: Machine,
        scratch: &mut Scratch,
        out: &mut impl Out,
    ) -> Result<(), Gone> {
        let Some(open) = &mut self.open else { return Ok(()) };
        let (buffer, usage) = (&mut scratch.buffer, &mut scratch.usage);
        if open.files.read(buffer, usage).is_err() {
            self.end_counters(out);
            return Err(Gone);
        }
        // The namespace outlives the process while the file is open; that the process has ended was seen above.
        let network = open.network.as_mut().map(|network| network.sample(buffer, &self.name, &self.facts, out));
        let limits = open.limits;
        if network.is_some_and(|read| read.is_err()) {
            open.network = None;
        }
        self.put_cpu(Some(now), usage, limits, machine, out);
        self.put_memory(usage, limits, machine, out);
        self.put_io(usage, out);
        if usage.memory.oom_kill.is_some_and(|kills| self.ooms.counted(kills)) {
            self.tell_of_oom(due, out);
        }
        Ok(())
    }

    /// Samples what it had used when its process ended, at `time` by Docker's clock.
    /// There are no percentages: the time since the last turn is not known.
    pub(super) fn put_last(&mut self, last: &Last, time: Timestamp, machine: Machine, out: &mut impl Out) {
        let network = self.open.as_mut().and_then(|open| open.network.as_mut());
        if let (Some(network), Some(text)) = (network, &last.net_dev) {
            network.put(text, &self.name, &self.facts, out);
        }
        let usage = &last.usage;
        // One that lived for less than a turn: its limits are not known any more.
        let limits = self.open.as_ref().map_or_else(Limits::default, |open| open.limits);
        self.forget_rates();
        self.put_cpu(None, usage, limits, machine, out);
        self.put_memory(usage, limits, machine, out);
        self.put_io(usage, out);
        if usage.memory.oom_kill.is_some_and(|kills| self.ooms.ended(kills)) {
            self.tell_of_oom(time, out);
        }
        self.is_told = true;
    }

    /// Whether its last sample was taken in this turn: its next process is sampled from the next turn on.
    pub(super) fn is_told(&mut self) -> bool {
        std::mem::take(&mut self.is_told)
    }

    fn put_cpu(&mut self, now: Option<Timestamp>, usage: &Usage, limits: Limits, machine: Machine, out: &mut impl Out) {
        let Some(time) = usage.cpu else { return };
        let percent = now.and_then(|now| self.cpu_rate.percent(time.total, now));
        let of = |n_cpus: f64| percent.and_then(|percent| Value::float(percent / n_cpus));
        let stops = usage.throttling.filter(|stops| limits.cpu.is_some() || stops.periods > 0);
        let stopped = stops.and_then(|stops| self.throttled_rate.percent(stops)).and_then(Value::float);
        self.cpu.put(
            out,
            &[
                ("usage_total", Some(Value::int(time.total))),
                ("usage_in_usermode", Some(Value::int(time.user))),
                ("usage_in_kernelmode", Some(Value::int(time.system))),
                ("usage_percent", of(1.0)),
                ("usage_host_percent", of(f64::from(machine.n_cpus))),
                ("usage_limit_percent", limits.cpu.and_then(|quota| of(quota.cpus()))),
                ("throttling_periods", stops.map(|stops| Value::int(stops.periods))),
                ("throttling_throttled_periods", stops.map(|stops| Value::int(stops.throttled_periods))),
                ("throttling_throttled_time", stops.map(|stops| Value::int(stops.throttled_ns))),
                ("throttling_percent", stopped),
            ],
        );
    }

    fn put_memory(&mut self, usage: &Usage, limits: Limits, machine: Machine, out: &mut impl Out) {
        let memory = &usage.memory;
        let Some(used) = memory.usage else { return };
        // The kernel takes any number for a limit; more than there is limits nothing.
        let limit = limits.memory.filter(|limit| *limit > 0).map_or(machine.memory, |limit| limit.min(machine.memory));
        let working_set = memory.working_set();
        let percent = working_set.and_then(|bytes| Value::float(bytes as f64 * 100.0 / limit as f64));
        let stat = &memory.stat;
        self.memory.put(
            out,
            &[
                ("usage", Some(Value::int(used))),
                ("working_set", working_set.map(Value::int)),
                ("limit", Some(Value::int(limit))),
                ("usage_percent", percent),
                ("max_usage", memory.max_usage.map(Value::int)),
                ("failcnt", memory.failcnt.map(Value::int)),
                ("oom_kill", memory.oom_kill.map(Value::int)),
                ("events_high", memory.high.map(Value::int)),
                ("events_oom", memory.oom.map(Value::int)),
                ("rss", stat.rss.map(Value::int)),
                ("cache", stat.cache.map(Value::int)),
                ("mapped_file", stat.mapped_file.map(Value::int)),
                ("swap", stat.swap.map(Value::int)),
                ("kernel", stat.kernel.map(Value::int)),
                ("pgfault", stat.pgfault.map(Value::int)),
                ("pgmajfault", stat.pgmajfault.map(Value::int)),
            ],
        );
    }

    fn put_io(&mut self, usage: &Usage, out: &mut impl Out) {
        if !usage.counts_io {
            return;
        }
        let mut total = Io::default();
        for (device, io) in &usage.io {
            total.add(*io);
            let index = self.devices.iter().position(|(known, _)| known == device).unwrap_or_else(|| {
                let text = device.to_string();
                let series = Series::of_part("docker_container_blkio", &self.name, &self.facts.identity, &text);
                self.devices.push((*device, series.with("device", &text)));
                self.devices.len() - 1
            });
            if let Some((_, series)) = self.devices.get_mut(index) {
                put_device(series, *io, out);
            }
        }
        put_device(&mut self.io, total, out);
    }

    /// Samples how large its files are.
    pub(super) fn put_size(&mut self, size: Size, out: &mut impl Out) {
        self.size.put(out, &[("size_rw", Some(Value::int(size.writable))), ("size_root_fs", Some(Value::int(size.all)))]);
    }

    /// Samples how many processes it has, and now and then what Docker told of it.
    pub(super) fn put_status(&mut self, due: Timestamp, interval: Duration, scratch: &mut Scratch, out: &mut impl Out) {
        let limit = self.open.as_ref().and_then(|open| open.limits.pids);
        self.pids.put(out, &[("pids_current", scratch.usage.pids.map(Value::int)), ("pids_limit", limit.map(Value::int))]);
        if due < self.told_again {
            return;
        }
        // Of all containers in the same turn.
        let period = TELL_EVERY.micros();
        self.told_again = Timestamp::from_micros(due.micros().div_euclid(period).saturating_add(1).saturating_mul(period));
        out.every(TELL_EVERY.max(interval));
        self.put_pressure(&mut scratch.buffer, out);
        if let Some(network) = self.open.as_mut().and_then(|open| open.network.as_mut()) {
            network.sample_sockets(&mut scratch.buffer, out);
        }
        self.put_facts(due, out);
        out.every(interval);
    }

    /// Its averages go over ten seconds, as long as it takes until the next are read.
    fn put_pressure(&mut self, buffer: &mut Vec<u8>, out: &mut impl Out) {
        let Some(files) = self.open.as_ref().and_then(|open| open.files.pressure()) else { return };
        for (series, file) in self.pressure.iter_mut().zip(files) {
            pressure::put(file.read(buffer), series, out);
        }
    }

    fn put_facts(&mut self, now: Timestamp, out: &mut impl Out) {
        let facts = &self.facts;
        let running_since = facts.started.filter(|_| facts.status.is_live());
        let uptime = running_since.map(|started| Value::int(u64::try_from((now - started).micros()).unwrap_or(0).saturating_mul(1000)));
        let started = facts.started.map(|started| Value::int(u64::try_from(started.micros()).unwrap_or(0).saturating_mul(1000)));
        let (image, version) = facts.image_and_version();
        let int = |value: i64| Some(Value::Metric(event::Metric::Int(value)));
        self.status.put(
            out,
            &[
                ("container_status", Some(Value::Text(facts.status.as_str()))),
                ("container_id", Some(Value::Text(facts.id.as_str()))),
                ("container_image", Some(Value::Text(image)).filter(|_| !image.is_empty())),
                ("container_version", Some(Value::Text(version)).filter(|_| !version.is_empty())),
                ("restart_count", int(facts.restart_count)),
                ("exitcode", int(facts.exit_code)),
                ("oomkilled", int(i64::from(facts.oom_killed))),
                ("started_at", started),
                ("uptime_ns", uptime),
            ],
        );
        match &facts.health {
            Some(health) => {
                let fields = [("health_status", Some(Value::Text(&health.status))), ("failing_streak", int(health.failing_streak))];
                self.health.put(out, &fields);
            }
            None => _ = self.health.expire(out),
        }
    }
}

fn put_device(series: &mut Series, io: Io, out: &mut impl Out) {
    series.put(
        out,
        &[
            ("io_service_bytes_recursive_read", Some(Value::int(io.read_bytes))),
            ("io_service_bytes_recursive_write", Some(Value::int(io.write_bytes))),
            ("io_serviced_recursive_read", Some(Value::int(io.reads))),
            ("io_serviced_recursive_write", Some(Value::int(io.writes))),
        ],
    );
}

/// What all containers share while they are sampled one after the other.
#[derive(Clone, Debug, Default)]
pub(super) struct Scratch {
    /// What a file holds.
    pub buffer: Vec<u8>,
    /// What the last container has used.
    pub usage: Usage,
}
