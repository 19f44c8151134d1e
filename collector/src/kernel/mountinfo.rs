//! `/proc/PID/mountinfo`: what is mounted where. Read at start and when something was mounted, never each turn.

use super::number::{lines, whole, words};

/// One mount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// The file system's device. Major 0: there is no block device behind it.
    pub device: (u32, u32),
    /// Which folder of the file system is mounted; `/` is all of it, anything else a bind mount or a subvolume.
    pub root: Vec<u8>,
    /// Where.
    pub path: Vec<u8>,
    /// `ext4`
    pub fstype: Vec<u8>,
    /// `/dev/vda1`; free text where there is no device.
    pub source: Vec<u8>,
}

/// The mounts in the order in which they were made; lines that are cut off are passed over.
pub fn mounts(text: &[u8]) -> impl Iterator<Item = Mount> {
    lines(text).filter_map(mount)
}

/// `27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard`: the number of fields before the ` - ` varies.
fn mount(line: &[u8]) -> Option<Mount> {
    let mut words = words(line).skip(2);
    let device = device(words.next()?)?;
    let root = unescaped(words.next()?);
    let path = unescaped(words.next()?);
    let mut rest = words.skip_while(|word| *word != b"-").skip(1);
    let fstype = rest.next()?.to_vec();
    let source = unescaped(rest.next()?);
    Some(Mount { device, root, path, fstype, source })
}

fn device(word: &[u8]) -> Option<(u32, u32)> {
    let colon = word.iter().position(|byte| *byte == b':')?;
    let number = |digits: &[u8]| u32::try_from(whole(digits)?).ok();
    Some((number(word.get(..colon)?)?, number(word.get(colon + 1..)?)?))
}

/// The kernel writes blank, tab, line feed and backslash as `\` and three octal digits.
fn unescaped(mut word: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(word.len());
    while let Some((first, tail)) = word.split_first() {
        let escaped = if *first == b'\\' { octal(tail) } else { None };
        out.push(escaped.unwrap_or(*first));
        word = if escaped.is_some() { tail.get(3..).unwrap_or_default() } else { tail };
    }
    out
}

fn octal(tail: &[u8]) -> Option<u8> {
    let digits = tail.get(..3)?;
    let value = digits.iter().try_fold(0u32, |value, byte| matches!(byte, b'0'..=b'7').then(|| value * 8 + u32::from(byte - b'0')))?;
    u8::try_from(value).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ROOT: &str = "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard,resv_strict";

    #[track_caller]
    fn check(text: &str, device: (u32, u32), texts: [&str; 4]) {
        let [root, path, fstype, source] = texts.map(|text| text.as_bytes().to_vec());
        assert_eq!(mounts(text.as_bytes()).collect::<Vec<_>>(), [Mount { device, root, path, fstype, source }]);
    }

    #[test]
    fn a_mount_with_any_number_of_optional_fields() {
        check(ROOT, (254, 0), ["/", "/", "ext4", "/dev/vda"]);
        check("97 27 8:1 / /var rw shared:1 master:7 propagate_from:2 - xfs /dev/sda1 rw\n", (8, 1), ["/", "/var", "xfs", "/dev/sda1"]);
    }

    #[test]
    fn a_bind_mount_has_a_root_of_its_own() {
        check(
            "300 27 254:0 /etc/hostname /etc/hostname rw - ext4 /dev/vda rw",
            (254, 0),
            ["/etc/hostname", "/etc/hostname", "ext4", "/dev/vda"],
        );
    }

    #[test]
    fn blanks_in_paths_are_unescaped() {
        check(
            r"97 27 8:1 / /mnt/my\040disk\134x rw - vfat //nas/my\040share rw",
            (8, 1),
            ["/", r"/mnt/my disk\x", "vfat", "//nas/my share"],
        );
        assert_eq!(unescaped(br"a\04"), br"a\04");
        assert_eq!(unescaped(br"\777\x40"), br"\777\x40");
    }

    #[test]
    fn lines_that_are_cut_off_are_passed_over() {
        for text in ["", "27 1 254:0 / /", "27 1 254:0 / / rw -", "27 1 254:0 / / rw - ext4", "27 1 254 / / rw - ext4 /dev/vda"] {
            assert_eq!(mounts(text.as_bytes()).count(), 0, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes: Vec<u8>, cut in 0..ROOT.len()) {
            mounts(&bytes).count();
            mounts(ROOT.get(..cut).unwrap().as_bytes()).count();
            unescaped(&bytes);
        }
    }
}
