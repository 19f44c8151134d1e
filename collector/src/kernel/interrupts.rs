//! `/proc/interrupts` and `/proc/softirqs`: how often each kind interrupted, added up over the processors.

use super::number::{lines, whole, words};

/// One line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// `24`, `LOC`, `NET_RX`
    pub name: &'a [u8],
    /// Since boot, all processors together.
    pub total: u64,
}

/// The lines, in the kernel's order; the line of titles, which says how many processors there are, is passed over. A line
/// with fewer numbers (`ERR`) counts those that it has.
pub fn kinds(text: &[u8]) -> impl Iterator<Item = Line<'_>> {
    let mut lines = lines(text);
    let n_cpus = lines.next().map_or(0, |titles| words(titles).filter(|word| word.starts_with(b"CPU")).count());
    lines.filter_map(move |line| kind(line, n_cpus))
}

fn kind(line: &[u8], n_cpus: usize) -> Option<Line<'_>> {
    let mut words = words(line);
    let name = words.next()?.strip_suffix(b":").filter(|name| !name.is_empty())?;
    let mut counts = words.take(n_cpus).map_while(whole).peekable();
    counts.peek()?;
    Some(Line { name, total: counts.fold(0, u64::saturating_add) })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const INTERRUPTS_6_18: &str = "           CPU0       CPU1       \n 24:          1          0  IO-APIC   5-edge      ACPI:Ged\n 36:          7     308245 PCI-MSIX-0000:00:02.0   1-edge      virtio1-req.0\nLOC:     935266     943090   Local timer interrupts\nERR:          0\nMIS:          3\n";
    const SOFTIRQS_6_18: &str =
        "                    CPU0       CPU1       \n          HI:          0          0\n      NET_RX:      74448      77117\n";

    #[track_caller]
    fn check(text: &str, expected: &[(&str, u64)]) {
        let found: Vec<_> = kinds(text.as_bytes()).map(|line| (str::from_utf8(line.name).unwrap(), line.total)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn processors_are_added_up() {
        check(INTERRUPTS_6_18, &[("24", 1), ("36", 308_252), ("LOC", 1_878_356), ("ERR", 0), ("MIS", 3)]);
        check(SOFTIRQS_6_18, &[("HI", 0), ("NET_RX", 151_565)]);
    }

    #[test]
    fn what_is_cut_off_or_absurd_is_passed_over() {
        check("", &[]);
        check("CPU0\n 24:\n25 7\n : 7\nLOC: x\n", &[]);
        check("no titles\n 24: 7\n", &[]);
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes: Vec<u8>, cut in 0..INTERRUPTS_6_18.len()) {
            kinds(&bytes).count();
            kinds(INTERRUPTS_6_18.get(..cut).unwrap().as_bytes()).count();
        }
    }
}
