//! Where the files of a process's control groups are, from `/proc/PID/cgroup` and the mounts in `mountinfo`.
//!
//! Each controller is either in a version 1 hierarchy of its own or in the one of version 2; a machine may have both
//! ("hybrid"), so it is asked for each controller.
//! What the kernel shows is relative to the cgroup namespace of whoever reads it. From within a container with a private
//! namespace the paths of others begin with `/..`, and the names in between cannot be known; then the places where Docker
//! puts its groups are offered instead.

/// What of a group is asked for, by its name in version 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Controller {
    /// Quota and throttling.
    Cpu,
    /// CPU time; in version 2 it is in `cpu`.
    Cpuacct,
    /// Memory.
    Memory,
    /// Block devices; `io` in version 2.
    Blkio,
    /// Number of processes.
    Pids,
    /// Pressure stall information; needs no controller, and is there in version 2 only.
    Pressure,
}

impl Controller {
    fn in_v1(self) -> Option<&'static str> {
        match self {
            Self::Cpu => Some("cpu"),
            Self::Cpuacct => Some("cpuacct"),
            Self::Memory => Some("memory"),
            Self::Blkio => Some("blkio"),
            Self::Pids => Some("pids"),
            Self::Pressure => None,
        }
    }
}

/// Which files a folder holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// `cpuacct.usage`, `memory.usage_in_bytes` …
    V1,
    /// `cpu.stat`, `memory.current` …
    V2,
}

/// A folder that may hold a group's files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which files it holds.
    pub version: Version,
    /// As the reader of `mountinfo` sees it.
    pub folder: String,
}

/// The mounted hierarchies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hierarchies(Vec<Hierarchy>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Hierarchy {
    version: Version,
    /// v1: the controllers in it.
    controllers: Vec<String>,
    /// Which group stands at the mount point.
    root: String,
    point: String,
}

impl Hierarchies {
    /// Reads `/proc/PID/mountinfo`.
    pub fn parse(mountinfo: &str) -> Self {
        Self(mountinfo.lines().filter_map(Hierarchy::parse).collect())
    }

    /// Nothing is mounted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The folders in which a container's files may be, likeliest first; `cgroup` is `/proc/PID/cgroup` of its first process.
    pub fn places(&self, cgroup: &str, controller: Controller, container: &str) -> Vec<Place> {
        let version = if self.v1(controller).next().is_some() { Version::V1 } else { Version::V2 };
        let Some(path) = path(cgroup, version, controller) else { return Vec::new() };
        let hierarchies: Vec<&Hierarchy> = match version {
            Version::V1 => self.v1(controller).collect(),
            Version::V2 => self.0.iter().filter(|hierarchy| hierarchy.version == Version::V2).collect(),
        };
        let exact = hierarchies.iter().filter_map(|hierarchy| hierarchy.folder(path));
        let usual = [format!("docker/{container}"), format!("system.slice/docker-{container}.scope")];
        let guessed = hierarchies.iter().flat_map(|hierarchy| usual.iter().map(|path| format!("{}/{path}", hierarchy.point)));
        let mut places: Vec<Place> = Vec::new();
        for folder in exact.chain(guessed) {
            if places.iter().all(|place| place.folder != folder) {
                places.push(Place { version, folder });
            }
        }
        places
    }

    /// Whether the groups of a process are the container's own: a process id may be another's by now.
    ///
    /// The group of a reader who is itself in the container has no name from within a private namespace: it is `/`, and the mounts' root
    /// is above it.
    pub fn are_of(&self, cgroup: &str, container: &str) -> bool {
        let is_within = self.0.iter().any(|hierarchy| hierarchy.root.starts_with("/.."));
        let is_readers = !cgroup.is_empty() && cgroup.lines().all(|line| line.ends_with(":/"));
        cgroup.lines().any(|line| line.contains(container)) || (is_within && is_readers)
    }

    fn v1(&self, controller: Controller) -> impl Iterator<Item = &Hierarchy> {
        let of = move |hierarchy: &&Hierarchy| {
            hierarchy.version == Version::V1 && hierarchy.controllers.iter().any(|name| Some(name.as_str()) == controller.in_v1())
        };
        self.0.iter().filter(of)
    }
}

impl Hierarchy {
    /// `ID PARENT MAJOR:MINOR ROOT POINT OPTIONS [FIELD…] - TYPE SOURCE OPTIONS`.
    fn parse(line: &str) -> Option<Self> {
        let (mount, filesystem) = line.split_once(" - ")?;
        let mut words = mount.split(' ').skip(3);
        let (root, point) = (words.next()?, words.next()?);
        let mut words = filesystem.split(' ');
        let version = match words.next()? {
            "cgroup" => Version::V1,
            "cgroup2" => Version::V2,
            _ => return None,
        };
        let controllers = words.nth(1)?.split(',').map(str::to_owned).collect();
        Some(Self { version, controllers, root: unescape(root), point: unescape(point) })
    }

    /// The folder of a group, if it is below this mount and its whole path is known.
    fn folder(&self, path: &str) -> Option<String> {
        let below = path.strip_prefix(self.root.trim_end_matches('/'))?;
        let known = (below.is_empty() || below.starts_with('/')) && !below.split('/').any(|part| part == "..");
        known.then(|| format!("{}{}", self.point.trim_end_matches('/'), below.trim_end_matches('/')))
    }
}

/// The path in `/proc/PID/cgroup`: lines `ID:CONTROLLER,…:PATH`; that of version 2 is `0::PATH`.
fn path(cgroup: &str, version: Version, controller: Controller) -> Option<&str> {
    cgroup.lines().find_map(|line| {
        let (_, rest) = line.split_once(':')?;
        let (controllers, path) = rest.split_once(':')?;
        let found = match version {
            Version::V1 => controllers.split(',').any(|name| Some(name) == controller.in_v1()),
            Version::V2 => controllers.is_empty(),
        };
        found.then_some(path)
    })
}

/// The kernel writes space, tab, newline and backslash as `\040` and so on.
fn unescape(text: &str) -> String {
    text.replace("\\040", " ").replace("\\011", "\t").replace("\\012", "\n").replace("\\134", "\\")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ID: &str = "59bfc5f995fa4a93a9edc94449955ddf645795c2a9f1a1a8ab404143e2783f3c";

    const HYBRID: &str = "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n\
        32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:10 - cgroup cgroup rw,cpu,cpuacct\n\
        35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n\
        40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd\n\
        41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n";

    const UNIFIED: &str = "26 23 0:24 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";

    #[track_caller]
    fn check(mountinfo: &str, cgroup: &str, controller: Controller, version: Version, first: &str) {
        let places = Hierarchies::parse(mountinfo).places(&cgroup.replace("ID", ID), controller, ID);
        assert_eq!(places.first(), Some(&Place { version, folder: first.replace("ID", ID) }), "{places:?}");
    }

    const HYBRID_GROUPS: &str = "9:name=systemd:/docker/ID\n4:memory:/docker/ID\n2:cpu,cpuacct:/docker/ID\n0::/docker/ID\n";

    #[test]
    fn version_1_has_a_hierarchy_for_each_controller() {
        check(HYBRID, HYBRID_GROUPS, Controller::Cpuacct, Version::V1, "/sys/fs/cgroup/cpu,cpuacct/docker/ID");
        check(HYBRID, HYBRID_GROUPS, Controller::Memory, Version::V1, "/sys/fs/cgroup/memory/docker/ID");
    }

    #[test]
    fn a_controller_that_version_1_lacks_is_looked_for_in_version_2() {
        check(HYBRID, HYBRID_GROUPS, Controller::Pids, Version::V2, "/sys/fs/cgroup/unified/docker/ID");
        check(HYBRID, HYBRID_GROUPS, Controller::Pressure, Version::V2, "/sys/fs/cgroup/unified/docker/ID");
    }

    #[test]
    fn version_2_has_one_for_all() {
        let cgroup = "0::/system.slice/docker-ID.scope\n";
        check(UNIFIED, cgroup, Controller::Memory, Version::V2, "/sys/fs/cgroup/system.slice/docker-ID.scope");
        check(UNIFIED, cgroup, Controller::Pressure, Version::V2, "/sys/fs/cgroup/system.slice/docker-ID.scope");
    }

    #[test]
    fn a_mount_may_show_a_part_of_the_hierarchy() {
        let mounts = "9 1 0:24 /lab/node1 /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n";
        check(mounts, "4:memory:/lab/node1/docker/ID\n", Controller::Memory, Version::V1, "/sys/fs/cgroup/memory/docker/ID");
    }

    #[test]
    fn from_another_namespace_the_usual_places_are_offered() {
        let mounts = "9 1 0:24 /../.. /host/sys/fs/cgroup ro - cgroup2 cgroup rw\n";
        let cgroup = format!("0::/../docker-{ID}.scope\n");
        let places = Hierarchies::parse(mounts).places(&cgroup, Controller::Memory, ID);
        let folders: Vec<&str> = places.iter().map(|place| place.folder.as_str()).collect();
        let expected = [format!("/host/sys/fs/cgroup/docker/{ID}"), format!("/host/sys/fs/cgroup/system.slice/docker-{ID}.scope")];
        assert_eq!(folders, expected);
    }

    #[test]
    fn a_group_beside_the_mounts_root_is_not_below_it() {
        let hierarchy = Hierarchy::parse("9 1 0:24 /lab/node1 /mnt rw - cgroup2 cgroup rw").unwrap();
        assert_eq!(hierarchy.folder("/lab/node10/x"), None);
        assert_eq!(hierarchy.folder("/lab/node1"), Some("/mnt".to_owned()));
    }

    #[test]
    fn without_mounts_there_is_no_place() {
        let mounts = Hierarchies::parse("31 23 0:28 / /sys rw,relatime - sysfs sysfs rw\n");
        assert!(mounts.is_empty());
        assert_eq!(mounts.places("0::/docker/x\n", Controller::Memory, "x"), []);
    }

    #[test]
    fn a_mount_point_may_hold_a_space() {
        let hierarchy = Hierarchy::parse("9 1 0:24 / /mnt/my\\040groups rw - cgroup2 cgroup rw").unwrap();
        assert_eq!(hierarchy.point, "/mnt/my groups");
    }

    #[test]
    fn a_process_of_another_container_does_not_belong() {
        let are_of = |cgroup: &str| Hierarchies::parse(UNIFIED).are_of(cgroup, ID);
        assert!(are_of(&format!("0::/../docker-{ID}.scope\n")));
        assert!(!are_of("0::/init.scope\n"));
        assert!(!are_of("0::/\n"));
        assert!(!are_of(""));
    }

    #[test]
    fn the_container_of_the_reader_itself_has_no_name_within_and_is_at_the_usual_place() {
        let within = Hierarchies::parse("9 1 0:24 /../.. /host/sys/fs/cgroup ro - cgroup2 cgroup rw\n");
        assert!(within.are_of("0::/\n", ID));
        assert!(!within.are_of("0::/../docker-other.scope\n", ID));
        let places = within.places("0::/\n", Controller::Memory, ID);
        assert_eq!(places.first().map(|place| place.folder.as_str()), Some(format!("/host/sys/fs/cgroup/docker/{ID}").as_str()));
    }

    proptest! {
        #[test]
        fn no_text_makes_a_parser_panic(mountinfo in "([0-9/a-z]{0,4} ){0,7}- (cgroup2? ?){0,2}\\PC{0,30}", cgroup in "\\PC{0,40}") {
            Hierarchies::parse(&mountinfo).places(&cgroup, Controller::Memory, "x");
        }
    }
}
