//! `system`, its names: which system and which kernel the host runs, `/etc/os-release` and `/proc/sys/kernel/osrelease`.

use std::fs;

use event::{Duration, LabelsBuf, Name, mark};

use crate::{Error, Root, Sampler, Samples, Turn};

/// Neither changes while the host runs, but for an upgrade of the system beneath us.
const EVERY: Duration = Duration::from_secs(60);

/// The texts, read once, and the series they belong to.
#[derive(Debug)]
pub(super) struct Os {
    labels: LabelsBuf,
    texts: Vec<(String, String)>,
}

impl Os {
    /// What of the two can be read: an image from scratch has no `/etc/os-release`, and then the host's must be mounted.
    pub(super) fn open(root: &Root) -> Result<Self, Error> {
        let read = |path| fs::read_to_string(path).ok();
        let name = ["/etc/os-release", "/usr/lib/os-release"].iter().find_map(|path| pretty_name(&read(root.path(path))?));
        let kernel = read(root.proc("sys/kernel/osrelease")).map(|text| text.trim().to_owned());
        let found = [("os_name", name), ("kernel_version", kernel)];
        let texts: Vec<(String, String)> = found.into_iter().filter_map(|(field, text)| Some((service(field), text?))).collect();
        if texts.is_empty() {
            return Err(Error::Text { path: root.path("/etc/os-release"), expected: "name of a system" });
        }
        let mut labels = LabelsBuf::new();
        labels.mark(mark::SKEP);
        Ok(Self { labels, texts })
    }
}

fn service(field: &str) -> String {
    Name { measurement: "system", instance: None, field }.to_string()
}

/// `PRETTY_NAME`, as a shell would read it; its rarer escapes are left as they stand.
fn pretty_name(text: &str) -> Option<String> {
    let value = text.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
    let name = value.trim().trim_matches(['"', '\'']);
    (!name.is_empty()).then(|| name.to_owned())
}

impl Sampler for Os {
    fn name(&self) -> &'static str {
        "os"
    }

    fn every(&self) -> Duration {
        EVERY
    }

    fn sample(&mut self, _: &mut Turn<'_>, out: &mut Samples) -> Result<(), Error> {
        for (service, text) in &self.texts {
            if out.wants(service) {
                out.text(service, self.labels.view(), text);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_stands_with_or_without_quotes() {
        let debian = "NAME=\"Debian GNU/Linux\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n";
        assert_eq!(pretty_name(debian).as_deref(), Some("Debian GNU/Linux 12 (bookworm)"));
        assert_eq!(pretty_name("PRETTY_NAME=Alpine\n").as_deref(), Some("Alpine"));
        assert_eq!(pretty_name("PRETTY_NAME=\"\"\n"), None);
        assert_eq!(pretty_name("ID=arch\n"), None);
    }

    #[test]
    fn the_host_is_named_and_not_the_container() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("etc")).unwrap();
        fs::write(folder.path().join("etc/os-release"), "PRETTY_NAME=\"Flatcar\"\n").unwrap();
        let os = Os::open(&Root::new(Some(folder.path()))).unwrap();
        assert_eq!(os.texts, [("system/os_name".to_owned(), "Flatcar".to_owned())]);
        assert!(Os::open(&Root::new(Some(&folder.path().join("etc")))).is_err());
    }
}
