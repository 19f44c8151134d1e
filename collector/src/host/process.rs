//! `skep_collector`: what the process costs that the collector is part of.

use std::fs;
use std::path::Path;

use event::Duration;
use rustix::time::{ClockId, clock_gettime};

use crate::kept::{File, Shape};
use crate::kernel::number::{whole, words};
use crate::{Error, Sampler, Samples, Series, Turn, float, int};

/// Nobody needs to know it sooner.
const EVERY: Duration = Duration::from_secs(10);

/// Its own entry of `/proc`, also where the host's is mounted elsewhere.
const STATM: &str = "/proc/self/statm";
const OPEN_FILES: &str = "/proc/self/fd";

/// The open file and the series.
#[derive(Debug)]
pub(super) struct Process {
    statm: File,
    page_size: u64,
    series: Series<3>,
}

impl Process {
    pub(super) fn open() -> Result<Self, Error> {
        let series = Series::plain("skep_collector", ["cpu_seconds", "resident_bytes", "open_files"]);
        Ok(Self { statm: File::open(STATM, Shape::Whole)?, page_size: rustix::param::page_size() as u64, series })
    }
}

impl Sampler for Process {
    fn name(&self) -> &'static str {
        "process"
    }

    fn every(&self) -> Duration {
        EVERY
    }

    fn sample(&mut self, turn: &mut Turn<'_>, out: &mut Samples) -> Result<(), Error> {
        let used = clock_gettime(ClockId::ProcessCPUTime);
        let seconds = used.tv_sec as f64 + used.tv_nsec as f64 / 1e9;
        let pages = resident_pages(self.statm.read(turn.buffer)?).ok_or_else(|| self.statm.lacks("number of resident pages"))?;
        self.series
            .put(out, [float(seconds), int(pages.saturating_mul(self.page_size)), n_open_files(Path::new(OPEN_FILES)).and_then(int)]);
        Ok(())
    }
}

/// The second number of `statm`.
fn resident_pages(text: &[u8]) -> Option<u64> {
    words(text.trim_ascii_end()).nth(1).and_then(whole)
}

/// The folder's size since kernel 6.2; before, it is 0 and the files must be counted.
pub(super) fn n_open_files(folder: &Path) -> Option<u64> {
    let size = rustix::fs::stat(folder).ok()?.st_size;
    match u64::try_from(size).ok()? {
        0 => Some(fs::read_dir(folder).ok()?.count() as u64),
        n => Some(n),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_number_is_what_is_resident() {
        assert_eq!(resident_pages(b"2110 1035 866 200 0 455 0\n"), Some(1035));
        for text in ["", "2110", "2110 x"] {
            assert_eq!(resident_pages(text.as_bytes()), None, "{text:?}");
        }
    }

    #[test]
    fn a_test_has_files_open() {
        assert!(n_open_files(Path::new(OPEN_FILES)).is_some_and(|n| n >= 3));
    }
}
