//! Netlink's `sock_diag`: the state of every TCP socket, for a fortieth of what `/proc/net/tcp` costs.

/// The kernel's numbers of the address families.
pub const FAMILIES: [u8; 2] = [2, 10];

const HEADER: usize = 16;
const DUMP_BY_FAMILY: u8 = 20;
/// `NLM_F_REQUEST | NLM_F_DUMP`
const ASK_FOR_ALL: [u8; 2] = 0x301u16.to_ne_bytes();
const TCP: u8 = 6;
const ERROR: u16 = 2;
const DONE: u16 = 3;

/// The request for all TCP sockets of a family.
pub fn request(family: u8) -> [u8; 72] {
    let mut request = [0; 72];
    let [length, kind, flags] = [72u8, DUMP_BY_FAMILY, 0];
    let [flags_low, flags_high] = ASK_FOR_ALL;
    let header = if cfg!(target_endian = "little") { [length, 0, 0, 0, kind, flags] } else { [0, 0, 0, length, flags, kind] };
    let rest = [flags_low, flags_high, 0, 0, 0, 0, 0, 0, 0, 0, family, TCP, 0, 0, 0xff, 0xff, 0xff, 0xff];
    for (slot, byte) in request.iter_mut().zip(header.into_iter().chain(rest)) {
        *slot = byte;
    }
    request
}

/// Sockets by the kernel's number of their state, 1 (established) to 12.
pub type States = [u64; 13];

/// What a datagram of the answer says of the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// There is more to receive.
    More,
    /// That was all.
    Done,
    /// The kernel refuses, with this number of an error; 0 is an answer that cannot be understood.
    Refused(i32),
}

/// Counts the sockets of one datagram.
pub fn count(mut datagram: &[u8], states: &mut States) -> Answer {
    while !datagram.is_empty() {
        let Some((length, kind)) = header(datagram) else { return Answer::Refused(0) };
        let Some(payload) = datagram.get(HEADER..length) else { return Answer::Refused(0) };
        match kind {
            DONE => return Answer::Done,
            ERROR => return Answer::Refused(payload.first_chunk().map_or(0, |errno| i32::from_ne_bytes(*errno).saturating_neg())),
            _ => {
                let state = payload.get(1).copied().map(usize::from);
                if let Some(n) = state.and_then(|state| states.get_mut(state)) {
                    *n += 1;
                }
            }
        }
        datagram = datagram.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    Answer::More
}

fn header(datagram: &[u8]) -> Option<(usize, u16)> {
    let length = u32::from_ne_bytes(*datagram.first_chunk()?);
    let kind = u16::from_ne_bytes(*datagram.get(4..)?.first_chunk()?);
    Some((usize::try_from(length).ok()?.max(HEADER), kind))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn message(kind: u16, payload: &[u8]) -> Vec<u8> {
        let length = (HEADER + payload.len()) as u32;
        let mut message = [&length.to_ne_bytes()[..], &kind.to_ne_bytes(), &[0; 10], payload].concat();
        message.resize(message.len().next_multiple_of(4), 0);
        message
    }

    fn socket(state: u8) -> Vec<u8> {
        let mut payload = [0; 72];
        payload[..2].copy_from_slice(&[2, state]);
        message(20, &payload)
    }

    #[track_caller]
    fn check(datagram: &[u8], expected: Answer, n_established: u64, n_listening: u64) {
        let mut states = States::default();
        assert_eq!(count(datagram, &mut states), expected);
        assert_eq!((states[1], states[10]), (n_established, n_listening));
    }

    #[test]
    fn sockets_are_counted_by_state_until_the_kernel_says_that_was_all() {
        check(&[socket(1), socket(10), socket(1)].concat(), Answer::More, 2, 1);
        check(&[socket(10), message(DONE, &[0; 4])].concat(), Answer::Done, 0, 1);
        check(&[], Answer::More, 0, 0);
    }

    #[test]
    fn a_refusal_and_nonsense_are_told() {
        check(&message(ERROR, &(-2i32).to_ne_bytes()), Answer::Refused(2), 0, 0);
        check(&socket(1)[..40], Answer::Refused(0), 0, 0);
        check(&[7; 5], Answer::Refused(0), 0, 0);
        check(&socket(99), Answer::More, 0, 0);
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes: Vec<u8>) {
            count(&bytes, &mut States::default());
        }
    }
}
