//! `netstat`: TCP sockets by state, which the kernel lists one by one; so it is asked seldom.

use std::fs;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use event::Duration;
use rustix::net::netlink::{SOCK_DIAG, SocketAddrNetlink};
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, recv, sendto, socket_with};

use crate::kernel::sock_diag::{Answer, FAMILIES, States, count, request};
use crate::{Error, Root, Sampler, Samples, Series, Turn, int};

const EVERY: Duration = Duration::from_secs(10);
/// The kernel never makes a longer datagram of a listing.
const DATAGRAM: usize = 32 << 10;
const FIELDS: [&str; 11] = [
    "tcp_established",
    "tcp_syn_sent",
    "tcp_syn_recv",
    "tcp_fin_wait1",
    "tcp_fin_wait2",
    "tcp_time_wait",
    "tcp_close",
    "tcp_close_wait",
    "tcp_last_ack",
    "tcp_listen",
    "tcp_closing",
];

/// The open socket and the series.
#[derive(Debug)]
pub(super) struct TcpStates {
    socket: OwnedFd,
    series: Series<11>,
}

impl TcpStates {
    /// The kernel tells of this process's own network namespace: where that is not the host's, it is not asked.
    pub(super) fn open(root: &Root) -> Result<Self, Error> {
        let host = root.proc("1/ns/net");
        if root.is_elsewhere()
            && (fs::read_link(&host).ok().is_none() || fs::read_link(&host).ok() != fs::read_link("/proc/self/ns/net").ok())
        {
            return Err(Error::Text { path: host, expected: "network namespace that is ours (run the container in the host's network)" });
        }
        let socket = socket_with(AddressFamily::NETLINK, SocketType::DGRAM, SocketFlags::CLOEXEC, Some(SOCK_DIAG)).map_err(refused)?;
        Ok(Self { socket, series: Series::plain("netstat", FIELDS) })
    }

    fn ask(&self, family: u8, buffer: &mut Vec<u8>, states: &mut States) -> Result<(), Error> {
        sendto(&self.socket, &request(family), SendFlags::DONTWAIT, &SocketAddrNetlink::new(0, 0)).map_err(refused)?;
        if buffer.len() < DATAGRAM {
            buffer.resize(DATAGRAM, 0);
        }
        loop {
            // The kernel has the next part ready whenever it has not said that there is none: this never waits.
            let (_, length) = recv(&self.socket, &mut buffer[..], RecvFlags::DONTWAIT).map_err(refused)?;
            match count(buffer.get(..length).unwrap_or_default(), states) {
                Answer::More => {}
                Answer::Done => return Ok(()),
                Answer::Refused(errno) => return Err(refused(rustix::io::Errno::from_raw_os_error(errno))),
            }
        }
    }
}

fn refused(errno: rustix::io::Errno) -> Error {
    Error::Read { path: PathBuf::from(Path::new("netlink sock_diag")), source: errno.into() }
}

impl Sampler for TcpStates {
    fn name(&self) -> &'static str {
        "tcp states"
    }

    fn every(&self) -> Duration {
        EVERY
    }

    fn sample(&mut self, turn: &mut Turn<'_>, out: &mut Samples) -> Result<(), Error> {
        let mut states = States::default();
        for family in FAMILIES {
            self.ask(family, turn.buffer, &mut states)?;
        }
        let [_, established, syn_sent, syn_recv, fin1, fin2, time_wait, close, close_wait, last_ack, listen, closing, new_syn_recv] =
            states;
        let by_state =
            [established, syn_sent, syn_recv + new_syn_recv, fin1, fin2, time_wait, close, close_wait, last_ack, listen, closing];
        self.series.put(out, by_state.map(int));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn sockets_of_this_test_are_among_those_the_kernel_lists() {
        let states = TcpStates::open(&Root::new(None)).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let _client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let _server = listener.accept().unwrap();
        let mut counted = States::default();
        for family in FAMILIES {
            states.ask(family, &mut Vec::new(), &mut counted).unwrap();
        }
        assert!(counted[1] >= 2 && counted[10] >= 1, "{counted:?}");
    }

    #[test]
    fn in_a_container_with_a_network_of_its_own_nothing_is_asked() {
        let folder = tempfile::tempdir().unwrap();
        assert!(TcpStates::open(&Root::new(Some(folder.path()))).is_err());
    }
}
