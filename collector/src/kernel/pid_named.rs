//! `/proc/PID/status` and `/proc/PID/io`: a name, a colon and a number on each line.

use super::number::{lines, whole};

/// The numbers of these names, in their order; `None` is what this kernel does not have, what is cut off and what is no number.
pub fn values<const N: usize>(text: &[u8], names: [&str; N]) -> [Option<u64>; N] {
    let mut values = [None; N];
    for line in lines(text) {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let (name, number) = line.split_at(colon);
        for (value, wanted) in values.iter_mut().zip(names) {
            if name == wanted.as_bytes() {
                *value = number.get(1..).and_then(|number| whole(number.trim_ascii()));
            }
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const IO_6_18: &str = "rchar: 2012\nwchar: 0\nsyscr: 7\nsyscw: 0\nread_bytes: 4096\nwrite_bytes: 0\ncancelled_write_bytes: 0\n";
    const STATUS_6_18: &str =
        "Name:\tsleep: 5\nState:\tS (sleeping)\nVmRSS:\t    1664 kB\nvoluntary_ctxt_switches:\t150\nnonvoluntary_ctxt_switches:\t3\n";

    #[test]
    fn numbers_are_found_by_their_names() {
        assert_eq!(values(IO_6_18.as_bytes(), ["read_bytes", "write_bytes", "syscr"]), [Some(4096), Some(0), Some(7)]);
        let switches = ["voluntary_ctxt_switches", "nonvoluntary_ctxt_switches", "VmRSS", "Threads", "Name"];
        assert_eq!(values(STATUS_6_18.as_bytes(), switches), [Some(150), Some(3), None, None, None]);
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(read: u64, written: u64) {
            let text = format!("rchar: 7\nread_bytes: {read}\nwrite_bytes: {written}\n");
            prop_assert_eq!(values(text.as_bytes(), ["write_bytes", "read_bytes"]), [Some(written), Some(read)]);
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes: Vec<u8>, cut in 0..IO_6_18.len()) {
            values(&bytes, ["", "a"]);
            values(IO_6_18.get(..cut).unwrap().as_bytes(), ["syscr"]);
        }
    }
}
