//! Panes as bytes.

use event::Timestamp;

use super::{Buckets, CAPACITY, Kept, Line, Pane, Panes, Spread};
use crate::snapshot::{Reader, SnapshotError, Writer};
use crate::streams::measure::Aged;

type Read<T> = Result<T, SnapshotError>;

fn float(reader: &mut Reader<'_>) -> Read<f64> {
    Ok(f64::from_bits(reader.u64()?))
}

fn floats(writer: &mut Writer<'_>, numbers: &[f64]) {
    numbers.iter().for_each(|number| writer.u64(number.to_bits()));
}

impl Pane {
    fn write(&self, writer: &mut Writer<'_>) {
        writer.time(self.first);
        writer.time(self.last);
        writer.u32(self.n);
        writer.u32(self.n_metrics);
        floats(writer, &[self.sum]);
    }

    fn read(reader: &mut Reader<'_>) -> Read<Self> {
        let (first, last) = (reader.time()?, reader.time()?);
        Ok(Self { first, last, n: reader.u32()?, n_metrics: reader.u32()?, sum: float(reader)? })
    }
}

impl Spread {
    fn write(&self, writer: &mut Writer<'_>) {
        writer.u64(self.n);
        for time in [self.min.1, self.max.1, self.newest, self.line.origin] {
            writer.time(time);
        }
        floats(writer, &[self.mean, self.squares, self.min.0, self.max.0, self.first, self.last, self.increase]);
        floats(writer, &[self.line.n, self.line.time, self.line.mean, self.line.squares, self.line.products]);
        floats(writer, &[self.aged.sum, self.aged.weight]);
    }

    fn read(reader: &mut Reader<'_>) -> Read<Self> {
        let n = reader.u64()?;
        let [min_at, max_at, newest, origin] = times(reader)?;
        let [mean, squares, min, max, first, last, increase, line_n, time, line_mean, line_squares, products, sum, weight] =
            numbers(reader)?;
        let line = Line { n: line_n, time, origin, mean: line_mean, squares: line_squares, products };
        let aged = Aged { sum, weight };
        Ok(Self { n, mean, squares, min: (min, min_at), max: (max, max_at), first, last, increase, line, aged, newest })
    }
}

fn times<const N: usize>(reader: &mut Reader<'_>) -> Read<[Timestamp; N]> {
    let mut times = [Timestamp::default(); N];
    for time in &mut times {
        *time = reader.time()?;
    }
    Ok(times)
}

fn numbers<const N: usize>(reader: &mut Reader<'_>) -> Read<[f64; N]> {
    let mut numbers = [0.0; N];
    for number in &mut numbers {
        *number = float(reader)?;
    }
    Ok(numbers)
}

impl Panes {
    pub(in crate::streams) fn write(&self, writer: &mut Writer<'_>) {
        writer.u64(self.width as u64);
        writer.u32(self.panes.len() as u32);
        writer.bool(!self.spreads.is_empty());
        writer.bool(!self.buckets.is_empty());
        self.panes.iter().for_each(|pane| pane.write(writer));
        self.spreads.iter().for_each(|spread| spread.write(writer));
        self.buckets.iter().for_each(|buckets| buckets.write(writer));
        self.all.write(writer);
        self.spread.write(writer);
        self.counted.write(writer);
        self.newest.write(writer);
    }

    pub(in crate::streams) fn read(reader: &mut Reader<'_>) -> Read<Self> {
        let width = (reader.u64()? as i64).max(1);
        let n = reader.count()?;
        let (has_spreads, has_buckets) = (reader.bool()?, reader.bool()?);
        let mut panes = Self { width, ..Self::default() };
        panes.panes.reserve_exact(n.max(CAPACITY));
        for _ in 0..n {
            panes.panes.push_back(Pane::read(reader)?);
        }
        for _ in 0..if has_spreads { n } else { 0 } {
            panes.spreads.push_back(Spread::read(reader)?);
        }
        for _ in 0..if has_buckets { n } else { 0 } {
            panes.buckets.push_back(Buckets::read(reader)?);
        }
        panes.mark_leaving();
        (panes.all, panes.spread) = (Pane::read(reader)?, Spread::read(reader)?);
        (panes.counted, panes.newest) = (Buckets::read(reader)?, Kept::read(reader)?);
        Ok(panes)
    }
}
