//! `pressure`: how long tasks stood still for want of processor, memory or disk.

use crate::kept::{File, Shape};
use crate::kernel::pressure::{Pressure, Stall};
use crate::{Error, Root, Sampler, Samples, Series, Turn, float, int};

const FIELDS: [&str; 4] = ["avg10", "avg60", "avg300", "total"];

/// The open files and their series.
#[derive(Debug)]
pub(super) struct Pressures([Resource; 3]);

#[derive(Debug)]
struct Resource {
    file: File,
    some: Series<4>,
    full: Series<4>,
}

impl Pressures {
    /// Reads once, since a kernel that was told not to count (`psi=0`) has the files all the same.
    pub(super) fn open(root: &Root) -> Result<Self, Error> {
        let resource = |name| Resource::open(root, name);
        Ok(Self([resource("cpu")?, resource("memory")?, resource("io")?]))
    }
}

impl Resource {
    fn open(root: &Root, name: &str) -> Result<Self, Error> {
        let file = File::open(root.proc("pressure").join(name), Shape::Whole)?;
        file.read(&mut Vec::new())?;
        let series = |kind: &str| Series::of("pressure", &format!("{name}-{kind}"), FIELDS, &[("resource", name), ("type", kind)]);
        Ok(Self { file, some: series("some"), full: series("full") })
    }
}

impl Sampler for Pressures {
    fn name(&self) -> &'static str {
        "pressure"
    }

    fn sample(&mut self, turn: &mut Turn<'_>, out: &mut Samples) -> Result<(), Error> {
        for Resource { file, some, full } in &self.0 {
            let pressure = Pressure::parse(file.read(turn.buffer)?);
            put(some, pressure.some, out);
            put(full, pressure.full, out);
        }
        Ok(())
    }
}

fn put(series: &Series<4>, stall: Option<Stall>, out: &mut Samples) {
    if let Some(Stall { avg10, avg60, avg300, total }) = stall {
        series.put(out, [float(avg10), float(avg60), float(avg300), int(total)]);
    }
}
