//! `/proc/mdstat`: the arrays of disks that the kernel itself makes.

use super::number::{decimal, lines, whole, words};

/// One array.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Array<'a> {
    /// `md0`
    pub name: &'a [u8],
    /// Whether it runs.
    pub is_active: bool,
    /// Disks that have failed, and those that wait for one to fail.
    pub failed: u64,
    /// See `failed`.
    pub spare: u64,
    /// Blocks of 1 KiB; `None` when it is not told.
    pub blocks: Option<u64>,
    /// Disks that it should have and those that work; `None` for kinds that can do without none.
    pub disks: Option<[u64; 2]>,
    /// How far it is with a resync, a recovery, a reshape or a check, in percent; `None` when it does none.
    pub progress: Option<f64>,
}

/// The arrays, in the kernel's order.
pub fn arrays(text: &[u8]) -> impl Iterator<Item = Array<'_>> {
    let mut lines = lines(text).peekable();
    std::iter::from_fn(move || {
        let mut array = loop {
            if let Some(array) = head(lines.next()?) {
                break array;
            }
        };
        while let Some(line) = lines.next_if(|line| line.starts_with(b" ") || line.starts_with(b"\t")) {
            more(line, &mut array);
        }
        Some(array)
    })
}

/// `md127 : active raid5 sdh1[6] sdg1[4](F) sdf1[3](S)`
fn head(line: &[u8]) -> Option<Array<'_>> {
    let mut words = words(line);
    let name = words.next().filter(|name| name.starts_with(b"md"))?;
    let colon = words.next()?;
    let state = words.next()?;
    let mut array = Array { name, is_active: state == b"active", ..Array::default() };
    for disk in words {
        array.failed += u64::from(disk.ends_with(b"(F)"));
        array.spare += u64::from(disk.ends_with(b"(S)"));
    }
    (colon == b":").then_some(array)
}

/// `1465151808 blocks level 5, 64k chunk, algorithm 2 [4/3] [UUU_]`, or `[==>…]  recovery = 12.6% (37043392/292945152) …`
fn more(line: &[u8], array: &mut Array<'_>) {
    let mut last: &[u8] = b"";
    for word in words(line) {
        if word == b"blocks" {
            array.blocks = whole(last);
        } else if let Some(disks) = disks(word) {
            array.disks = Some(disks);
        } else if let Some(percent) = word.strip_suffix(b"%") {
            // `=12.6%` stands together when it is over 10.
            array.progress = decimal(percent.strip_prefix(b"=").unwrap_or(percent));
        }
        last = word;
    }
}

fn disks(word: &[u8]) -> Option<[u64; 2]> {
    let inner = word.strip_prefix(b"[")?.strip_suffix(b"]")?;
    let slash = inner.iter().position(|byte| *byte == b'/')?;
    Some([whole(inner.get(..slash)?)?, whole(inner.get(slash + 1..)?)?])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RECOVERS: &str = "Personalities : [raid1] [raid6] [raid5] [raid4] [raid0]
md127 : active raid5 sdh1[6] sdg1[4](F) sdf1[3](S) sde1[0]
      1465151808 blocks level 5, 64k chunk, algorithm 2 [4/3] [UUU_]
      [==>..................]  recovery = 12.6% (37043392/292945152) finish=127.5min speed=33440K/sec

md0 : active raid0 sdb1[1] sda1[0]
      104320 blocks 64k chunks

md1 : inactive sdd1[2](S)
unused devices: <none>
";

    #[test]
    fn arrays_are_read_with_what_they_do() {
        let md127 = Array {
            name: b"md127",
            is_active: true,
            failed: 1,
            spare: 1,
            blocks: Some(1_465_151_808),
            disks: Some([4, 3]),
            progress: Some(12.6),
        };
        let md0 = Array { name: b"md0", is_active: true, blocks: Some(104_320), ..Array::default() };
        let md1 = Array { name: b"md1", spare: 1, ..Array::default() };
        assert_eq!(arrays(RECOVERS.as_bytes()).collect::<Vec<_>>(), [md127, md0, md1]);
    }

    #[test]
    fn without_arrays_there_are_none() {
        for text in ["", "Personalities : \nunused devices: <none>\n", "md0\n", "md0 = active\n", " [4/3]\n"] {
            assert_eq!(arrays(text.as_bytes()).count(), 0, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes: Vec<u8>, cut in 0..RECOVERS.len()) {
            arrays(&bytes).count();
            arrays(RECOVERS.get(..cut).unwrap().as_bytes()).count();
        }
    }
}
