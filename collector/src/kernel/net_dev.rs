//! `/proc/PID/net/dev`: what network interfaces have carried since they were made.

use super::number::{fill, lines, words};

/// One interface; every number only grows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Interface<'a> {
    /// `eth0`
    pub name: &'a [u8],
    /// Towards this machine.
    pub received: Traffic,
    /// Away from it.
    pub sent: Traffic,
}

/// One direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Bytes.
    pub bytes: u64,
    /// Packets.
    pub packets: u64,
    /// Packets that were broken, or could not be sent.
    pub errors: u64,
    /// Packets that were thrown away.
    pub dropped: u64,
}

/// The interfaces, in the kernel's order; the two lines of titles and lines that are cut off are passed over.
pub fn interfaces(text: &[u8]) -> impl Iterator<Item = Interface<'_>> {
    lines(text).filter_map(interface)
}

/// A name may touch the first number (`eth0:326709778`) and, where aliases are in use, hold a colon itself.
fn interface(line: &[u8]) -> Option<Interface<'_>> {
    let colon = line.iter().rposition(|byte| *byte == b':')?;
    let (name, numbers) = (line.get(..colon)?.trim_ascii_start(), line.get(colon + 1..)?);
    let mut slots = [0; 16];
    if name.is_empty() || fill(words(numbers), &mut slots) < slots.len() {
        return None;
    }
    let traffic = |half: &[u64]| match half {
        [bytes, packets, errors, dropped, ..] => Traffic { bytes: *bytes, packets: *packets, errors: *errors, dropped: *dropped },
        _ => Traffic::default(),
    };
    let (received, sent) = slots.split_at(8);
    Some(Interface { name, received: traffic(received), sent: traffic(sent) })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TITLES: &str = "\
Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
";
    const ETH0: &str =
        "  eth0: 326709778    9424    1    2    0     0          0         0   709072    6572    3    4    0     0       0          0\n";

    fn eth0(name: &[u8]) -> Interface<'_> {
        Interface {
            name,
            received: Traffic { bytes: 326_709_778, packets: 9424, errors: 1, dropped: 2 },
            sent: Traffic { bytes: 709_072, packets: 6572, errors: 3, dropped: 4 },
        }
    }

    #[track_caller]
    fn check(text: &str, expected: &[Interface<'_>]) {
        assert_eq!(interfaces(text.as_bytes()).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn titles_are_passed_over() {
        check(TITLES, &[]);
        check(&format!("{TITLES}{ETH0}"), &[eth0(b"eth0")]);
    }

    #[test]
    fn a_name_may_touch_the_first_number_or_hold_a_colon() {
        check(&ETH0.replace("eth0: ", "eth0:"), &[eth0(b"eth0")]);
        check(&ETH0.replace("eth0:", "eth0:1:"), &[eth0(b"eth0:1")]);
    }

    #[test]
    fn lines_that_are_cut_off_are_passed_over() {
        check("", &[]);
        check("  eth0: 326709778    9424    1\n : 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n", &[]);
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes: Vec<u8>, cut in 0..ETH0.len()) {
            interfaces(&bytes).count();
            interfaces(ETH0.get(..cut).unwrap().as_bytes()).count();
        }
    }
}
