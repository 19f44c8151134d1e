//! `/proc/pressure/RESOURCE`: how long tasks stood still for want of processor, memory or disk.

use super::number::{decimal, lines, whole, words};

/// One line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stall {
    /// Percent of the last 10 seconds.
    pub avg10: f64,
    /// Percent of the last minute.
    pub avg60: f64,
    /// Percent of the last 5 minutes.
    pub avg300: f64,
    /// Microseconds since boot.
    pub total: u64,
}

/// What the file tells.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pressure {
    /// At least one task stood still.
    pub some: Option<Stall>,
    /// All did that were not idle; not for `cpu` before 5.13.
    pub full: Option<Stall>,
}

impl Pressure {
    /// Reads the text.
    pub fn parse(text: &[u8]) -> Self {
        let mut pressure = Self::default();
        for line in lines(text) {
            let mut words = words(line);
            match words.next() {
                Some(b"some") => pressure.some = stall(words),
                Some(b"full") => pressure.full = stall(words),
                _ => {}
            }
        }
        pressure
    }
}

fn stall<'a>(mut words: impl Iterator<Item = &'a [u8]>) -> Option<Stall> {
    let avg10 = decimal(words.next()?.strip_prefix(b"avg10=")?)?;
    let avg60 = decimal(words.next()?.strip_prefix(b"avg60=")?)?;
    let avg300 = decimal(words.next()?.strip_prefix(b"avg300=")?)?;
    let total = whole(words.next()?.strip_prefix(b"total=")?)?;
    Some(Stall { avg10, avg60, avg300, total })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const IO: &[u8] = b"\
some avg10=0.34 avg60=0.39 avg300=0.33 total=16330306
full avg10=0.04 avg60=0.30 avg300=0.27 total=15186046
";

    #[track_caller]
    fn check(text: &[u8], some: Option<Stall>, full: Option<Stall>) {
        assert_eq!(Pressure::parse(text), Pressure { some, full });
    }

    #[test]
    fn some_and_full() {
        let some = Stall { avg10: 0.34, avg60: 0.39, avg300: 0.33, total: 16_330_306 };
        let full = Stall { avg10: 0.04, avg60: 0.3, avg300: 0.27, total: 15_186_046 };
        check(IO, Some(some), Some(full));
    }

    #[test]
    fn an_old_kernel_has_no_full_for_cpu() {
        let some = Stall { avg10: 10.84, avg60: 5.38, avg300: 2.03, total: 35_573_633 };
        check(b"some avg10=10.84 avg60=5.38 avg300=2.03 total=35573633\n", Some(some), None);
    }

    #[test]
    fn what_is_cut_off_is_none() {
        check(b"", None, None);
        check(b"some avg10=0.34 avg60=0.39\nfull avg60=0.30 avg10=0.04 avg300=0.27 total=1\n", None, None);
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes: Vec<u8>, cut in 0..IO.len()) {
            Pressure::parse(&bytes);
            Pressure::parse(IO.get(..cut).unwrap());
        }
    }
}
