//! Between the timer and the bytes that are handed over nothing is allocated, once every series has been seen.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use collector::collectd::{Inbox, Security, Settings, Types, Users};
use collector::container::{Change, Containers, Facts, Id, Identity, Status};
use collector::{Error, Lists, Root, Sampler, Samples, Switches, Turn, Turns, host};
use event::msg::Encoder;
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
    let samplers = host::samplers(&root, Switches::default(), &[]).into_iter().filter(|sampler| sampler.name() != "process").collect();
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

/// So many containers, for so many turns.
const CONTAINERS: u32 = 10;
const TURNS: i64 = 1000;

/// The sampler of containers without a dockerd.
struct Ten(Containers);

impl Sampler for Ten {
    fn name(&self) -> &'static str {
        "containers"
    }

    fn sample(&mut self, turn: &mut Turn<'_>, out: &mut Samples) -> Result<(), Error> {
        self.0.sample(turn.now, turn.due, out);
        Ok(())
    }
}

/// The files of ten containers are the kernel's own: those of the groups that this process is in, opened once for each.
/// Limits and pressure are read, and what Docker told is told again, many times in so many turns.
#[test]
fn a_thousand_turns_of_ten_containers_allocate_nothing() {
    let root = tempfile::tempdir().expect("a temporary folder");
    tree(root.path());
    let mut containers = Containers::new(Root::new(Some(root.path())), Duration::from_secs(1));
    containers.apply(Change::All((1..=CONTAINERS).map(facts).collect()), &mut Samples::new("node1"));
    let mut turns = Turns::new("node1", Duration::from_secs(1), vec![Box::new(Ten(containers))]);
    let mut n_bytes: usize = (0..WARM_UP).map(|secs| take(&mut turns, secs)).sum();
    if n_bytes < 10_000 * WARM_UP as usize {
        println!("skipped: the groups of this process are not below a mount that is seen here");
        return;
    }
    let mut secs = WARM_UP;
    let mut counts = Vec::with_capacity(ATTEMPTS);
    // A device that these groups use for the first time is a new series.
    while counts.len() < ATTEMPTS && counts.last() != Some(&0) {
        let counted = allocation_counter::measure(|| n_bytes = (secs..secs + TURNS).map(|secs| take(&mut turns, secs)).sum());
        counts.push(counted.count_total);
        assert!(n_bytes > 10_000 * TURNS as usize, "{n_bytes} bytes in a thousand turns");
        secs += TURNS;
    }
    assert_eq!(counts.last(), Some(&0), "allocations in each thousand turns: {counts:?}");
}

fn tree(root: &Path) {
    symlink("/sys", root.join("sys")).expect("a link");
    let groups = fs::read_to_string("/proc/self/cgroup").expect("this kernel has control groups");
    for pid in 1..=CONTAINERS {
        let process = root.join("proc").join(pid.to_string());
        fs::create_dir_all(&process).expect("a folder");
        fs::write(process.join("cgroup"), format!("{groups}99:name=test:/docker/{}\n", id(pid).as_str())).expect("a file");
        symlink("/proc/self/net", process.join("net")).expect("a link");
        symlink("/proc/self/mountinfo", process.join("mountinfo")).expect("a link");
    }
}

fn id(pid: u32) -> Id {
    Id::new(&format!("{pid:064x}")).expect("64 digits")
}

fn facts(pid: u32) -> Facts {
    let identity = Identity { name: format!("web.{pid}"), service: Some("web".to_owned()), ..Identity::default() };
    let image = "registry:5000/shop/web:2".to_owned();
    Facts { id: id(pid), identity, image, status: Status::Running, pid: Some(pid), ..Facts::default() }
}

/// A datagram as collectd sends it: three gauges and a counter of one node, at so many seconds.
fn datagram(secs: u64, out: &mut Vec<u8>) {
    let mut part = |kind: u16, body: &[&[u8]]| {
        let length = 4 + body.iter().map(|piece| piece.len()).sum::<usize>();
        out.extend_from_slice(&kind.to_be_bytes());
        out.extend_from_slice(&(length as u16).to_be_bytes());
        body.iter().for_each(|piece| out.extend_from_slice(piece));
    };
    part(0, &[b"node1\0"]);
    part(1, &[&secs.to_be_bytes()]);
    part(7, &[&10u64.to_be_bytes()]);
    part(2, &[b"load\0"]);
    part(4, &[b"load\0"]);
    part(6, &[&[0, 3, 1, 1, 1], &0.5f64.to_le_bytes(), &1.5f64.to_le_bytes(), &2.5f64.to_le_bytes()]);
    part(2, &[b"cpu\0"]);
    part(4, &[b"cpu\0"]);
    part(6, &[&[0, 1, 2], &(secs * 100).to_be_bytes()]);
}

#[test]
fn a_value_of_collectds_allocates_nothing_once_its_series_is_known() {
    let listen = "127.0.0.1:25826".parse().expect("an address");
    let settings = Settings { listen, security: Security::None, users: Users::default(), types: Types::default(), max_series: 100 };
    let mut inbox = Inbox::new(&settings, Lists::default());
    let (mut bytes, mut taken, mut n_events) = (Vec::new(), Encoder::new(), 0);
    let mut take = |secs: u64| {
        bytes.clear();
        datagram(secs, &mut bytes);
        inbox.take(&mut bytes).expect("a datagram");
        inbox.exchange(&mut taken);
        n_events += taken.n_events();
    };
    (1..100).for_each(&mut take);
    let counted = allocation_counter::measure(|| (100..1100).for_each(&mut take));
    assert_eq!((counted.count_total, n_events), (0, 4 * 1099 - 1));
}
