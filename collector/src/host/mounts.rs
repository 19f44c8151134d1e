//! Which mounts are worth a look: each file system on a disk, once.

use std::collections::BTreeMap;

use crate::kernel::mountinfo::Mount;

/// On disks although no single block device stands behind them.
const WITHOUT_DEVICE: [&str; 3] = ["bcachefs", "btrfs", "zfs"];

/// Images that are always full.
const IMAGES: [&str; 5] = ["cramfs", "erofs", "iso9660", "squashfs", "udf"];

/// Mounts a part of itself, as subvolume, at `/`.
const WITH_SUBVOLUMES: [&str; 2] = ["bcachefs", "btrfs"];

/// The mounts to sample. Left out, before anybody asks them anything: file systems without a disk (`proc`, `tmpfs`,
/// `overlay`, network namespaces), those of other machines (`nfs`, `cifs`: asking one whose server is away would hang the
/// turn), images that are always full, and bind mounts, which show a file system that is mounted elsewhere.
pub(super) fn on_disks(mounts: impl Iterator<Item = Mount>) -> Vec<Mount> {
    let mut visible: BTreeMap<Vec<u8>, Mount> = BTreeMap::new();
    for mount in mounts {
        // A later mount at the same place hides the one before.
        visible.insert(mount.path.clone(), mount);
    }
    let mut chosen: BTreeMap<(u32, u32), Mount> = BTreeMap::new();
    for mount in visible.into_values().filter(is_on_disk) {
        let better = chosen.get(&mount.device).is_none_or(|other| rank(&mount) < rank(other));
        if better {
            chosen.insert(mount.device, mount);
        }
    }
    let mut mounts: Vec<Mount> = chosen.into_values().filter(|mount| !is_bind(mount)).collect();
    mounts.sort_by(|one, other| one.path.cmp(&other.path));
    mounts
}

fn is_on_disk(mount: &Mount) -> bool {
    (mount.device.0 != 0 || is_one_of(mount, &WITHOUT_DEVICE)) && !is_one_of(mount, &IMAGES)
}

/// Of several mounts of one file system: the one of all of it, then the one nearest to `/`.
fn rank(mount: &Mount) -> (bool, usize, &[u8]) {
    (mount.root != b"/", mount.path.len(), &mount.path)
}

/// The root of a system that is itself a folder of its disk (ostree) is no bind mount.
fn is_bind(mount: &Mount) -> bool {
    mount.root != b"/" && mount.path != b"/" && !is_one_of(mount, &WITH_SUBVOLUMES)
}

fn is_one_of(mount: &Mount, fstypes: &[&str]) -> bool {
    fstypes.iter().any(|fstype| fstype.as_bytes() == mount.fstype)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::mountinfo::mounts;

    #[track_caller]
    fn check(mountinfo: &str, expected: &[&str]) {
        let chosen = on_disks(mounts(mountinfo.as_bytes()));
        let paths: Vec<&str> = chosen.iter().map(|mount| str::from_utf8(&mount.path).unwrap()).collect();
        assert_eq!(paths, expected);
    }

    #[test]
    fn a_docker_host_has_the_file_systems_of_its_disks() {
        check(
            "\
22 27 0:21 / /proc rw - proc proc rw
24 27 0:6 / /dev rw - devtmpfs devtmpfs rw
25 24 0:23 / /dev/shm rw - tmpfs tmpfs rw
27 1 254:1 / / rw - ext4 /dev/vda1 rw
28 27 254:2 / /var rw - xfs /dev/vda2 rw
31 23 0:28 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw
40 28 0:50 / /var/lib/docker/overlay2/59bf/merged rw - overlay overlay rw
41 28 0:51 / /var/lib/docker/containers/59bf/mounts/shm rw - tmpfs shm rw
42 27 0:4 net:[4026532281] /run/docker/netns/59bf rw - nsfs nsfs rw
43 27 0:60 / /mnt/nas rw - nfs4 nas:/export rw
44 27 7:1 / /snap/core/1 ro - squashfs /dev/loop1 ro
",
            &["/", "/var"],
        );
    }

    #[test]
    fn a_bind_mount_is_no_file_system_of_its_own() {
        check(
            "27 1 254:1 / / rw - ext4 /dev/vda1 rw\n28 27 254:1 /srv/data /mnt/data rw - ext4 /dev/vda1 rw\n29 27 254:1 / /mnt/all rw - ext4 /dev/vda1 rw\n",
            &["/"],
        );
        check("27 1 0:40 / / rw - overlay overlay rw\n28 27 254:1 /etc/hosts /etc/hosts rw - ext4 /dev/vda1 rw\n", &[]);
    }

    #[test]
    fn subvolumes_count_once() {
        check(
            "27 1 0:25 /@ / rw - btrfs /dev/vda1 rw\n28 27 0:25 /@home /home rw - btrfs /dev/vda1 rw\n29 27 0:26 / /tank rw - zfs tank rw\n",
            &["/", "/tank"],
        );
        check("27 1 254:1 /ostree/deploy/0 / rw - xfs /dev/vda1 rw\n28 27 254:1 /ostree/var /var rw - xfs /dev/vda1 rw\n", &["/"]);
    }

    #[test]
    fn what_is_hidden_by_a_later_mount_is_left_out() {
        check(
            "27 1 254:1 / / rw - ext4 /dev/vda1 rw\n28 27 254:2 / /mnt rw - ext4 /dev/vda2 rw\n29 28 0:9 / /mnt rw - tmpfs tmpfs rw\n",
            &["/"],
        );
    }
}
