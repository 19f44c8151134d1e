//! `cpu`: shares of the processors' time, of all together and of each.

use event::Metric;

use crate::kernel::stat::{Stat, Ticks};
use crate::{Samples, Series, float};

const FIELDS: [&str; 11] = [
    "usage_active",
    "usage_user",
    "usage_system",
    "usage_idle",
    "usage_iowait",
    "usage_nice",
    "usage_irq",
    "usage_softirq",
    "usage_steal",
    "usage_guest",
    "usage_guest_nice",
];

/// Counters beside the shares; in the same order.
const TIMES: [&str; 11] = [
    "time_active",
    "time_user",
    "time_system",
    "time_idle",
    "time_iowait",
    "time_nice",
    "time_irq",
    "time_softirq",
    "time_steal",
    "time_guest",
    "time_guest_nice",
];

/// The total, and the cores where they are wanted.
#[derive(Debug)]
pub(super) struct Cpu {
    total: Processor,
    cores: Vec<(u32, Processor)>,
    per_core: bool,
    /// How many ticks there are in a second; `None` where counters are not wanted.
    hertz: Option<f64>,
}

/// One processor, or all.
#[derive(Debug)]
struct Processor {
    series: Series<11>,
    times: Series<11>,
    last: Option<Ticks>,
}

impl Cpu {
    pub(super) fn new(per_core: bool, with_times: bool) -> Self {
        let hertz = with_times.then(|| rustix::param::clock_ticks_per_second() as f64);
        Self { total: Processor::new(None, "cpu-total"), cores: Vec::new(), per_core, hertz }
    }

    pub(super) fn put(&mut self, stat: &Stat, out: &mut Samples) {
        if let Some(ticks) = stat.total {
            self.total.put(ticks, self.hertz, out);
        }
        if self.per_core {
            for (index, (number, ticks)) in stat.cores.iter().enumerate() {
                let hertz = self.hertz;
                self.core(index, *number).put(*ticks, hertz, out);
            }
        }
    }

    /// Cores stand in the same order each turn, unless one was switched on or off.
    fn core(&mut self, index: usize, number: u32) -> &mut Processor {
        let known = |at: &usize| self.cores.get(*at).is_some_and(|(known, _)| *known == number);
        let found = Some(index).filter(known).or_else(|| self.cores.iter().position(|(known, _)| *known == number));
        let at = found.unwrap_or_else(|| {
            let name = format!("cpu{number}");
            let at = index.min(self.cores.len());
            self.cores.insert(at, (number, Processor::new(Some(&name), &name)));
            at
        });
        match self.cores.get_mut(at) {
            Some((_, processor)) => processor,
            None => &mut self.total,
        }
    }
}

impl Processor {
    fn new(instance: Option<&str>, name: &str) -> Self {
        let series = |fields| Series::new("cpu", instance, fields, &[("cpu", name)]);
        Self { series: series(FIELDS), times: series(TIMES), last: None }
    }

    /// Writes the shares since the last turn, of which the first turn has none, and the counters where they are wanted.
    fn put(&mut self, ticks: Ticks, hertz: Option<f64>, out: &mut Samples) {
        if let Some(hertz) = hertz {
            self.times.put(out, times(ticks, hertz));
        }
        if let Some(shares) = self.last.replace(ticks).and_then(|last| shares(last, ticks)) {
            self.series.put(out, shares);
        }
    }
}

/// Seconds since boot, in the order of the fields.
fn times(ticks: Ticks, hertz: f64) -> [Option<Metric>; 11] {
    let Ticks { user, nice, system, idle, iowait, irq, softirq, steal, guest, guest_nice } = ticks;
    let active = [user, nice, system, iowait, irq, softirq, steal].into_iter().fold(0, u64::saturating_add);
    [active, user, system, idle, iowait, nice, irq, softirq, steal, guest, guest_nice].map(|ticks| float(ticks as f64 / hertz))
}

/// Percentages of the time between two readings, in the order of the fields; `None` when no time has passed. A counter that
/// went backwards, as `iowait` may, counts as one that stood still.
fn shares(before: Ticks, after: Ticks) -> Option<[Option<Metric>; 11]> {
    let passed = |of: fn(&Ticks) -> u64| of(&after).saturating_sub(of(&before));
    let (guest, guest_nice) = (passed(|ticks| ticks.guest), passed(|ticks| ticks.guest_nice));
    let (user, nice) = (passed(|ticks| ticks.user), passed(|ticks| ticks.nice));
    let (system, irq, softirq) = (passed(|ticks| ticks.system), passed(|ticks| ticks.irq), passed(|ticks| ticks.softirq));
    let (idle, iowait, steal) = (passed(|ticks| ticks.idle), passed(|ticks| ticks.iowait), passed(|ticks| ticks.steal));
    // As Telegraf has it: waiting for a disk is active too.
    let active = [user, nice, system, iowait, irq, softirq, steal].into_iter().fold(0, u64::saturating_add);
    let total = active.saturating_add(idle);
    if total == 0 {
        return None;
    }
    let share = |ticks: u64| float(ticks as f64 * 100.0 / total as f64);
    // The kernel counts time in virtual machines twice: as theirs and as that of the program that runs them.
    let (user, nice) = (user.saturating_sub(guest), nice.saturating_sub(guest_nice));
    Some([active, user, system, idle, iowait, nice, irq, softirq, steal, guest, guest_nice].map(share))
}

#[cfg(test)]
mod tests {
    use event::{Event, Timestamp, msg};
    use proptest::prelude::*;

    use super::*;

    fn ticks(values: [u64; 10]) -> Ticks {
        let [user, nice, system, idle, iowait, irq, softirq, steal, guest, guest_nice] = values;
        Ticks { user, nice, system, idle, iowait, irq, softirq, steal, guest, guest_nice }
    }

    #[track_caller]
    fn check(before: [u64; 10], after: [u64; 10], expected: [f64; 11]) {
        assert_eq!(shares(ticks(before), ticks(after)), Some(expected.map(float)));
    }

    #[test]
    fn shares_are_of_the_time_since_the_last_reading() {
        let before = [1000, 100, 500, 9000, 50, 5, 10, 20, 0, 0];
        let after = [1030, 110, 520, 9030, 52, 6, 13, 24, 0, 0];
        // active user system idle iowait nice irq softirq steal guest guest_nice
        check(before, after, [70.0, 30.0, 20.0, 30.0, 2.0, 10.0, 1.0, 3.0, 4.0, 0.0, 0.0]);
    }

    #[test]
    fn time_in_virtual_machines_is_not_counted_as_user_too() {
        check([0; 10], [60, 20, 0, 20, 0, 0, 0, 0, 50, 5], [80.0, 10.0, 0.0, 20.0, 0.0, 15.0, 0.0, 0.0, 0.0, 50.0, 5.0]);
    }

    #[test]
    fn waiting_for_a_disk_may_go_backwards() {
        check([0, 0, 0, 0, 9, 0, 0, 0, 0, 0], [50, 0, 0, 50, 7, 0, 0, 0, 0, 0], [50.0, 50.0, 0.0, 50.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    }

    #[test]
    fn counters_are_in_seconds_and_told_only_where_they_are_wanted() {
        let read = ticks([1000, 100, 500, 9000, 50, 5, 10, 20, 7, 3]);
        assert_eq!(times(read, 100.0), [16.85, 10.0, 5.0, 90.0, 0.5, 1.0, 0.05, 0.1, 0.2, 0.07, 0.03].map(float));
        let stat = Stat { total: Some(read), cores: vec![(0, read)], ..Stat::default() };
        for (with_times, n_samples) in [(false, 0), (true, 22)] {
            let mut samples = Samples::new("node1");
            Cpu::new(true, with_times).put(&stat, &mut samples);
            assert_eq!(samples.n_samples(), n_samples);
        }
    }

    #[test]
    fn no_time_no_shares() {
        assert_eq!(shares(ticks([7; 10]), ticks([7; 10])), None);
    }

    fn services(cpu: &mut Cpu, stat: &Stat) -> Vec<String> {
        let mut samples = Samples::new("node1");
        samples.begin(Timestamp::from_secs(60));
        cpu.put(stat, &mut samples);
        let events: Vec<Event> = samples.messages().flat_map(msg::events).map(|view| Event::from(&view)).collect();
        let active = |event: &Event| event.service.as_deref().is_some_and(|service| service.ends_with("usage_active"));
        let shown = |event: &Event| format!("{} {}={}", event.service.as_deref().unwrap(), event.attributes[0].0, event.attributes[0].1);
        events.iter().filter(|event| active(event)).map(shown).collect()
    }

    #[test]
    fn a_core_that_was_switched_on_is_sampled_from_its_second_turn() {
        let mut cpu = Cpu::new(true, false);
        let at = |value: u64, numbers: &[u32]| Stat {
            total: Some(ticks([value; 10])),
            cores: numbers.iter().map(|number| (*number, ticks([value; 10]))).collect(),
            ..Stat::default()
        };
        let (total, [cpu0, cpu1, cpu2]) =
            ("cpu/usage_active cpu=cpu-total", [0, 1, 2].map(|n| format!("cpu/cpu{n}/usage_active cpu=cpu{n}")));
        assert!(services(&mut cpu, &at(1, &[0, 2])).is_empty());
        assert_eq!(services(&mut cpu, &at(2, &[0, 2])), [total, &cpu0, &cpu2]);
        assert_eq!(services(&mut cpu, &at(3, &[0, 1, 2])), [total, &cpu0, &cpu2]);
        assert_eq!(services(&mut cpu, &at(4, &[0, 1, 2])), [total, &cpu0, &cpu1, &cpu2]);
        assert_eq!(services(&mut cpu, &at(5, &[0])), [total, &cpu0]);
    }

    proptest! {
        #[test]
        fn shares_are_percentages_that_sum_up(before: [u32; 10], after: [u32; 10]) {
            let Some(shares) = shares(ticks(before.map(u64::from)), ticks(after.map(u64::from))) else { return Ok(()) };
            let shares = shares.map(|share| share.unwrap().as_f64());
            prop_assert!(shares[..9].iter().all(|share| (0.0..=100.0).contains(share)));
            let [active, _, _, idle, ..] = shares;
            prop_assert!((active + idle - 100.0).abs() < 1e-9);
        }
    }
}
