//! Datagrams that the kernel dropped of a socket, because they came faster than they were read.

use std::convert::Infallible;
use std::future;
use std::os::fd::AsFd;
use std::path::Path;
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::time::{MissedTickBehavior, interval};

use crate::ingest::Counters;

/// Words of a line of `/proc/net/udp`, from 0.
const INODE: usize = 9;
const DROPS: usize = 12;

/// The file has a line for every UDP socket of the machine, so it is not read more often.
pub const EVERY: Duration = Duration::from_secs(10);

/// How many datagrams the kernel has dropped of a socket since it was made, from the text of its network namespace's `/proc/net/udp` or
/// `udp6`. `None` where there is no such socket.
pub fn parse(text: &[u8], inode: u64) -> Option<u64> {
    let of = |line: &[u8], at: usize| {
        let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        words.nth(at).and_then(|word| str::from_utf8(word).ok()?.parse::<u64>().ok())
    };
    let line = text.split(|byte| *byte == b'\n').find(|line| of(line, INODE) == Some(inode))?;
    of(line, DROPS)
}

/// The file that tells of a socket of this process, wherever the host's `/proc` is.
pub fn file(is_ipv6: bool) -> &'static Path {
    Path::new(if is_ipv6 { "/proc/self/net/udp6" } else { "/proc/self/net/udp" })
}

/// A socket's number in that file.
///
/// # Errors
/// As `fstat(2)`.
pub fn inode(socket: impl AsFd) -> std::io::Result<u64> {
    Ok(rustix::fs::fstat(socket)?.st_ino)
}

/// Counts them for as long as it is polled; where the file cannot be read there is nothing to count.
pub(crate) async fn watch(socket: &UdpSocket, counters: &Counters) -> Infallible {
    let (Ok(address), Ok(inode)) = (socket.local_addr(), inode(socket)) else { return future::pending().await };
    let path = file(address.is_ipv6());
    let mut every = interval(EVERY);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut counted = 0;
    loop {
        every.tick().await;
        // The kernel writes it from memory: nothing to wait for.
        let drops = std::fs::read(path).ok().and_then(|text| parse(&text, inode)).unwrap_or(counted);
        counters.udp_kernel_drops.add(drops.saturating_sub(counted));
        counted = drops;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &[u8] =
        b"   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops            
  102: 00000000:64E2 00000000:0000 07 00000000:00033900 00:00000000 00000000     0        0 18437 2 00000000f2b7a1c4 1207         
 1284: 0100007F:1FBD 00000000:0000 07 00000000:00000000 00:00000000 00000000  1000        0 21990 2 000000006a2d8e0b 0            
";

    const TEXT_6: &[u8] = b"  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  102: 00000000000000000000000000000000:64E2 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 18438 2 00000000e1f0a6d2 3
";

    #[test]
    fn drops_are_those_of_the_sockets_line() {
        assert_eq!([18437, 21990, 18438].map(|inode| parse(TEXT, inode)), [Some(1207), Some(0), None]);
        assert_eq!(parse(TEXT_6, 18438), Some(3));
    }

    #[test]
    fn a_text_that_is_cut_has_none() {
        assert_eq!(parse(b"", 0), None);
        assert_eq!(parse(&TEXT[..TEXT.len() / 2 - 20], 21990), None);
        assert_eq!(parse(b"a b c d e f g h i 7 2 p", 7), None);
    }

    #[tokio::test]
    async fn what_finds_no_room_in_the_kernel_is_counted() {
        let unread = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        rustix::net::sockopt::set_socket_recv_buffer_size(&unread, 1).unwrap();
        let sender = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        for _ in 0..200 {
            sender.send_to(&[0; 1000], unread.local_addr().unwrap()).await.unwrap();
        }
        let counters = Counters::default();
        let counted = async {
            while counters.udp_kernel_drops.get() == 0 {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            _ = watch(&unread, &counters) => {}
            () = counted => {}
        }
        let dropped = counters.udp_kernel_drops.get();
        let mut n_kept = 0;
        while unread.try_recv(&mut [0; 1000]).is_ok() {
            n_kept += 1;
        }
        assert_eq!(dropped + n_kept, 200);
    }
}
