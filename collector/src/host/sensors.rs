//! `temp`, `sensors` and `linux_cpu`: temperatures, fans and processor frequencies, as far as the machine has them.

use std::fs;
use std::path::Path;

use event::{Duration, Metric};

use crate::kept::{File, Shape};
use crate::kernel::sysctl::signed;
use crate::{Error, Root, Sampler, Samples, Series, Turn, float};

const EVERY: Duration = Duration::from_secs(10);

/// Each file is one number.
#[derive(Debug)]
pub(super) struct Sensors(Vec<Sensor>);

#[derive(Debug)]
struct Sensor {
    file: File,
    kind: Kind,
    series: Series<1>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// In thousandths of a degree.
    Temperature,
    /// Turns a minute of a fan, kHz of a processor.
    Whole,
}

impl Sensors {
    /// Lists what there is; a machine without any of it, as most virtual ones are, is an error.
    pub(super) fn open(root: &Root) -> Result<Self, Error> {
        let mut found = Vec::new();
        for chip in folders(&root.path("/sys/class/hwmon"), "hwmon") {
            of_chip(&chip, &mut found);
        }
        for zone in folders(&root.path("/sys/class/thermal"), "thermal_zone") {
            let name = format!("{}_{}", text(&zone.join("type")).unwrap_or_default(), file_name(&zone));
            add(&mut found, &zone.join("temp"), Kind::Temperature, || temperature(&name));
        }
        for cpu in folders(&root.path("/sys/devices/system/cpu"), "cpu") {
            let name = file_name(&cpu);
            let series = || Series::of("linux_cpu", &name, ["scaling_cur_freq"], &[("cpu", &name)]);
            add(&mut found, &cpu.join("cpufreq/scaling_cur_freq"), Kind::Whole, series);
        }
        if found.is_empty() {
            return Err(Error::Text { path: root.path("/sys/class/hwmon"), expected: "sensor" });
        }
        Ok(Self(found))
    }
}

/// `hwmon0/temp1_input`, `hwmon0/fan2_input`; a label, where there is one, says what is measured. Two chips of one name are
/// told apart by their folder.
fn of_chip(chip: &Path, found: &mut Vec<Sensor>) {
    let name = format!("{}_{}", text(&chip.join("name")).unwrap_or_default(), file_name(chip));
    for number in 1..=32 {
        let label = |kind: &str| text(&chip.join(format!("{kind}{number}_label"))).map_or_else(String::new, |label| format!("_{label}"));
        let temp = format!("{name}_temp{number}{}", label("temp"));
        add(found, &chip.join(format!("temp{number}_input")), Kind::Temperature, || temperature(&temp));
        let feature = format!("fan{number}{}", label("fan"));
        let instance = format!("{name}-{feature}");
        let fan = || Series::of("sensors", &instance, ["fan_input"], &[("chip", &name), ("feature", &feature)]);
        add(found, &chip.join(format!("fan{number}_input")), Kind::Whole, fan);
    }
}

fn temperature(name: &str) -> Series<1> {
    Series::of("temp", name, ["temp"], &[("sensor", name)])
}

fn add(found: &mut Vec<Sensor>, path: &Path, kind: Kind, series: impl FnOnce() -> Series<1>) {
    if let Ok(file) = File::open(path, Shape::Whole) {
        found.push(Sensor { file, kind, series: series() });
    }
}

/// Folders named so and a number, in the order of the numbers.
fn folders(parent: &Path, prefix: &str) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let number = |path: &Path| file_name(path).strip_prefix(prefix)?.parse::<u32>().ok();
    let mut found: Vec<_> = entries.map(|entry| entry.path()).filter_map(|path| Some((number(&path)?, path))).collect();
    found.sort();
    found.into_iter().map(|(_, path)| path).collect()
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// A name in lower case, with `_` for blanks and slashes, as Telegraf writes it.
fn text(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    Some(text.trim().to_lowercase().replace([' ', '/'], "_"))
}

impl Sampler for Sensors {
    fn name(&self) -> &'static str {
        "sensors"
    }

    fn every(&self) -> Duration {
        EVERY
    }

    /// A sensor that is asleep answers with an error; the others go on.
    fn sample(&mut self, turn: &mut Turn<'_>, out: &mut Samples) -> Result<(), Error> {
        let mut result = Ok(());
        for Sensor { file, kind, series } in &self.0 {
            let read = file.read(turn.buffer).and_then(|text| signed(text).ok_or_else(|| file.lacks("number")));
            match read {
                Ok(value) => series.put(out, [measured(*kind, value)]),
                Err(err) => result = result.and(Err(err)),
            }
        }
        result
    }
}

fn measured(kind: Kind, value: i64) -> Option<Metric> {
    match kind {
        Kind::Temperature => float(value as f64 / 1000.0),
        Kind::Whole => Some(Metric::Int(value)),
    }
}
