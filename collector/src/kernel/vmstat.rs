//! `/proc/vmstat`: counters of virtual memory. Of its 150 lines only those of swapping are read.

use super::number::{lines, whole};

/// Pages since boot; `None` is a line that this kernel does not have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Vmstat {
    /// `pswpin`: pages read back from swap.
    pub swapped_in: Option<u64>,
    /// `pswpout`: pages written to swap.
    pub swapped_out: Option<u64>,
}

impl Vmstat {
    /// Reads the text.
    pub fn parse(text: &[u8]) -> Self {
        let mut stat = Self::default();
        for line in lines(text) {
            if let Some(number) = line.strip_prefix(b"pswpin ") {
                stat.swapped_in = whole(number);
            } else if let Some(number) = line.strip_prefix(b"pswpout ") {
                stat.swapped_out = whole(number);
                // The two stand together: there is nothing more to look for.
                break;
            }
        }
        stat
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &[u8], swapped_in: Option<u64>, swapped_out: Option<u64>) {
        assert_eq!(Vmstat::parse(text), Vmstat { swapped_in, swapped_out });
    }

    #[test]
    fn the_lines_of_swapping_are_found_among_others() {
        check(b"nr_free_pages 5536019\npgpgin 11924197\npgpgout 12558836\npswpin 17\npswpout 42\npgfault 9\n", Some(17), Some(42));
    }

    #[test]
    fn a_kernel_without_swapping_has_neither() {
        check(b"nr_free_pages 5536019\npgfault 9\n", None, None);
        check(b"", None, None);
        check(b"pswpin\npswpinx 7\npswpout x\n", None, None);
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes: Vec<u8>) {
            Vmstat::parse(&bytes);
        }
    }
}
