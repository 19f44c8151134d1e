//! Where the host's files are, as Telegraf and others of gopsutil's kind are told: by `HOST_PROC`, `HOST_SYS` and `HOST_MOUNT_PREFIX`.

use std::path::{Path, PathBuf};

use anyhow::bail;

/// The folder in which the host's `/` is mounted; `None` when nothing is said, or that it is `/` itself.
///
/// # Errors
/// When the variables do not agree on one folder.
pub(crate) fn from_environment(variable: impl Fn(&str) -> Option<PathBuf>) -> anyhow::Result<Option<PathBuf>> {
    let mut found: Option<(&str, PathBuf)> = None;
    for (name, below) in [("HOST_MOUNT_PREFIX", ""), ("HOST_PROC", "proc"), ("HOST_SYS", "sys")] {
        let Some(value) = variable(name).filter(|value| !value.as_os_str().is_empty()) else { continue };
        let Some(root) = root_of(&value, below) else {
            bail!("{name} is {}, which does not end in /{below}; mount the host's / and name it with --host-root", value.display());
        };
        match &found {
            Some((other, before)) if *before != root => {
                bail!(
                    "{other} and {name} lie below different folders, {} and {}; mount the host's / and name it with --host-root",
                    before.display(),
                    root.display()
                );
            }
            Some(_) => {}
            None => found = Some((name, root)),
        }
    }
    Ok(found.map(|(_, root)| root).filter(|root| root != Path::new("/")))
}

fn root_of(value: &Path, below: &str) -> Option<PathBuf> {
    // Without a slash at its end, and without `.` and `..` to guess about.
    let value: PathBuf = value.components().collect();
    match below {
        "" => Some(value),
        below => value.ends_with(below).then(|| value.parent().map(Path::to_owned)).flatten(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> anyhow::Result<Option<PathBuf>> {
        from_environment(|name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| PathBuf::from(value)))
    }

    #[track_caller]
    fn check(variables: &[(&str, &str)], expected: Option<&str>) {
        assert_eq!(read(variables).unwrap(), expected.map(PathBuf::from), "{variables:?}");
    }

    #[test]
    fn the_variables_name_one_folder() {
        check(&[], None);
        check(&[("HOST_PROC", "/host/proc")], Some("/host"));
        check(&[("HOST_PROC", "/hostfs/proc/"), ("HOST_SYS", "/hostfs/sys"), ("HOST_MOUNT_PREFIX", "/hostfs")], Some("/hostfs"));
        check(&[("HOST_MOUNT_PREFIX", "/rootfs/")], Some("/rootfs"));
        check(&[("HOST_PROC", "/proc"), ("HOST_SYS", "")], None);
    }

    #[test]
    fn other_folders_are_refused_with_what_to_do() {
        for variables in [&[("HOST_PROC", "/procfs")][..], &[("HOST_PROC", "/a/proc"), ("HOST_SYS", "/b/sys")]] {
            let said = read(variables).unwrap_err().to_string();
            assert!(said.contains("--host-root") && said.contains("HOST_"), "{said}");
        }
    }
}
