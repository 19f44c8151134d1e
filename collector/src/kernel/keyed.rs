//! Texts in which every number has a name: `/proc/vmstat`, `/proc/net/sockstat`, `/proc/net/snmp`, `/proc/net/netstat`.

use super::number::{lines, whole, words};

/// Which number is wanted: `Tcp` and `RetransSegs`; the group is empty where the text has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// What stands before the colon of its line.
    pub group: &'static str,
    /// Its name.
    pub name: &'static str,
}

/// How names and numbers stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// `pgfault 61041659`, or `TCP: inuse 1 orphan 0`: a number follows its name.
    Pairs,
    /// `Tcp: ActiveOpens …` and below it `Tcp: 12553 …`: a line of names, then one of numbers.
    Titles,
}

impl Layout {
    /// The numbers in the order of the keys; `None` is what this kernel does not have, what is cut off and what is negative.
    pub fn values<const N: usize>(self, text: &[u8], keys: &[Key; N]) -> [Option<u64>; N] {
        let mut values = [None; N];
        match self {
            Self::Pairs => pairs(text, keys, &mut values),
            Self::Titles => titles(text, keys, &mut values),
        }
        values
    }
}

fn pairs<const N: usize>(text: &[u8], keys: &[Key; N], values: &mut [Option<u64>; N]) {
    for line in lines(text) {
        let (group, rest) = split(line).unwrap_or((b"", line));
        let mut words = words(rest);
        while let (Some(name), Some(number)) = (words.next(), words.next()) {
            put(keys, values, group, name, number);
        }
    }
}

fn titles<const N: usize>(text: &[u8], keys: &[Key; N], values: &mut [Option<u64>; N]) {
    let mut titles: Option<(&[u8], &[u8])> = None;
    for (group, rest) in lines(text).filter_map(split) {
        match titles.take() {
            Some((titled, names)) if titled == group => {
                words(names).zip(words(rest)).for_each(|(name, number)| put(keys, values, group, name, number));
            }
            Some(_) | None => titles = Some((group, rest)),
        }
    }
}

fn split(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    Some((line.get(..colon)?, line.get(colon + 1..)?))
}

fn put<const N: usize>(keys: &[Key; N], values: &mut [Option<u64>; N], group: &[u8], name: &[u8], number: &[u8]) {
    let wanted = |key: &Key| key.name.as_bytes() == name && key.group.as_bytes() == group;
    for (_, value) in keys.iter().zip(values).filter(|(key, _)| wanted(key)) {
        *value = whole(number);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KEYS: [Key; 4] = [
        Key { group: "Tcp", name: "RetransSegs" },
        Key { group: "Tcp", name: "MaxConn" },
        Key { group: "TCP", name: "tw" },
        Key { group: "", name: "oom_kill" },
    ];

    const SNMP_6_18: &str = "\
Ip: Forwarding DefaultTTL
Ip: 2 64
Tcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens AttemptFails EstabResets CurrEstab InSegs OutSegs RetransSegs InErrs
Tcp: 1 200 120000 -1 12553 12367 165 12 0 139602 133898 7 0
";
    const SOCKSTAT_6_18: &str = "sockets: used 20\nTCP: inuse 1 orphan 0 tw 5 alloc 23 mem 0\nUDP: inuse 0 mem 0\n";
    const VMSTAT_6_18: &str = "drop_slab 2\noom_kill 3\nnuma_pte_updates 0\n";

    #[track_caller]
    fn check(layout: Layout, text: &str, expected: [Option<u64>; 4]) {
        assert_eq!(layout.values(text.as_bytes(), &KEYS), expected);
    }

    #[test]
    fn numbers_stand_below_their_names_and_negative_ones_are_none() {
        check(Layout::Titles, SNMP_6_18, [Some(7), None, None, None]);
    }

    #[test]
    fn an_old_kernel_lacks_columns_and_has_others() {
        check(Layout::Titles, "Tcp: RetransSegs\nTcp: 9\nSctp: SctpCurrEstab\nSctp: 1\n", [Some(9), None, None, None]);
    }

    #[test]
    fn numbers_stand_behind_their_names() {
        check(Layout::Pairs, SOCKSTAT_6_18, [None, None, Some(5), None]);
        check(Layout::Pairs, VMSTAT_6_18, [None, None, None, Some(3)]);
    }

    #[test]
    fn a_text_that_is_cut_off_or_absurd_gives_none() {
        for text in ["", "Tcp:", "Tcp: RetransSegs\n", "Tcp: RetransSegs\nTcp: x\n", "Tcp: RetransSegs\nUdp: 7\n"] {
            check(Layout::Titles, text, [None; 4]);
        }
        for text in ["", "oom_kill", "oom_kill 99999999999999999999\n", "TCP: inuse 1 tw\n", "UDP: tw 7\n"] {
            check(Layout::Pairs, text, [None; 4]);
        }
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes: Vec<u8>, cut in 0..SNMP_6_18.len()) {
            for layout in [Layout::Pairs, Layout::Titles] {
                layout.values(&bytes, &KEYS);
                layout.values(SNMP_6_18.get(..cut).unwrap().as_bytes(), &KEYS);
            }
        }
    }
}
