//! Network interfaces of the host, from `/proc/net/dev`; protocols and sockets.

use crate::metric::{Group, Metric, Pace, Unit};

/// Files for which the kernel adds up a number of each processor.
const DEAR: Pace = Pace::Seconds(5);
const GROUP: Group = Group::of("net", &["interface"]);

const PROTOCOLS: Group = Group { pace: DEAR, ..GROUP };
const COUNTED: Group = Group { measurement: "nstat", attributes: &[], pace: DEAR };
const SOCKETS: Group = Group { measurement: "netstat", attributes: &[], pace: DEAR };
const STATES: Group = Group { pace: Pace::Seconds(10), ..SOCKETS };
const FOLLOWED: Group = Group { measurement: "conntrack", attributes: &[], pace: Pace::Seconds(10) };
const HOST_NETWORK: &str = "the host's network, where the collector runs in a container";

/// Each interface; those with a protocol's name are of the instance `all`.
pub(crate) const NET: &[Metric] = &[
    GROUP.counter("bytes_recv", Unit::Bytes, "Bytes received."),
    GROUP.counter("bytes_sent", Unit::Bytes, "Bytes sent."),
    GROUP.counter("packets_recv", Unit::Number, "Packets received."),
    GROUP.counter("packets_sent", Unit::Number, "Packets sent."),
    GROUP.counter("err_in", Unit::Number, "Packets received that were broken."),
    GROUP.counter("err_out", Unit::Number, "Packets that could not be sent."),
    GROUP.counter("drop_in", Unit::Number, "Packets received that were thrown away for want of room or of a taker."),
    GROUP.counter("drop_out", Unit::Number, "Packets to be sent that were thrown away for want of room."),
    GROUP.gauge("speed", Unit::Number, "Speed of the link in Mbit/s.").pace(Pace::Seconds(10)).needs("a driver that knows it"),
    GROUP.gauge("up", Unit::Flag, "Whether the link is up.").pace(Pace::Seconds(10)).needs("a driver that knows it"),
    PROTOCOLS.counter("ip_inreceives", Unit::Number, "IP packets received."),
    PROTOCOLS.counter("ip_inhdrerrors", Unit::Number, "IP packets received with a broken header."),
    PROTOCOLS.counter("ip_inaddrerrors", Unit::Number, "IP packets received for an address that is not ours."),
    PROTOCOLS.counter("ip_forwdatagrams", Unit::Number, "IP packets passed on."),
    PROTOCOLS.counter("ip_indiscards", Unit::Number, "IP packets received that were thrown away for want of room."),
    PROTOCOLS.counter("ip_indelivers", Unit::Number, "IP packets handed to a protocol above."),
    PROTOCOLS.counter("ip_outrequests", Unit::Number, "IP packets to be sent."),
    PROTOCOLS.counter("ip_outdiscards", Unit::Number, "IP packets to be sent that were thrown away."),
    PROTOCOLS.counter("ip_outnoroutes", Unit::Number, "IP packets to be sent for which there was no route."),
    PROTOCOLS.counter("ip_reasmfails", Unit::Number, "IP packets that could not be put together from their fragments."),
    PROTOCOLS.counter("ip_fragfails", Unit::Number, "IP packets that had to be cut into fragments and could not."),
    PROTOCOLS.counter("icmp_inmsgs", Unit::Number, "ICMP messages received."),
    PROTOCOLS.counter("icmp_inerrors", Unit::Number, "ICMP messages received that were broken."),
    PROTOCOLS.counter("icmp_outmsgs", Unit::Number, "ICMP messages sent."),
    PROTOCOLS.counter("tcp_activeopens", Unit::Number, "TCP connections begun from here."),
    PROTOCOLS.counter("tcp_passiveopens", Unit::Number, "TCP connections begun by others."),
    PROTOCOLS.counter("tcp_attemptfails", Unit::Number, "TCP connections that could not be made."),
    PROTOCOLS.counter("tcp_estabresets", Unit::Number, "TCP connections that were reset."),
    PROTOCOLS.gauge("tcp_currestab", Unit::Number, "TCP connections that are established or wait for their end."),
    PROTOCOLS.counter("tcp_insegs", Unit::Number, "TCP segments received."),
    PROTOCOLS.counter("tcp_outsegs", Unit::Number, "TCP segments sent, without those sent again."),
    PROTOCOLS.counter("tcp_retranssegs", Unit::Number, "TCP segments sent again."),
    PROTOCOLS.counter("tcp_inerrs", Unit::Number, "TCP segments received that were broken."),
    PROTOCOLS.counter("tcp_outrsts", Unit::Number, "TCP resets sent."),
    PROTOCOLS.counter("udp_indatagrams", Unit::Number, "UDP datagrams received."),
    PROTOCOLS.counter("udp_noports", Unit::Number, "UDP datagrams received that nobody listened for."),
    PROTOCOLS.counter("udp_inerrors", Unit::Number, "UDP datagrams received that could not be handed over."),
    PROTOCOLS.counter("udp_outdatagrams", Unit::Number, "UDP datagrams sent."),
    PROTOCOLS.counter("udp_rcvbuferrors", Unit::Number, "UDP datagrams received that were thrown away because the receiver was too slow."),
    PROTOCOLS.counter("udp_sndbuferrors", Unit::Number, "UDP datagrams to be sent for which there was no room."),
];

/// What TCP and IP count beyond that.
pub(crate) const NSTAT: &[Metric] = &[
    COUNTED.counter("tcpext_listenoverflows", Unit::Number, "Connections that were refused because a listener did not accept fast enough."),
    COUNTED.counter("tcpext_listendrops", Unit::Number, "Connections that a listener lost for whatever reason."),
    COUNTED.counter("tcpext_syncookiessent", Unit::Number, "Syncookies sent, because a listener was flooded."),
    COUNTED.counter("tcpext_tcptimeouts", Unit::Number, "Times that an acknowledgement did not come in time."),
    COUNTED.counter("tcpext_tcpsynretrans", Unit::Number, "SYNs sent again."),
    COUNTED.counter("tcpext_tcpabortonmemory", Unit::Number, "Connections dropped for want of memory."),
    COUNTED.counter("tcpext_tcpabortontimeout", Unit::Number, "Connections dropped because the other side fell silent."),
    COUNTED.counter("tcpext_tcpbacklogdrop", Unit::Number, "Segments thrown away because a socket's queue was full."),
    COUNTED.counter("tcpext_tcpmemorypressures", Unit::Number, "Times that TCP ran short of memory."),
    COUNTED.counter("ipext_inoctets", Unit::Bytes, "Bytes of IP packets received."),
    COUNTED.counter("ipext_outoctets", Unit::Bytes, "Bytes of IP packets sent."),
];

/// Sockets.
pub(crate) const NETSTAT: &[Metric] = &[
    SOCKETS.gauge("sockets_used", Unit::Number, "Sockets in use."),
    SOCKETS.gauge("tcp_inuse", Unit::Number, "TCP sockets of IPv4 in use, without those in TIME_WAIT."),
    SOCKETS.gauge("tcp_orphan", Unit::Number, "TCP sockets that no process holds any more."),
    SOCKETS.gauge("tcp_tw", Unit::Number, "TCP sockets in TIME_WAIT."),
    SOCKETS.gauge("tcp_alloc", Unit::Number, "TCP sockets that have memory."),
    SOCKETS.gauge("tcp_mem", Unit::Number, "Pages of memory that TCP sockets hold."),
    SOCKETS.gauge("udp_socket", Unit::Number, "UDP sockets of IPv4 in use."),
    SOCKETS.gauge("udp_mem", Unit::Number, "Pages of memory that UDP sockets hold."),
    SOCKETS.gauge("tcp6_inuse", Unit::Number, "TCP sockets of IPv6 in use.").needs("IPv6"),
    SOCKETS.gauge("udp6_socket", Unit::Number, "UDP sockets of IPv6 in use.").needs("IPv6"),
    STATES.gauge("tcp_established", Unit::Number, "TCP sockets that are connected.").needs(HOST_NETWORK),
    STATES.gauge("tcp_syn_sent", Unit::Number, "TCP sockets that ask for a connection.").needs(HOST_NETWORK),
    STATES.gauge("tcp_syn_recv", Unit::Number, "TCP sockets that were asked for a connection.").needs(HOST_NETWORK),
    STATES.gauge("tcp_fin_wait1", Unit::Number, "TCP sockets that have ended from here.").needs(HOST_NETWORK),
    STATES.gauge("tcp_fin_wait2", Unit::Number, "TCP sockets that wait for the other side's end.").needs(HOST_NETWORK),
    STATES.gauge("tcp_time_wait", Unit::Number, "TCP sockets in TIME_WAIT.").needs(HOST_NETWORK),
    STATES.gauge("tcp_close", Unit::Number, "TCP sockets that are closed.").needs(HOST_NETWORK),
    STATES.gauge("tcp_close_wait", Unit::Number, "TCP sockets that the other side has ended and we have not.").needs(HOST_NETWORK),
    STATES.gauge("tcp_last_ack", Unit::Number, "TCP sockets that wait for the last acknowledgement.").needs(HOST_NETWORK),
    STATES.gauge("tcp_listen", Unit::Number, "TCP sockets that listen.").needs(HOST_NETWORK),
    STATES.gauge("tcp_closing", Unit::Number, "TCP sockets that both sides end at once.").needs(HOST_NETWORK),
];

/// Connections that the firewall follows.
pub(crate) const CONNTRACK: &[Metric] = &[
    FOLLOWED.gauge("ip_conntrack_count", Unit::Number, "Connections that are followed.").needs("the module nf_conntrack"),
    FOLLOWED.gauge("ip_conntrack_max", Unit::Number, "The most that can be.").needs("the module nf_conntrack"),
    FOLLOWED.percent("used_percent", "Share of the possible connections that are followed.").needs("the module nf_conntrack"),
];
