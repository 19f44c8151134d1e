//! The stack's own files, for a swarm that has Debian's InfluxDB instead of the stack's.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::command::run;
use super::project;

/// Laid over skep.yml.
pub(crate) const INFLUXDB: &str = "influxdb.yml";

/// In the place of the settings of an InfluxDB 2.
const INFLUX_1: &str = "  influx:\n    url: http://influxdb:8086\n    version: 1\n    database: swarm\n";

/// A copy of `vagrant/stack` as `folder`, with [`INFLUXDB`] beside skep.yml and settings for an InfluxDB 1; all else is as it is.
pub(crate) fn copy(folder: &Path) -> PathBuf {
    run(Command::new("cp").arg("-r").arg(project("vagrant/stack")).arg(folder));
    fs::copy(project("tests/common/influxdb.yml"), folder.join(INFLUXDB)).unwrap();
    change(folder, "skep.yaml", |text| text.split_once("  influx:\n").expect("settings of InfluxDB").0.to_owned() + INFLUX_1);
    folder.to_owned()
}

/// Changes one of its files.
pub(crate) fn change(folder: &Path, name: &str, change: impl Fn(String) -> String) {
    let file = folder.join(name);
    fs::write(&file, change(fs::read_to_string(&file).unwrap())).unwrap();
}
