//! `/proc/loadavg`: how many tasks wanted to run of late.

use super::number::{decimal, whole, words};

/// Load and tasks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Loadavg {
    /// Averaged over a minute.
    pub load1: f64,
    /// Over 5 minutes.
    pub load5: f64,
    /// Over 15 minutes.
    pub load15: f64,
    /// All threads of all processes.
    pub threads: u64,
}

impl Loadavg {
    /// Reads the text; `None` when it is cut off.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let mut words = words(text.trim_ascii_end());
        let (load1, load5, load15) = (decimal(words.next()?)?, decimal(words.next()?)?, decimal(words.next()?)?);
        let tasks = words.next()?;
        let slash = tasks.iter().position(|byte| *byte == b'/')?;
        Some(Self { load1, load5, load15, threads: whole(tasks.get(slash + 1..)?)? })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<Loadavg>) {
        assert_eq!(Loadavg::parse(text.as_bytes()), expected);
    }

    #[test]
    fn three_averages_and_the_tasks() {
        check("1.13 0.41 0.24 3/112 26969\n", Some(Loadavg { load1: 1.13, load5: 0.41, load15: 0.24, threads: 112 }));
        check("310.00 9.50 0.00 1/4711 8", Some(Loadavg { load1: 310.0, load5: 9.5, load15: 0.0, threads: 4711 }));
    }

    #[test]
    fn a_text_that_is_cut_off_is_none() {
        for text in ["", "1.13", "1.13 0.41 0.24", "1.13 0.41 0.24 3", "1.13 0.41 0.24 3/", "a b c 3/112 7"] {
            check(text, None);
        }
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes: Vec<u8>) {
            Loadavg::parse(&bytes);
        }
    }
}
