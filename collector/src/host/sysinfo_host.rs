//! The basic set where there is no `/proc/stat`, by way of sysinfo: `cpu`, `mem`, `swap`, `system`.

use event::Duration;
use sysinfo::{CpuRefreshKind, MemoryRefreshKind, System};

use crate::{Error, Sampler, Samples, Series, Turn, float, int};

/// sysinfo refuses to look at the processors more often than each 200 ms.
const EVERY: Duration = Duration::from_secs(1);

/// The state of sysinfo and the series.
#[derive(Debug)]
pub(super) struct SysinfoHost {
    machine: System,
    has_baseline: bool,
    cpu: Series<2>,
    mem: Series<6>,
    swap: Series<4>,
    system: Series<8>,
}

impl SysinfoHost {
    /// # Errors
    /// A platform that sysinfo does not know either.
    pub(super) fn new() -> Result<Self, sysinfo::Error> {
        Ok(Self {
            machine: System::new()?,
            has_baseline: false,
            cpu: Series::new("cpu", None, ["usage_active", "usage_idle"], &[("cpu", "cpu-total")]),
            mem: Series::plain("mem", ["total", "available", "used", "free", "used_percent", "available_percent"]),
            swap: Series::plain("swap", ["total", "used", "free", "used_percent"]),
            system: Series::plain(
                "system",
                ["load1", "load5", "load15", "load1_per_cpu", "load5_per_cpu", "load15_per_cpu", "n_cpus", "uptime"],
            ),
        })
    }

    /// The first look gives no share.
    fn put_cpu(&mut self, out: &mut Samples) {
        self.machine.refresh_cpu_specifics(CpuRefreshKind::nothing().with_usage());
        let active = f64::from(self.machine.global_cpu_usage());
        if std::mem::replace(&mut self.has_baseline, true) {
            self.cpu.put(out, [float(active), float(100.0 - active)]);
        }
    }

    fn put_memory(&mut self, out: &mut Samples) {
        let machine = &mut self.machine;
        machine.refresh_memory_specifics(MemoryRefreshKind::everything());
        let (total, available) = (machine.total_memory(), machine.available_memory());
        let used = total.saturating_sub(available);
        let values = [int(total), int(available), int(used), int(machine.free_memory()), share(used, total), share(available, total)];
        self.mem.put(out, values);
        let (total, used) = (machine.total_swap(), machine.used_swap());
        let percent = share(used, total).or(float(0.0));
        self.swap.put(out, [int(total), int(used), int(machine.free_swap()), percent]);
    }

    fn put_system(&self, out: &mut Samples) {
        // Not every platform has both; what it lacks is left out.
        let loads = System::load_average().map_or([f64::NAN; 3], |load| [load.one, load.five, load.fifteen]);
        let n_cpus = Some(self.machine.cpus().len()).filter(|n| *n > 0);
        let [load1, load5, load15] = loads.map(float);
        let [each1, each5, each15] = loads.map(|load| float(load / n_cpus? as f64));
        let n_cpus = n_cpus.and_then(|n| int(n as u64));
        self.system.put(out, [load1, load5, load15, each1, each5, each15, n_cpus, System::uptime().ok().and_then(int)]);
    }
}

fn share(part: u64, of: u64) -> Option<event::Metric> {
    (of > 0).then(|| float(part as f64 * 100.0 / of as f64)).flatten()
}

impl Sampler for SysinfoHost {
    fn name(&self) -> &'static str {
        "sysinfo"
    }

    fn every(&self) -> Duration {
        EVERY
    }

    fn sample(&mut self, _turn: &mut Turn<'_>, out: &mut Samples) -> Result<(), Error> {
        self.put_cpu(out);
        self.put_memory(out);
        self.put_system(out);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use event::{Event, Name, Timestamp, msg};

    use super::*;

    #[test]
    fn the_basic_set_is_in_the_catalogue_with_its_types() {
        let mut sampler = SysinfoHost::new().unwrap();
        let mut samples = Samples::new("node1");
        let mut buffer = Vec::new();
        for secs in 1..=2 {
            let time = Timestamp::from_secs(secs);
            samples.begin(time);
            sampler.sample(&mut Turn { due: time, now: time, buffer: &mut buffer }, &mut samples).unwrap();
        }
        let events: Vec<Event> = samples.messages().flat_map(msg::events).map(|view| Event::from(&view)).collect();
        for event in &events {
            let name = Name::split(event.service.as_deref().unwrap()).unwrap();
            let metric = catalogue::find(name.measurement, name.field).unwrap();
            assert_eq!(metric.is_float, matches!(event.metric, Some(event::Metric::Float(_))), "{name}");
        }
        assert!(events.len() >= 12, "{} samples", events.len());
    }
}
