//! Sockets of datagrams: how they are listened on, and what the kernel drops of them.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::time;

use event::{Duration, Timestamp};
use rustix::net::sockopt::set_socket_recv_buffer_size;
use transport::kernel_drops;

use crate::kept::{File, Shape};
use crate::{Samples, Series, Turn, int};

/// The longest datagram that there is.
pub(crate) const LONGEST: usize = 64 << 10;

/// How often a listening thread looks whether it is still wanted when nothing comes.
const LOOK: time::Duration = time::Duration::from_millis(250);

/// What the kernel is asked to keep while a listening thread is busy: all senders send at the same moment. It may give less.
const KERNEL_BYTES: usize = 4 << 20;

/// How often the file is read: not each turn.
const EVERY: Duration = Duration::from_secs(kernel_drops::EVERY.as_secs() as i64);

/// A socket with room for many datagrams, whose reads end after a while.
///
/// # Errors
/// When the address cannot be listened on.
pub(crate) fn listen(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind(address)?;
    socket.set_read_timeout(Some(LOOK))?;
    // Less room is no reason not to listen.
    let _ = set_socket_recv_buffer_size(&socket, KERNEL_BYTES);
    Ok(socket)
}

/// What the kernel has dropped of one socket, for it came faster than it was read.
#[derive(Debug)]
pub(crate) struct KernelDrops {
    file: Option<File>,
    inode: u64,
    asked: Option<Timestamp>,
    last: Option<u64>,
    own: Series<1>,
}

impl KernelDrops {
    /// Of this socket, told as this field of the collector's own. Where its namespace's file cannot be read there is never a number.
    pub(crate) fn of(socket: &UdpSocket, field: &'static str) -> io::Result<Self> {
        let path = kernel_drops::file(socket.local_addr()?.is_ipv6());
        let inode = kernel_drops::inode(socket)?;
        let own = Series::plain("skep_collector", [field]);
        Ok(Self { file: File::open(path, Shape::Records).ok(), inode, asked: None, last: None, own })
    }

    /// Tells it, if it is known.
    pub(crate) fn put(&mut self, turn: &mut Turn<'_>, out: &mut Samples) {
        let count = self.count(turn.now, turn.buffer);
        self.own.put(out, [count.and_then(int)]);
    }

    /// Datagrams since the socket was made, as they stood at most ten seconds before `now`.
    fn count(&mut self, now: Timestamp, buffer: &mut Vec<u8>) -> Option<u64> {
        if self.asked.is_none_or(|asked| now - asked >= EVERY) {
            self.asked = Some(now);
            let text = self.file.as_ref().and_then(|file| file.read(buffer).ok());
            self.last = text.and_then(|text| kernel_drops::parse(text, self.inode)).or(self.last);
        }
        self.last
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use super::*;

    /// Floods a socket that nobody reads, then counts what had found room.
    #[track_caller]
    fn check(address: &str) {
        let socket = listen(address.parse().unwrap()).unwrap();
        set_socket_recv_buffer_size(&socket, 1).unwrap();
        let mut drops = KernelDrops::of(&socket, "statsd_kernel_drops").unwrap();
        let at = Timestamp::from_secs;
        let mut buffer = Vec::new();
        assert_eq!(drops.count(at(100), &mut buffer), Some(0));
        let sender = UdpSocket::bind((socket.local_addr().unwrap().ip(), 0)).unwrap();
        (0..200).for_each(|_| assert_eq!(sender.send_to(&[0; 1000], socket.local_addr().unwrap()).unwrap(), 1000));
        // Until nothing comes for a while.
        let mut n_read = 0;
        while socket.recv(&mut [0; 1000]).map_err(|error| assert_eq!(error.kind(), ErrorKind::WouldBlock)).is_ok() {
            n_read += 1;
        }
        assert!((1..200).contains(&n_read), "{n_read} read");
        assert_eq!(drops.count(at(109), &mut buffer), Some(0), "asked each ten seconds");
        assert_eq!(drops.count(at(110), &mut buffer), Some(200 - n_read));
    }

    #[test]
    fn what_collectd_or_statsd_lose_in_the_kernel_is_counted() {
        check("127.0.0.1:0");
        if UdpSocket::bind("[::1]:0").is_ok() {
            check("[::1]:0");
        }
    }
}
