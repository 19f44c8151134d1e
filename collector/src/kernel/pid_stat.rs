//! `/proc/PID/stat`: one process.

use super::number::{whole, words};

/// What it tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PidStat<'a> {
    /// Its name, the kernel's 15 bytes of it.
    pub name: &'a [u8],
    /// `R`, `S`, `D`, `Z`, `T`, `t`, `I`, `X`, `P`, `W`
    pub state: u8,
    /// The process that waits for its end.
    pub parent: u64,
    /// Page faults that read nothing from a disk, and those that did.
    pub faults: [u64; 2],
    /// Ticks in user mode and in the kernel.
    pub ticks: [u64; 2],
    /// Its threads.
    pub threads: u64,
    /// When it was started, in ticks since boot.
    pub started: u64,
    /// Bytes of its address space.
    pub virtual_bytes: u64,
    /// Pages that are in memory.
    pub resident_pages: u64,
}

/// Reads the text; `None` when it is cut off. The name may hold blanks and brackets: it ends at the last bracket.
pub fn parse(text: &[u8]) -> Option<PidStat<'_>> {
    let start = text.iter().position(|byte| *byte == b'(')?;
    let end = text.iter().rposition(|byte| *byte == b')')?;
    let mut words = words(text.get(end + 1..)?.trim_ascii_end());
    let [state] = words.next()? else { return None };
    // What lies between the words that are wanted, as many as are skipped.
    let mut after = |skipped: usize| words.nth(skipped).and_then(whole);
    Some(PidStat {
        name: text.get(start + 1..end)?,
        state: *state,
        parent: after(0)?,
        faults: [after(5)?, after(1)?],
        ticks: [after(1)?, after(0)?],
        threads: after(4)?,
        started: after(1)?,
        virtual_bytes: after(0)?,
        resident_pages: after(0)?,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DOCKERD: &str = "812 (a) (b c) S 1 812 812 0 -1 4194560 9000 7 3 0 10 20 0 0 20 0 13 0 500 1000 200 18446744073709551615\n";

    #[test]
    fn the_name_ends_at_the_last_bracket() {
        let expected = PidStat {
            name: b"a) (b c",
            state: b'S',
            parent: 1,
            faults: [9000, 3],
            ticks: [10, 20],
            threads: 13,
            started: 500,
            virtual_bytes: 1000,
            resident_pages: 200,
        };
        assert_eq!(parse(DOCKERD.as_bytes()), Some(expected));
    }

    #[test]
    fn what_is_cut_off_is_none() {
        for text in ["", "812 (a", "812 )(", "812 (a) S", "812 (a) SS 1 812", "812 (a) S 1 812 812 0 -1"] {
            assert_eq!(parse(text.as_bytes()), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(name in "[ -~]{1,15}", n: [u64; 7], priority in -100..100) {
            let [minor, major, user, system, threads, started, rss] = n;
            let text = format!("7 ({name}) R 1 7 7 0 -1 64 {minor} 1 {major} 1 {user} {system} 5 6 {priority} -20 {threads} 0 {started} 4096 {rss} 0\n");
            let stat = parse(text.as_bytes()).unwrap();
            prop_assert_eq!((stat.name, stat.faults, stat.ticks), (name.as_bytes(), [minor, major], [user, system]));
            prop_assert_eq!((stat.threads, stat.started, stat.virtual_bytes, stat.resident_pages), (threads, started, 4096, rss));
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes: Vec<u8>, cut in 0..DOCKERD.len()) {
            parse(&bytes);
            parse(DOCKERD.get(..cut).unwrap().as_bytes());
        }
    }
}
