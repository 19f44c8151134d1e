//! The process under test: started with a folder of its own, watched through `/proc`, ended by pid.

use std::fs;
use std::io::{self, BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail};
use tempfile::TempDir;

/// The only one beside the stock rules.
const RULE_FILE: &str = "load.yaml";

/// A running `skep process`.
#[derive(Debug)]
pub(crate) struct Peer {
    child: Child,
    /// Its data and rules; gone when dropped.
    folder: TempDir,
    /// Where it takes Riemann's protocol, by TCP and UDP.
    pub(crate) riemann: SocketAddr,
    /// Where it takes requests.
    pub(crate) http: SocketAddr,
}

/// What it has used so far.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    /// Processor time of all its threads.
    pub(crate) cpu: Duration,
    /// Bytes of memory that no file stands behind.
    pub(crate) rss_anon: u64,
}

impl Peer {
    /// Starts one with the text of a rule file.
    pub(crate) fn start(skep: &Path, rules_text: &str, journal: bool) -> anyhow::Result<Self> {
        let journal = if journal { "{max: 1GiB}" } else { "off" };
        Self::with(skep, rules_text, &format!("processor:\n  journal: {journal}\n  store: off\n"))
    }

    /// Starts one with the texts of a rule file and of a settings file.
    pub(crate) fn with(skep: &Path, rules_text: &str, settings_text: &str) -> anyhow::Result<Self> {
        Self::over(skep, tempfile::tempdir()?, rules_text, settings_text)
    }

    /// Starts one whose `data` in this folder may hold something already.
    pub(crate) fn over(skep: &Path, folder: TempDir, rules_text: &str, settings_text: &str) -> anyhow::Result<Self> {
        let rules = folder.path().join("rules");
        fs::create_dir(&rules)?;
        fs::write(rules.join(RULE_FILE), rules_text)?;
        let settings = folder.path().join("skep.yaml");
        fs::write(&settings, settings_text)?;
        let mut child = Command::new(skep)
            .args(["process", "--http", "127.0.0.1:0", "--riemann", "127.0.0.1:0", "--config"])
            .arg(&settings)
            .arg("--rules")
            .arg(&rules)
            .arg("--data-dir")
            .arg(folder.path().join("data"))
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .env("SKEP_LOG", "error")
            .spawn()
            .with_context(|| format!("could not start {}", skep.display()))?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("no stdout")?).read_line(&mut line)?;
        let address = |name: &str| line.split_whitespace().find_map(|word| word.strip_prefix(name)?.strip_prefix('=')?.parse().ok());
        let (Some(riemann), Some(http)) = (address("riemann"), address("http")) else { bail!("no address in the line `{}`", line.trim()) };
        Ok(Self { child, folder, riemann, http })
    }

    /// Puts another text into its rule file; it reads it when it is told to.
    pub(crate) fn write_rules(&self, text: &str) -> io::Result<()> {
        fs::write(self.folder.path().join("rules").join(RULE_FILE), text)
    }

    pub(crate) fn usage(&self) -> anyhow::Result<Usage> {
        let cpu = cpu(self.child.id())?;
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let rss = status.lines().find_map(|line| line.strip_prefix("RssAnon:")?.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
        Ok(Usage { cpu, rss_anon: rss.context("no RssAnon in its status")? << 10 })
    }
}

/// Processor time of all threads of a process, also of one that has ended and was not yet waited for.
pub(crate) fn cpu(pid: u32) -> io::Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // Behind the name, which may hold spaces: utime and stime are the fields 14 and 15 of the whole.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: u64 = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Ok(Duration::from_nanos(ticks * (1_000_000_000 / rustix::param::clock_ticks_per_second())))
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It may have ended by itself; nothing else can be done here.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
