//! Signals as Docker writes them: `15`, `TERM`, `SIGTERM`, `SIGRTMIN+3`.

/// The numbers of signals by their names, as on every architecture that Docker runs on.
const NAMES: [(&str, u8); 31] = [
    ("HUP", 1),
    ("INT", 2),
    ("QUIT", 3),
    ("ILL", 4),
    ("TRAP", 5),
    ("ABRT", 6),
    ("BUS", 7),
    ("FPE", 8),
    ("KILL", 9),
    ("USR1", 10),
    ("SEGV", 11),
    ("USR2", 12),
    ("PIPE", 13),
    ("ALRM", 14),
    ("TERM", 15),
    ("STKFLT", 16),
    ("CHLD", 17),
    ("CONT", 18),
    ("STOP", 19),
    ("TSTP", 20),
    ("TTIN", 21),
    ("TTOU", 22),
    ("URG", 23),
    ("XCPU", 24),
    ("XFSZ", 25),
    ("VTALRM", 26),
    ("PROF", 27),
    ("WINCH", 28),
    ("IO", 29),
    ("PWR", 30),
    ("SYS", 31),
];

/// The first and last signal for applications: the C library keeps 32 and 33 to itself.
const RTMIN: u8 = 34;
const RTMAX: u8 = 64;

/// Signals that are sent to end a process: INT, QUIT, KILL, TERM.
pub(super) const ENDING: [u8; 4] = [2, 3, 9, 15];

/// Its number, 1 to 64; `None` for what is no signal.
pub(super) fn number(text: &str) -> Option<u8> {
    let upper = text.to_ascii_uppercase();
    let name = upper.strip_prefix("SIG").unwrap_or(&upper);
    let by_name = NAMES.iter().find(|(known, _)| *known == name).map(|(_, number)| *number);
    let number = by_name.or_else(|| realtime(name)).or_else(|| name.parse().ok())?;
    (1..=RTMAX).contains(&number).then_some(number)
}

fn realtime(name: &str) -> Option<u8> {
    let offset = |text: &str| if text.is_empty() { Some(0) } else { text.get(1..)?.parse::<u8>().ok() };
    match (name.strip_prefix("RTMIN"), name.strip_prefix("RTMAX")) {
        (Some(up), _) => RTMIN.checked_add(offset(up)?),
        (_, Some(down)) => RTMAX.checked_sub(offset(down)?),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<u8>) {
        assert_eq!(number(text), expected, "{text}");
    }

    #[test]
    fn numbers_and_names_with_and_without_their_beginning() {
        check("15", Some(15));
        check("TERM", Some(15));
        check("SIGTERM", Some(15));
        check("sigwinch", Some(28));
        check("SIGRTMIN+3", Some(37));
        check("RTMAX-1", Some(63));
        check("RTMIN", Some(34));
    }

    #[test]
    fn what_is_no_signal() {
        for text in ["", "0", "65", "-9", "SIG", "RTMIN+300", "RTMAX-64", "RTMIN+é", "TERMINATE"] {
            check(text, None);
        }
    }
}
