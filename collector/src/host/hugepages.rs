//! `hugepages_root`: the pools of huge pages, one for each size; off unless asked for.

use std::fs;

use event::{Duration, Metric};

use crate::kept::{File, Shape};
use crate::kernel::sysctl::numbers;
use crate::{Error, Root, Sampler, Samples, Series, Turn, int};

const EVERY: Duration = Duration::from_secs(10);
const FIELDS: [&str; 4] = ["total", "free", "reserved", "surplus"];
/// In the order of the fields.
const FILES: [&str; 4] = ["nr_hugepages", "free_hugepages", "resv_hugepages", "surplus_hugepages"];

/// The pools.
#[derive(Debug)]
pub(super) struct Hugepages(Vec<Pool>);

#[derive(Debug)]
struct Pool {
    files: [File; 4],
    series: Series<4>,
}

impl Hugepages {
    /// Sizes never come while the kernel runs.
    pub(super) fn open(root: &Root) -> Result<Self, Error> {
        let folder = root.path("/sys/kernel/mm/hugepages");
        let entries = fs::read_dir(&folder).map_err(|source| Error::Read { path: folder.clone(), source })?;
        let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
        let mut sizes: Vec<u64> = names.filter_map(|name| name.strip_prefix("hugepages-")?.strip_suffix("kB")?.parse().ok()).collect();
        sizes.sort_unstable();
        let pools = sizes.into_iter().map(|size| {
            let [total, free, reserved, surplus] =
                FILES.map(|file| File::open(folder.join(format!("hugepages-{size}kB")).join(file), Shape::Whole));
            let size = size.to_string();
            let series = Series::of("hugepages_root", &size, FIELDS, &[("size_kb", &size)]);
            Ok(Pool { files: [total?, free?, reserved?, surplus?], series })
        });
        Ok(Self(pools.collect::<Result<_, Error>>()?))
    }
}

impl Pool {
    fn put(&self, buffer: &mut Vec<u8>, out: &mut Samples) -> Result<(), Error> {
        let mut values: [Option<Metric>; 4] = [None; 4];
        for (value, file) in values.iter_mut().zip(&self.files) {
            let [pages] = numbers(file.read(buffer)?).ok_or_else(|| file.lacks("number of pages"))?;
            *value = int(pages);
        }
        self.series.put(out, values);
        Ok(())
    }
}

impl Sampler for Hugepages {
    fn name(&self) -> &'static str {
        "hugepages"
    }

    fn every(&self) -> Duration {
        EVERY
    }

    fn sample(&mut self, turn: &mut Turn<'_>, out: &mut Samples) -> Result<(), Error> {
        self.0.iter().try_for_each(|pool| pool.put(turn.buffer, out))
    }
}
