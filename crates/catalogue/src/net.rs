//! Network interfaces of the host, from `/proc/net/dev`.

use crate::metric::{Group, Metric, Unit};

const GROUP: Group = Group::of("net", &["interface"]);

/// Each interface.
pub(crate) const NET: &[Metric] = &[
    GROUP.counter("bytes_recv", Unit::Bytes, "Bytes received."),
    GROUP.counter("bytes_sent", Unit::Bytes, "Bytes sent."),
    GROUP.counter("packets_recv", Unit::Number, "Packets received."),
    GROUP.counter("packets_sent", Unit::Number, "Packets sent."),
    GROUP.counter("err_in", Unit::Number, "Packets received that were broken."),
    GROUP.counter("err_out", Unit::Number, "Packets that could not be sent."),
    GROUP.counter("drop_in", Unit::Number, "Packets received that were thrown away for want of room or of a taker."),
    GROUP.counter("drop_out", Unit::Number, "Packets to be sent that were thrown away for want of room."),
];
