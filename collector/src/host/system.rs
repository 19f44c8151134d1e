//! `system`: load and uptime; and of `processes` the number of all tasks, which stands in the same file.

use crate::kept::{File, Shape};
use crate::kernel::loadavg::Loadavg;
use crate::kernel::{cpu_list, uptime};
use crate::{Error, Root, Sampler, Samples, Series, Switches, Turn, float, int};

const FIELDS: [&str; 8] = ["load1", "load5", "load15", "load1_per_cpu", "load5_per_cpu", "load15_per_cpu", "n_cpus", "uptime"];

/// The open files and the series.
#[derive(Debug)]
pub(super) struct System {
    loadavg: File,
    uptime: File,
    /// `None` where `/sys` is not mounted: there are no values per processor then.
    online: Option<File>,
    system: Option<Series<8>>,
    processes: Option<Series<1>>,
}

impl System {
    pub(super) fn open(root: &Root, switches: Switches) -> Result<Self, Error> {
        Ok(Self {
            loadavg: File::open(root.proc("loadavg"), Shape::Whole)?,
            uptime: File::open(root.proc("uptime"), Shape::Whole)?,
            online: File::open(root.path("/sys/devices/system/cpu/online"), Shape::Whole).ok(),
            system: switches.system.then(|| Series::plain("system", FIELDS)),
            processes: switches.processes.then(|| Series::plain("processes", ["total_threads"])),
        })
    }

    fn n_cpus(&self, buffer: &mut Vec<u8>) -> Result<Option<u64>, Error> {
        let Some(file) = &self.online else { return Ok(None) };
        Ok(cpu_list::count(file.read(buffer)?).filter(|count| *count > 0))
    }
}

impl Sampler for System {
    fn name(&self) -> &'static str {
        "system"
    }

    fn sample(&mut self, turn: &mut Turn<'_>, out: &mut Samples) -> Result<(), Error> {
        let load = Loadavg::parse(self.loadavg.read(turn.buffer)?).ok_or_else(|| self.loadavg.lacks("load averages"))?;
        if let Some(series) = &self.processes {
            series.put(out, [int(load.threads)]);
        }
        let Some(series) = &self.system else { return Ok(()) };
        let uptime = uptime::parse(self.uptime.read(turn.buffer)?).ok_or_else(|| self.uptime.lacks("uptime"))?;
        let n_cpus = self.n_cpus(turn.buffer)?;
        let per_cpu = |load: f64| float(load / n_cpus? as f64);
        let loads = [load.load1, load.load5, load.load15];
        let [load1, load5, load15] = loads.map(float);
        let [each1, each5, each15] = loads.map(per_cpu);
        series.put(out, [load1, load5, load15, each1, each5, each15, n_cpus.and_then(int), int(uptime as u64)]);
        Ok(())
    }
}
