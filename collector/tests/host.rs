//! Whole turns of the host: a machine made of literal kernel text, and this one.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use catalogue::Kind;
use collector::{Root, Switches, Turns, host};
use event::{Duration, Event, Metric, Name, Timestamp, mark, msg};

/// A small machine, as its kernel tells of it.
const MACHINE: [(&str, &str); 30] = [
    (
        "proc/stat",
        "cpu  1000 0 500 8500 0 0 0 0 0 0\ncpu0 1000 0 500 8500 0 0 0 0 0 0\nintr 7000 1 2\nctxt 9000\nbtime 1795538643\n\
         processes 300\nprocs_running 2\nprocs_blocked 1\n",
    ),
    (
        "proc/meminfo",
        "MemTotal: 1000 kB\nMemFree: 200 kB\nMemAvailable: 750 kB\nBuffers: 10 kB\nCached: 300 kB\nSwapTotal: 400 kB\nSwapFree: 300 kB\n",
    ),
    ("proc/vmstat", "nr_free_pages 50\npswpin 3\npswpout 5\n"),
    ("proc/loadavg", "0.50 1.00 2.00 2/112 300\n"),
    ("proc/uptime", "2740.54 4868.34\n"),
    ("sys/devices/system/cpu/online", "0-1\n"),
    (
        "proc/diskstats",
        " 7 0 loop0 9 0 9 9 9 0 9 9 0 9 9\n 254 0 vda 100 1 800 50 200 2 1600 150 0 70 200\n 254 1 vda1 100 1 800 50 200 2 1600 150 0 70 200\n",
    ),
    (
        "proc/1/net/dev",
        "Inter-| Receive\n face |bytes\n  lo: 7 7 0 0 0 0 0 0 7 7 0 0 0 0 0 0\n  eth0: 1000 10 1 2 0 0 0 0 500 5 3 4 0 0 0 0\n  eth1: 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
    ),
    (
        "proc/1/mountinfo",
        "22 27 0:21 / /proc rw - proc proc rw\n27 1 254:1 / / rw - ext4 /dev/vda1 rw\n28 27 254:1 /srv /mnt rw - ext4 /dev/vda1 rw\n",
    ),
    ("proc/pressure/cpu", "some avg10=10.84 avg60=5.38 avg300=2.03 total=35573633\n"),
    ("proc/pressure/memory", "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n"),
    ("proc/pressure/io", "some avg10=0.34 avg60=0.39 avg300=0.33 total=163\nfull avg10=0.04 avg60=0.30 avg300=0.27 total=151\n"),
    ("etc/hostname", "worker1\n"),
    ("sys/block/vda/size", "1\n"),
    ("proc/1/stat", "1 (init (x)) S 0 1 1 0 -1 4194560 9000 7 3 0 10 20 0 0 20 0 1 0 500 1000 200\n"),
    ("proc/2/stat", "2 (kworker) I 0 1 1 0 -1 4194560 9000 7 3 0 10 20 0 0 20 0 1 0 500 1000 200\n"),
    ("proc/1/net/snmp", "Tcp: MaxConn CurrEstab RetransSegs\nTcp: -1 4 7\nUdp: NoPorts InErrors\nUdp: 1 2\n"),
    ("proc/1/net/netstat", "TcpExt: ListenOverflows ListenDrops\nTcpExt: 5 6\nIpExt: InOctets\nIpExt: 9\n"),
    ("proc/1/net/sockstat", "sockets: used 20\nTCP: inuse 1 orphan 0 tw 5 alloc 23 mem 2\nUDP: inuse 3 mem 1\n"),
    ("proc/1/net/sockstat6", "TCP6: inuse 2\nUDP6: inuse 4\nRAW6: inuse 0\nFRAG6: inuse 0 memory 0\n"),
    ("proc/sys/fs/file-nr", "100\t0\t400\n"),
    ("proc/sys/fs/inode-nr", "191146\t1159\n"),
    ("proc/sys/fs/dentry-state", "247515\t244744\t45\t0\t53058\t0\n"),
    ("proc/sys/net/netfilter/nf_conntrack_count", "25\n"),
    ("proc/sys/net/netfilter/nf_conntrack_max", "100\n"),
    ("proc/sys/kernel/random/entropy_avail", "256\n"),
    ("sys/class/hwmon/hwmon0/name", "coretemp\n"),
    ("sys/class/hwmon/hwmon0/temp1_input", "48500\n"),
    ("sys/class/hwmon/hwmon0/fan2_input", "1200\n"),
    ("sys/class/net/eth0/operstate", "up\n"),
];

/// Its second second.
const LATER: [(&str, &str); 2] = [
    ("proc/stat", "cpu  1030 0 520 8550 0 0 0 0 0 0\ncpu0 1030 0 520 8550 0 0 0 0 0 0\nctxt 9100\n"),
    ("proc/diskstats", " 254 0 vda 110 1 880 60 230 2 1840 210 1 320 400\n"),
];

fn write(root: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
}

fn machine(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), files);
    folder
}

fn turns(root: &Root) -> Turns {
    Turns::new(&host::name(root), Duration::from_secs(1), host::samplers(root, Switches::default(), &[]))
}

fn events(turns: &Turns) -> Vec<Event> {
    turns.samples().messages().flat_map(msg::events).map(|view| Event::from(&view)).collect()
}

/// Takes the turn of this second.
fn take(turns: &mut Turns, secs: i64) -> Vec<Event> {
    turns.take(Timestamp::from_secs(1_795_540_000 + secs), Timestamp::from_secs(secs));
    turns.end(Timestamp::from_secs(1_795_540_000 + secs));
    events(turns)
}

/// `service attribute=value … metric`
fn shown(event: &Event) -> String {
    let attributes: Vec<String> = event.attributes.iter().map(|(key, value)| format!("{key}={value} ")).collect();
    format!("{} {}{}", event.service.as_deref().expect("a service"), attributes.concat(), event.metric.expect("a metric"))
}

/// The samples of some measurements: those of the file systems and of this process are not the test's to choose.
fn of(events: &[Event], measurements: &[&str]) -> Vec<String> {
    let is_wanted = |line: &String| measurements.iter().any(|measurement| line.split('/').next() == Some(measurement));
    events.iter().map(shown).filter(is_wanted).collect()
}

#[test]
fn a_turn_tells_what_the_kernels_files_say() {
    let folder = machine(&MACHINE);
    let root = Root::new(Some(folder.path()));
    let mut turns = turns(&root);
    let first = take(&mut turns, 1);
    assert!(first.iter().all(|event| event.host.as_deref() == Some("worker1")));
    assert_eq!(of(&first, &["cpu"]), [""; 0]);
    let expected = [
        "kernel/context_switches 9000",
        "kernel/interrupts 7000",
        "kernel/processes_forked 300",
        "kernel/boot_time 1795538643",
        "processes/running 2",
        "processes/blocked 1",
        "processes/total_threads 112",
        "system/load1 0.5",
        "system/load5 1",
        "system/load15 2",
        "system/load1_per_cpu 0.25",
        "system/load5_per_cpu 0.5",
        "system/load15_per_cpu 1",
        "system/n_cpus 2",
        "system/uptime 2740",
    ];
    let each_turn: Vec<String> = of(&first, &["kernel", "processes", "system"]).into_iter().take(expected.len()).collect();
    assert_eq!(each_turn, expected);
    let expected = [
        "mem/total 1024000",
        "mem/available 768000",
        "mem/used 256000",
        "mem/used_percent 25",
        "mem/available_percent 75",
        "mem/free 204800",
        "mem/buffered 10240",
        "mem/cached 307200",
        "swap/total 409600",
        "swap/used 102400",
        "swap/free 307200",
        "swap/used_percent 25",
        "swap/in 12288",
        "swap/out 20480",
    ];
    assert_eq!(of(&first, &["mem", "swap"]), expected);
    let paths: Vec<String> = of(&first, &["disk"]).into_iter().filter(|line| line.contains("/total ")).collect();
    assert_eq!(paths.len(), 1);
    assert!(paths[0].starts_with("disk///total path=/ device=vda1 fstype=ext4 "), "{}", paths[0]);
}

#[test]
fn devices_carry_their_attributes() {
    let folder = machine(&MACHINE);
    let mut turns = turns(&Root::new(Some(folder.path())));
    let first = take(&mut turns, 1);
    let expected = [
        "diskio/vda/reads name=vda 100",
        "diskio/vda/writes name=vda 200",
        "diskio/vda/read_bytes name=vda 409600",
        "diskio/vda/write_bytes name=vda 819200",
        "diskio/vda/read_time name=vda 50",
        "diskio/vda/write_time name=vda 150",
        "diskio/vda/io_time name=vda 70",
        "diskio/vda/weighted_io_time name=vda 200",
        "diskio/vda/iops_in_progress name=vda 0",
        "diskio/vda/merged_reads name=vda 1",
        "diskio/vda/merged_writes name=vda 2",
        "net/eth0/bytes_recv interface=eth0 1000",
        "net/eth0/bytes_sent interface=eth0 500",
        "net/eth0/packets_recv interface=eth0 10",
        "net/eth0/packets_sent interface=eth0 5",
        "net/eth0/err_in interface=eth0 1",
        "net/eth0/err_out interface=eth0 3",
        "net/eth0/drop_in interface=eth0 2",
        "net/eth0/drop_out interface=eth0 4",
        "net/eth0/up interface=eth0 1",
        "net/all/tcp_currestab interface=all 4",
        "net/all/tcp_retranssegs interface=all 7",
        "net/all/udp_noports interface=all 1",
        "net/all/udp_inerrors interface=all 2",
    ];
    assert_eq!(of(&first, &["diskio", "net"]), expected);
    let pressure = of(&first, &["pressure"]);
    assert_eq!(pressure[0], "pressure/cpu-some/avg10 resource=cpu type=some 10.84");
    assert_eq!(pressure[19], "pressure/io-full/total resource=io type=full 151");
    assert_eq!(pressure.len(), 20);
}

#[test]
fn each_ten_seconds_what_changes_slowly() {
    let folder = machine(&MACHINE);
    let first = take(&mut turns(&Root::new(Some(folder.path()))), 1);
    let expected = [
        "kernel_vmstat/pswpin 3",
        "kernel_vmstat/pswpout 5",
        "nstat/tcpext_listenoverflows 5",
        "nstat/tcpext_listendrops 6",
        "nstat/ipext_inoctets 9",
        "netstat/sockets_used 20",
        "netstat/tcp_inuse 1",
        "netstat/tcp_orphan 0",
        "netstat/tcp_tw 5",
        "netstat/tcp_alloc 23",
        "netstat/tcp_mem 2",
        "netstat/udp_socket 3",
        "netstat/udp_mem 1",
        "netstat/tcp6_inuse 2",
        "netstat/udp6_socket 4",
        "linux_sysctl_fs/file-nr 100",
        "linux_sysctl_fs/file-max 400",
        "linux_sysctl_fs/file_used_percent 25",
        "linux_sysctl_fs/inode-nr 191146",
        "linux_sysctl_fs/inode-free-nr 1159",
        "linux_sysctl_fs/dentry-nr 247515",
        "conntrack/ip_conntrack_count 25",
        "conntrack/ip_conntrack_max 100",
        "conntrack/used_percent 25",
        "temp/coretemp_hwmon0_temp1/temp sensor=coretemp_hwmon0_temp1 48.5",
        "sensors/coretemp_hwmon0-fan2/fan_input chip=coretemp_hwmon0 feature=fan2 1200",
    ];
    let slow = ["kernel_vmstat", "nstat", "netstat", "linux_sysctl_fs", "conntrack", "temp", "sensors"];
    assert_eq!(of(&first, &slow), expected);
    let states: Vec<String> = of(&first, &["kernel", "processes"]).split_off(7);
    let expected = ["total 2", "sleeping 1", "idle 1", "stopped 0", "zombies 0", "dead 0", "paging 0", "parked 0"];
    assert_eq!(states[0], "kernel/entropy_avail 256");
    assert_eq!(states[1..], expected.map(|state| format!("processes/{state}")));
}

#[test]
fn extras_are_told_when_they_are_asked_for() {
    let folder = machine(&MACHINE);
    write(
        folder.path(),
        &[
            ("proc/interrupts", "      CPU0  CPU1\n 24:  1  2  IO-APIC  5-edge  ACPI:Ged\nERR:  0\n"),
            ("proc/mdstat", "md0 : active raid1 sdb1[1](F) sda1[0]\n  104320 blocks [2/1] [U_]\n  [=>..]  resync = 12.6% (1/8)\n"),
            ("sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "9\n"),
            ("sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "7\n"),
            ("sys/kernel/mm/hugepages/hugepages-2048kB/resv_hugepages", "1\n"),
            ("sys/kernel/mm/hugepages/hugepages-2048kB/surplus_hugepages", "0\n"),
            ("proc/softirqs", "      CPU0  CPU1\n NET_RX:  74448  77117\n"),
        ],
    );
    let root = Root::new(Some(folder.path()));
    let without = take(&mut turns(&root), 1);
    let measurements = ["interrupts", "soft_interrupts", "hugepages_root", "mdstat"];
    assert_eq!(of(&without, &measurements), [""; 0]);
    let switches = Switches { irq: true, softirq: true, hugepages: true, md: true, ..Switches::default() };
    let mut with = Turns::new("worker1", Duration::from_secs(1), host::samplers(&root, switches, &[]));
    let expected = [
        "interrupts/24/total irq=24 3",
        "interrupts/ERR/total irq=ERR 0",
        "soft_interrupts/NET_RX/total irq=NET_RX 151565",
        "hugepages_root/2048/total size_kb=2048 9",
        "hugepages_root/2048/free size_kb=2048 7",
        "hugepages_root/2048/reserved size_kb=2048 1",
        "hugepages_root/2048/surplus size_kb=2048 0",
        "mdstat/md0/active name=md0 1",
        "mdstat/md0/blocks_total name=md0 104320",
        "mdstat/md0/disks_total name=md0 2",
        "mdstat/md0/disks_active name=md0 1",
        "mdstat/md0/disks_failed name=md0 1",
        "mdstat/md0/disks_spare name=md0 0",
        "mdstat/md0/sync_percent name=md0 12.6",
    ];
    assert_eq!(of(&take(&mut with, 1), &measurements), expected);
}

#[test]
fn broken_files_are_counted_each_for_itself() {
    let folder = machine(&MACHINE);
    let mut turns = turns(&Root::new(Some(folder.path())));
    take(&mut turns, 1);
    let broken = ["proc/1/net/snmp", "proc/1/net/netstat", "proc/1/net/sockstat", "proc/vmstat", "proc/sys/fs/file-nr"];
    write(folder.path(), &broken.map(|path| (path, "absurd \u{0}")));
    let events = take(&mut turns, 10);
    assert!(events.iter().any(|event| shown(event) == "skep_collector/read_errors 5"));
    assert_eq!(of(&events, &["nstat", "linux_sysctl_fs", "kernel_vmstat"]), [""; 0]);
    assert_eq!(of(&events, &["conntrack"]).len(), 3, "the others go on");
}

#[test]
fn shares_and_rates_begin_with_the_second_turn() {
    let folder = machine(&MACHINE);
    let mut turns = turns(&Root::new(Some(folder.path())));
    take(&mut turns, 1);
    write(folder.path(), &LATER);
    let second = take(&mut turns, 2);
    let cpu = of(&second, &["cpu"]);
    assert_eq!(
        cpu[..4],
        [
            "cpu/usage_active cpu=cpu-total 50",
            "cpu/usage_user cpu=cpu-total 30",
            "cpu/usage_system cpu=cpu-total 20",
            "cpu/usage_idle cpu=cpu-total 50"
        ]
    );
    assert_eq!(cpu[11], "cpu/cpu0/usage_active cpu=cpu0 50");
    assert_eq!(cpu.len(), 22);
    let rates: Vec<String> =
        of(&second, &["diskio"]).into_iter().filter(|line| line.contains("/io_util") || line.contains("/io_await")).collect();
    assert_eq!(rates, ["diskio/vda/io_util name=vda 25", "diskio/vda/io_await name=vda 1.75"]);
    assert_eq!(of(&second, &["disk"]), [""; 0], "disks are asked each 10 seconds");
}

#[test]
fn an_old_kernel_lacks_some_files_and_a_broken_one_is_counted() {
    let old: Vec<_> = MACHINE.into_iter().filter(|(path, _)| !path.contains("pressure") && !path.contains("vmstat")).collect();
    let folder = machine(&old);
    let mut turns = turns(&Root::new(Some(folder.path())));
    let first = take(&mut turns, 1);
    assert_eq!(of(&first, &["pressure"]), [""; 0]);
    assert_eq!(of(&first, &["swap"]).last().unwrap(), "swap/used_percent 25");
    write(folder.path(), &[("proc/loadavg", ""), ("proc/meminfo", "")]);
    let broken = take(&mut turns, 2);
    assert!(broken.iter().any(|event| shown(event) == "skep_collector/read_errors 2"));
    assert_eq!(of(&broken, &["system", "mem"]), [""; 0]);
    assert!(of(&broken, &["net"]).len() == 8, "the others go on");
}

/// A turn of this very machine, its second.
fn of_this_machine() -> Vec<Event> {
    let switches = Switches { irq: true, softirq: true, hugepages: true, ..Switches::default() };
    let mut turns = Turns::new("node1", Duration::from_secs(1), host::samplers(&Root::new(None), switches, &[]));
    take(&mut turns, 9);
    take(&mut turns, 10)
}

#[test]
fn no_two_samples_of_a_turn_have_one_service() {
    let events = of_this_machine();
    let keys: BTreeSet<_> = events.iter().map(|event| (event.host.as_deref(), event.service.as_deref())).collect();
    assert_eq!(keys.len(), events.len());
    assert!(events.len() > 60, "{} samples", events.len());
}

#[test]
fn every_sample_is_as_the_catalogue_says() {
    let folder = machine(&MACHINE);
    let mut fixture = turns(&Root::new(Some(folder.path())));
    take(&mut fixture, 9);
    write(folder.path(), &LATER);
    let fixture = take(&mut fixture, 10);
    for event in of_this_machine().iter().chain(&fixture) {
        let service = event.service.as_deref().unwrap();
        let name = Name::split(service).expect("a name of ours");
        let Some(metric) = catalogue::find(name.measurement, name.field) else { panic!("{service} is not in the catalogue: add it there") };
        assert_eq!(metric.is_float, matches!(event.metric, Some(Metric::Float(_))), "{service}");
        assert!(matches!(metric.kind, Kind::Gauge | Kind::Counter), "{service}");
        let keys: Vec<&str> = event.attributes.iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(keys, metric.attributes, "{service}");
        assert_eq!(event.marks, [str::from_utf8(mark::SKEP).unwrap()], "{service}");
        assert!(event.ttl.is_some_and(|ttl| ttl >= 5.0), "{service}");
    }
}

#[test]
fn percentages_of_this_machine_lie_between_0_and_100() {
    for event in of_this_machine() {
        let name = Name::split(event.service.as_deref().unwrap()).unwrap();
        let unit = catalogue::find(name.measurement, name.field).unwrap().unit;
        if unit == catalogue::Unit::Percent {
            assert!((0.0..=100.0).contains(&event.metric.unwrap().as_f64()), "{}", shown(&event));
        }
    }
}
