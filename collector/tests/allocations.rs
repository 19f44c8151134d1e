//! Between the timer and the bytes that are handed over nothing is allocated, once every series has been seen.

use collector::{Root, Switches, Turns, host};
use event::{Duration, Timestamp};

/// All that grows has grown after these turns: texts of series, buffers, messages.
const WARM_UP: i64 = 25;

/// Stretches of ten turns, of which one must be without allocation; a steady allocation is in each of them.
const ATTEMPTS: usize = 5;

/// Takes the turn of this second and looks at each message, as the way out does.
fn take(turns: &mut Turns, secs: i64) -> usize {
    let due = Timestamp::from_secs(1_795_540_000 + secs);
    turns.take(due, Timestamp::from_secs(secs));
    turns.end(due);
    turns.samples().messages().map(<[u8]>::len).sum()
}

#[test]
fn a_turn_of_the_host_allocates_nothing() {
    let root = Root::new(None);
    // Asked for the number of its open files, a kernel before 6.2 makes us list a folder.
    let samplers = host::samplers(&root, Switches::default()).into_iter().filter(|sampler| sampler.name() != "process").collect();
    let mut turns = Turns::new("node1", Duration::from_secs(1), samplers);
    for secs in 0..WARM_UP {
        take(&mut turns, secs);
    }
    // This is the real machine: a mount, an interface or a disk that comes meanwhile is a new series and may allocate once.
    let mut secs = WARM_UP;
    let mut counts = Vec::with_capacity(ATTEMPTS);
    while counts.len() < ATTEMPTS && counts.last() != Some(&0) {
        counts.push(ten_turns(&mut turns, secs));
        secs += 10;
    }
    assert_eq!(counts.last(), Some(&0), "allocations in each ten turns: {counts:?}");
}

/// Allocations of ten turns: each sampler is due at least once.
fn ten_turns(turns: &mut Turns, from: i64) -> u64 {
    let mut n_bytes = 0;
    let counted = allocation_counter::measure(|| n_bytes = (from..from + 10).map(|secs| take(turns, secs)).sum());
    assert!(n_bytes > 10 * 1000, "{n_bytes} bytes in ten turns");
    counted.count_total
}
