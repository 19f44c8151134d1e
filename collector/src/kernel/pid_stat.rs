//! `/proc/PID/stat`: one process.

use super::number::{whole, words};

/// What is counted of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PidStat {
    /// `R`, `S`, `D`, `Z`, `T`, `t`, `I`, `X`, `P`, `W`
    pub state: u8,
    /// Its threads.
    pub threads: u64,
}

/// Reads the text; `None` when it is cut off. The name may hold blanks and brackets: it ends at the last bracket.
pub fn parse(text: &[u8]) -> Option<PidStat> {
    let end = text.iter().rposition(|byte| *byte == b')')?;
    let mut words = words(text.get(end + 1..)?.trim_ascii_end());
    let [state] = words.next()? else { return None };
    Some(PidStat { state: *state, threads: words.nth(16).and_then(whole)? })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DOCKERD: &str = "812 (a) (b c) S 1 812 812 0 -1 4194560 9000 7 3 0 10 20 0 0 20 0 13 0 500 1000 200 18446744073709551615\n";

    #[test]
    fn the_name_ends_at_the_last_bracket() {
        assert_eq!(parse(DOCKERD.as_bytes()), Some(PidStat { state: b'S', threads: 13 }));
    }

    #[test]
    fn what_is_cut_off_is_none() {
        for text in ["", "812 (a", "812 (a) S", "812 (a) SS 1 812", "812 (a) S 1 812 812 0 -1"] {
            assert_eq!(parse(text.as_bytes()), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes: Vec<u8>, cut in 0..DOCKERD.len()) {
            parse(&bytes);
            parse(DOCKERD.get(..cut).unwrap().as_bytes());
        }
    }
}
