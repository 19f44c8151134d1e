//! What the ways in count.

use crate::count::Count;
use crate::latency::Latency;

/// What came in, and what did not; for `skep_processor` and `/metrics`.
#[derive(Debug, Default)]
pub struct Counters {
    /// Deliveries handed on.
    pub deliveries: Count,
    /// Messages in them.
    pub messages: Count,
    /// Bytes of them.
    pub bytes: Count,
    /// Datagrams dropped for want of room.
    pub udp_dropped: Count,
    /// Datagrams that the kernel dropped because they came faster than they were read, looked up every ten seconds.
    pub udp_kernel_drops: Count,
    /// Datagrams that were no message.
    pub udp_undecodable: Count,
    /// Batches of the process's own collector dropped for want of room.
    pub collector_dropped: Count,
    /// Messages that came by TCP.
    pub tcp_messages: Count,
    /// Datagrams that were messages and found room.
    pub udp_messages: Count,
    /// From the last byte of what was read together to its replies, of TCP.
    pub tcp_latency: Latency,
    /// TCP connections open now.
    pub connections: Count,
    /// TCP connections closed at once because there were too many.
    pub connections_refused: Count,
    /// TCP connections closed for a message that is none, or too long.
    pub connections_garbage: Count,
    /// TCP connections closed because a message did not end or replies were not read in time.
    pub connections_stalled: Count,
    /// TLS connections whose handshake failed: no certificate of ours, no TLS, or too slow.
    pub tls_refused: Count,
    /// Events of Graphite's and OpenTSDB's lines.
    pub line_events: Count,
    /// Lines that were no event.
    pub lines_refused: Count,
}
