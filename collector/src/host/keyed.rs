//! `net/all`, `nstat`, `netstat`, `kernel_vmstat`: a file of named numbers for each, read alike.

use event::Duration;

use crate::kept::{File, Shape};
use crate::kernel::keyed::{Key, Layout};
use crate::{Error, Root, Sampler, Samples, Series, Turn, int};

/// The kernel adds up the numbers of all processors for every line: these files are dear.
const EVERY: Duration = Duration::from_secs(5);

/// Which numbers of which file make which fields.
struct Table<const N: usize> {
    name: &'static str,
    measurement: &'static str,
    instance: Option<&'static str>,
    attributes: &'static [(&'static str, &'static str)],
    layout: Layout,
    /// Group, name, field.
    rows: [(&'static str, &'static str, &'static str); N],
}

/// The open file, what is wanted of it, and its series.
#[derive(Debug)]
pub(super) struct Keyed<const N: usize> {
    name: &'static str,
    file: File,
    layout: Layout,
    keys: [Key; N],
    series: Series<N>,
}

impl<const N: usize> Keyed<N> {
    fn new(file: File, table: &Table<N>) -> Self {
        let keys = table.rows.map(|(group, name, _)| Key { group, name });
        let series = Series::new(table.measurement, table.instance, table.rows.map(|(_, _, field)| field), table.attributes);
        Self { name: table.name, file, layout: table.layout, keys, series }
    }
}

impl<const N: usize> Sampler for Keyed<N> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn every(&self) -> Duration {
        EVERY
    }

    fn sample(&mut self, turn: &mut Turn<'_>, out: &mut Samples) -> Result<(), Error> {
        let values = self.layout.values(self.file.read(turn.buffer)?, &self.keys);
        if values.iter().all(Option::is_none) {
            return Err(self.file.lacks("number that we know"));
        }
        self.series.put(out, values.map(|value| value.and_then(int)));
        Ok(())
    }
}

const SNMP: Table<30> = Table {
    name: "snmp",
    measurement: "net",
    instance: Some("all"),
    attributes: &[("interface", "all")],
    layout: Layout::Titles,
    rows: [
        ("Ip", "InReceives", "ip_inreceives"),
        ("Ip", "InHdrErrors", "ip_inhdrerrors"),
        ("Ip", "InAddrErrors", "ip_inaddrerrors"),
        ("Ip", "ForwDatagrams", "ip_forwdatagrams"),
        ("Ip", "InDiscards", "ip_indiscards"),
        ("Ip", "InDelivers", "ip_indelivers"),
        ("Ip", "OutRequests", "ip_outrequests"),
        ("Ip", "OutDiscards", "ip_outdiscards"),
        ("Ip", "OutNoRoutes", "ip_outnoroutes"),
        ("Ip", "ReasmFails", "ip_reasmfails"),
        ("Ip", "FragFails", "ip_fragfails"),
        ("Icmp", "InMsgs", "icmp_inmsgs"),
        ("Icmp", "InErrors", "icmp_inerrors"),
        ("Icmp", "OutMsgs", "icmp_outmsgs"),
        ("Tcp", "ActiveOpens", "tcp_activeopens"),
        ("Tcp", "PassiveOpens", "tcp_passiveopens"),
        ("Tcp", "AttemptFails", "tcp_attemptfails"),
        ("Tcp", "EstabResets", "tcp_estabresets"),
        ("Tcp", "CurrEstab", "tcp_currestab"),
        ("Tcp", "InSegs", "tcp_insegs"),
        ("Tcp", "OutSegs", "tcp_outsegs"),
        ("Tcp", "RetransSegs", "tcp_retranssegs"),
        ("Tcp", "InErrs", "tcp_inerrs"),
        ("Tcp", "OutRsts", "tcp_outrsts"),
        ("Udp", "InDatagrams", "udp_indatagrams"),
        ("Udp", "NoPorts", "udp_noports"),
        ("Udp", "InErrors", "udp_inerrors"),
        ("Udp", "OutDatagrams", "udp_outdatagrams"),
        ("Udp", "RcvbufErrors", "udp_rcvbuferrors"),
        ("Udp", "SndbufErrors", "udp_sndbuferrors"),
    ],
};

const NETSTAT: Table<11> = Table {
    name: "nstat",
    measurement: "nstat",
    instance: None,
    attributes: &[],
    layout: Layout::Titles,
    rows: [
        ("TcpExt", "ListenOverflows", "tcpext_listenoverflows"),
        ("TcpExt", "ListenDrops", "tcpext_listendrops"),
        ("TcpExt", "SyncookiesSent", "tcpext_syncookiessent"),
        ("TcpExt", "TCPTimeouts", "tcpext_tcptimeouts"),
        ("TcpExt", "TCPSynRetrans", "tcpext_tcpsynretrans"),
        ("TcpExt", "TCPAbortOnMemory", "tcpext_tcpabortonmemory"),
        ("TcpExt", "TCPAbortOnTimeout", "tcpext_tcpabortontimeout"),
        ("TcpExt", "TCPBacklogDrop", "tcpext_tcpbacklogdrop"),
        ("TcpExt", "TCPMemoryPressures", "tcpext_tcpmemorypressures"),
        ("IpExt", "InOctets", "ipext_inoctets"),
        ("IpExt", "OutOctets", "ipext_outoctets"),
    ],
};

const SOCKSTAT: Table<8> = Table {
    name: "sockstat",
    measurement: "netstat",
    instance: None,
    attributes: &[],
    layout: Layout::Pairs,
    rows: [
        ("sockets", "used", "sockets_used"),
        ("TCP", "inuse", "tcp_inuse"),
        ("TCP", "orphan", "tcp_orphan"),
        ("TCP", "tw", "tcp_tw"),
        ("TCP", "alloc", "tcp_alloc"),
        ("TCP", "mem", "tcp_mem"),
        ("UDP", "inuse", "udp_socket"),
        ("UDP", "mem", "udp_mem"),
    ],
};

const SOCKSTAT6: Table<2> = Table {
    name: "sockstat6",
    measurement: "netstat",
    instance: None,
    attributes: &[],
    layout: Layout::Pairs,
    rows: [("TCP6", "inuse", "tcp6_inuse"), ("UDP6", "inuse", "udp6_socket")],
};

const VMSTAT: Table<11> = Table {
    name: "kernel_vmstat",
    measurement: "kernel_vmstat",
    instance: None,
    attributes: &[],
    layout: Layout::Pairs,
    rows: [
        ("", "pgpgin", "pgpgin"),
        ("", "pgpgout", "pgpgout"),
        ("", "pswpin", "pswpin"),
        ("", "pswpout", "pswpout"),
        ("", "pgfault", "pgfault"),
        ("", "pgmajfault", "pgmajfault"),
        ("", "pgscan_kswapd", "pgscan_kswapd"),
        ("", "pgscan_direct", "pgscan_direct"),
        ("", "pgsteal_kswapd", "pgsteal_kswapd"),
        ("", "pgsteal_direct", "pgsteal_direct"),
        ("", "oom_kill", "oom_kill"),
    ],
};

/// IP, ICMP, TCP and UDP of the host's network namespace.
pub(super) fn snmp(root: &Root) -> Result<impl Sampler + use<>, Error> {
    Ok(Keyed::new(File::open(root.proc_of_host("net/snmp"), Shape::Records)?, &SNMP))
}

/// What TCP counts beyond that.
pub(super) fn nstat(root: &Root) -> Result<impl Sampler + use<>, Error> {
    Ok(Keyed::new(File::open(root.proc_of_host("net/netstat"), Shape::Records)?, &NETSTAT))
}

/// Sockets.
pub(super) fn sockstat(root: &Root) -> Result<impl Sampler + use<>, Error> {
    Ok(Keyed::new(File::open(root.proc_of_host("net/sockstat"), Shape::Records)?, &SOCKSTAT))
}

/// Those of IPv6, which the file before leaves out.
pub(super) fn sockstat6(root: &Root) -> Result<impl Sampler + use<>, Error> {
    Ok(Keyed::new(File::open(root.proc_of_host("net/sockstat6"), Shape::Records)?, &SOCKSTAT6))
}

/// Paging.
pub(super) fn vmstat(root: &Root) -> Result<impl Sampler + use<>, Error> {
    Ok(Keyed::new(File::open(root.proc("vmstat"), Shape::Records)?, &VMSTAT))
}
