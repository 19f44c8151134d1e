//! `/proc/stat`: processor time by state, and counters since boot.

use super::number::{fill, lines, whole, words};

/// Processor time since boot, in ticks of 10 ms. States that an old kernel does not have are 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ticks {
    /// In programs; holds `guest`.
    pub user: u64,
    /// In programs of a lowered priority; holds `guest_nice`.
    pub nice: u64,
    /// In the kernel on behalf of programs.
    pub system: u64,
    /// Nothing to do.
    pub idle: u64,
    /// Nothing to do but wait for a disk. May go backwards.
    pub iowait: u64,
    /// In interrupt handlers.
    pub irq: u64,
    /// In the deferred part of interrupts.
    pub softirq: u64,
    /// Somebody else ran, says the hypervisor; since 2.6.11.
    pub steal: u64,
    /// In virtual machines; since 2.6.24.
    pub guest: u64,
    /// In virtual machines of a lowered priority; since 2.6.33.
    pub guest_nice: u64,
}

/// What the file tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stat {
    /// All processors together; `None` when the line is missing or cut off.
    pub total: Option<Ticks>,
    /// Each processor that is online: its number and its time. Numbers may have holes.
    pub cores: Vec<(u32, Ticks)>,
    /// Switches from one task to another since boot.
    pub context_switches: Option<u64>,
    /// Interrupts since boot, all kinds together.
    pub interrupts: Option<u64>,
    /// Processes and threads started since boot.
    pub forks: Option<u64>,
    /// When the machine was booted, in seconds since the Unix epoch.
    pub boot_time: Option<u64>,
    /// Tasks that run or want to.
    pub running: Option<u64>,
    /// Tasks that wait for a disk.
    pub blocked: Option<u64>,
}

impl Stat {
    /// Reads the text in, over what was there; the memory for the cores is kept.
    pub fn parse(&mut self, text: &[u8]) {
        let mut cores = std::mem::take(&mut self.cores);
        cores.clear();
        *self = Self { cores, ..Self::default() };
        for line in lines(text) {
            let mut words = words(line);
            let Some(key) = words.next() else { continue };
            match key {
                b"cpu" => self.total = ticks(words),
                b"intr" => self.interrupts = words.next().and_then(whole),
                b"ctxt" => self.context_switches = words.next().and_then(whole),
                b"btime" => self.boot_time = words.next().and_then(whole),
                b"processes" => self.forks = words.next().and_then(whole),
                b"procs_running" => self.running = words.next().and_then(whole),
                b"procs_blocked" => self.blocked = words.next().and_then(whole),
                _ => self.cores.extend(core(key, words)),
            }
        }
    }
}

fn core<'a>(key: &[u8], words: impl Iterator<Item = &'a [u8]>) -> Option<(u32, Ticks)> {
    let number = whole(key.strip_prefix(b"cpu")?)?;
    Some((u32::try_from(number).ok()?, ticks(words)?))
}

/// The first four states are as old as the file.
fn ticks<'a>(words: impl Iterator<Item = &'a [u8]>) -> Option<Ticks> {
    let mut slots = [0; 10];
    if fill(words, &mut slots) < 4 {
        return None;
    }
    let [user, nice, system, idle, iowait, irq, softirq, steal, guest, guest_nice] = slots;
    Some(Ticks { user, nice, system, idle, iowait, irq, softirq, steal, guest, guest_nice })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KERNEL_6: &[u8] = b"\
cpu  45729 6 11940 486834 2247 1 154 17 20 2
cpu0 21902 3 4996 246014 523 0 31 6 0 0
cpu2 23826 2 6944 240819 1723 0 123 10 0 0
intr 608544 0 0 15 0 0 0
ctxt 884326
btime 1795538643
processes 26969
procs_running 4
procs_blocked 1
softirq 376716 0 53078 21 11247
";

    #[track_caller]
    fn parse(text: &[u8]) -> Stat {
        let mut stat = Stat::default();
        stat.parse(text);
        stat
    }

    #[test]
    fn a_whole_file() {
        let total = Ticks {
            user: 45729,
            nice: 6,
            system: 11940,
            idle: 486_834,
            iowait: 2247,
            irq: 1,
            softirq: 154,
            steal: 17,
            guest: 20,
            guest_nice: 2,
        };
        let cpu0 = Ticks { user: 21902, nice: 3, system: 4996, idle: 246_014, iowait: 523, softirq: 31, steal: 6, ..Ticks::default() };
        let cpu2 = Ticks { user: 23826, nice: 2, system: 6944, idle: 240_819, iowait: 1723, softirq: 123, steal: 10, ..Ticks::default() };
        let expected = Stat {
            total: Some(total),
            cores: vec![(0, cpu0), (2, cpu2)],
            context_switches: Some(884_326),
            interrupts: Some(608_544),
            forks: Some(26969),
            boot_time: Some(1_795_538_643),
            running: Some(4),
            blocked: Some(1),
        };
        assert_eq!(parse(KERNEL_6), expected);
    }

    #[test]
    fn an_old_kernel_has_fewer_states_and_a_new_one_may_have_more() {
        let old = parse(b"cpu  7 6 5 4\n");
        assert_eq!(old.total, Some(Ticks { user: 7, nice: 6, system: 5, idle: 4, ..Ticks::default() }));
        let new = parse(b"cpu  1 2 3 4 5 6 7 8 9 10 11 12\n");
        assert_eq!(new.total.map(|ticks| ticks.guest_nice), Some(10));
    }

    #[test]
    fn what_is_missing_or_cut_off_is_none() {
        assert_eq!(parse(b""), Stat::default());
        assert_eq!(parse(b"cpu  7 6 5"), Stat::default());
        assert_eq!(parse(b"cpu0 \nctxt\nbtime x\ncpufreq 1 2 3 4\ncpu99999999999 1 2 3 4\n"), Stat::default());
    }

    #[test]
    fn nothing_stays_from_the_text_before() {
        let mut stat = parse(KERNEL_6);
        stat.parse(b"ctxt 7\n");
        assert_eq!(stat, Stat { context_switches: Some(7), ..Stat::default() });
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes: Vec<u8>, cut in 0..KERNEL_6.len()) {
            parse(&bytes);
            parse(KERNEL_6.get(..cut).unwrap());
        }
    }
}
