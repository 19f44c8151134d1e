//! `/proc/net/udp` and `udp6`: a line for each UDP socket of a network namespace.

use super::number::{lines, whole, words};

/// Words of a line, from 0.
const INODE: usize = 9;
const DROPS: usize = 12;

/// How many datagrams the kernel has dropped of a socket since it was made: it had no room to keep them until they were read.
/// `None` where there is no such socket.
pub fn drops(text: &[u8], inode: u64) -> Option<u64> {
    let of = |line: &[u8], at: usize| words(line).nth(at).and_then(whole);
    let line = lines(text).find(|line| of(line, INODE) == Some(inode))?;
    of(line, DROPS)
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
        assert_eq!([18437, 21990, 18438].map(|inode| drops(TEXT, inode)), [Some(1207), Some(0), None]);
        assert_eq!(drops(TEXT_6, 18438), Some(3));
    }

    #[test]
    fn a_text_that_is_cut_has_none() {
        assert_eq!(drops(b"", 0), None);
        assert_eq!(drops(&TEXT[..TEXT.len() / 2 - 20], 21990), None);
        assert_eq!(drops(b"a b c d e f g h i 7 2 p", 7), None);
    }
}
