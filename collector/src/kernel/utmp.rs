//! `/run/utmp`: who is logged in.

/// One record, on every platform of 64 bits and on x86 of 32.
const RECORD: usize = 384;
/// Somebody's session.
const USER_PROCESS: i16 = 7;

/// Sessions, and how many different users have them. A record that is cut off is passed over.
pub fn users(text: &[u8]) -> (u64, u64) {
    let sessions = || text.as_chunks::<RECORD>().0.iter().filter_map(|record| user(record));
    let n_unique = sessions().enumerate().filter(|(at, user)| !sessions().take(*at).any(|other| other == *user)).count();
    (sessions().count() as u64, n_unique as u64)
}

fn user(record: &[u8]) -> Option<&[u8]> {
    let kind = i16::from_ne_bytes(*record.first_chunk()?);
    let user = record.get(44..76)?.split(|byte| *byte == 0).next()?;
    (kind == USER_PROCESS && !user.is_empty()).then_some(user)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn record(kind: i16, user: &str) -> [u8; RECORD] {
        let mut record = [0; RECORD];
        record[..2].copy_from_slice(&kind.to_ne_bytes());
        record[44..44 + user.len()].copy_from_slice(user.as_bytes());
        record
    }

    #[test]
    fn sessions_are_counted_and_a_user_once() {
        let file = [record(2, "reboot"), record(7, "ann"), record(7, "bob"), record(8, "bob"), record(7, "ann"), record(7, "")].concat();
        assert_eq!(users(&file), (3, 2));
        assert_eq!(users(&file[..RECORD * 2 - 1]), (0, 0));
        assert_eq!(users(b""), (0, 0));
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
            users(&bytes);
        }
    }
}
