//! One run of a program: started in a process group of its own, read within bounds, ended with all it has started.

use std::fmt;
use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::{Child, Command};

use super::Settings;

/// The longest output, and the longest error output; who prints more is killed.
const MAX_OUTPUT: usize = 1 << 20;

/// Bytes of the error output that are kept; the rest is read and forgotten.
const MAX_ERROR: usize = 4 << 10;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// By itself, with that code.
    Code(i64),
    /// By a signal that was not ours.
    Signal(i64),
    /// It took too long.
    Late,
    /// It printed too much.
    TooMuch,
    /// It was never started: there is no such program.
    Missing,
    /// It was never started, for another reason.
    Refused,
}

impl End {
    /// As a shell and `timeout` have it. One that printed too much counts as ended by the signal that ended it.
    pub(super) fn code(self) -> i64 {
        match self {
            Self::Code(code) => code,
            Self::Signal(signal) => 128 + signal,
            Self::Late => 124,
            Self::TooMuch => 128 + 9,
            Self::Refused => 126,
            Self::Missing => 127,
        }
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "it ended with exit code {code}"),
            Self::Signal(signal) => write!(f, "it was ended by signal {signal}"),
            Self::Late => f.write_str("it had not ended within its timeout, and was killed"),
            Self::TooMuch => f.write_str("it printed more than 1 MiB, and was killed"),
            Self::Missing | Self::Refused => f.write_str("it cannot be started"),
        }
    }
}

/// What is left of a run.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) end: End,
    /// Empty unless it ended by itself.
    pub(super) output: Vec<u8>,
    /// The first line of its error output, or why it was not started; may be empty.
    pub(super) line: String,
}

impl Run {
    /// What is wrong with it; `None` when all is well.
    pub(super) fn trouble(&self) -> Option<String> {
        match (self.end, self.line.as_str()) {
            (End::Code(0), _) => None,
            (end, "") => Some(end.to_string()),
            (end, line) => Some(format!("{end}: {line}")),
        }
    }

    /// What its series says of it: its own words, where it was not we who ended it.
    pub(super) fn description(&self) -> Option<String> {
        let is_its_own = matches!(self.end, End::Code(_) | End::Signal(_)) && !self.line.is_empty();
        self.trouble().map(|trouble| if is_its_own { self.line.clone() } else { trouble })
    }
}

/// Runs it to its end, or to the end of its time.
pub(super) async fn run(settings: &Settings) -> Run {
    let child = match start(settings) {
        Ok(child) => child,
        Err(error) => {
            let end = if error.kind() == io::ErrorKind::NotFound { End::Missing } else { End::Refused };
            return Run { end, output: Vec::new(), line: error.to_string() };
        }
    };
    let mut group = Group(child);
    let (output, error) = (group.0.stdout.take(), group.0.stderr.take());
    let (mut kept, mut said) = (Vec::new(), Vec::new());
    let whole = async {
        tokio::try_join!(take(output, MAX_OUTPUT, &mut kept), take(error, MAX_ERROR, &mut said))?;
        // Its end is waited for last: until then its number, which is its group's, is nobody else's.
        group.0.wait().await.map_or(Err(End::Refused), |status| Ok(of(status)))
    };
    let end = tokio::time::timeout(settings.timeout.to_std(), whole).await.unwrap_or(Err(End::Late));
    if end.is_err() {
        kept.clear();
        group.end().await;
    }
    Run { end: end.unwrap_or_else(|end| end), output: kept, line: first_line(&said) }
}

fn first_line(said: &[u8]) -> String {
    let text = String::from_utf8_lossy(said);
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    line.replace(char::is_control, " ")
}

fn start(settings: &Settings) -> io::Result<Child> {
    let (program, arguments) = settings.command.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    let mut command = Command::new(program);
    command.args(arguments).envs(settings.environment.iter().map(|(name, value)| (name, value)));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.process_group(0).kill_on_drop(true).spawn()
}

fn of(status: ExitStatus) -> End {
    match (status.code(), status.signal()) {
        (Some(code), _) => End::Code(i64::from(code)),
        (None, signal) => End::Signal(i64::from(signal.unwrap_or_default())),
    }
}

/// Reads to the end and keeps the start.
///
/// # Errors
/// There was too much of it.
async fn take(from: Option<impl AsyncRead + Unpin>, keep: usize, into: &mut Vec<u8>) -> Result<(), End> {
    let Some(mut from) = from else { return Ok(()) };
    let (mut buffer, mut n_read) = (vec![0; 8192], 0);
    // An output that breaks off has ended.
    while let Ok(n @ 1..) = from.read(&mut buffer).await {
        n_read += n;
        if n_read > MAX_OUTPUT {
            return Err(End::TooMuch);
        }
        let room = keep.saturating_sub(into.len());
        into.extend(buffer.iter().take(n.min(room)));
    }
    Ok(())
}

/// A program that is ended with all that it has started, also when the run is given up.
struct Group(Child);

impl Group {
    async fn end(&mut self) {
        self.kill();
        // Killed processes end at once, but for those that wait for a disk.
        let _ = tokio::time::timeout(Duration::from_secs(1), self.0.wait()).await;
    }

    fn kill(&self) {
        // Without a number it has ended and been waited for, and the number may be another's.
        if let Some(pid) = self.0.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?)) {
            let _ = kill_process_group(pid, Signal::KILL);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::*;

    /// Runs a script of the shell, for at most that long.
    async fn sh(script: &str, timeout: event::Duration) -> Run {
        run(&settings(&["sh", "-c", script], timeout)).await
    }

    fn settings(command: &[&str], timeout: event::Duration) -> Settings {
        Settings {
            name: "test".to_owned(),
            command: command.iter().map(|&text| text.to_owned()).collect(),
            environment: vec![("GREETING".to_owned(), "good day".to_owned())],
            every: timeout,
            timeout,
            format: Format::Influx,
        }
    }

    const LONG: event::Duration = event::Duration::from_secs(60);

    #[tokio::test]
    async fn output_code_and_the_first_line_of_the_error_output_are_what_is_left() {
        let run = sh("echo \"$GREETING\"; echo >&2; echo ' no\tdisk ' >&2; echo more >&2; exit 3", LONG).await;
        assert_eq!((run.end, run.output.as_slice(), run.line.as_str()), (End::Code(3), &b"good day\n"[..], "no disk"));
        assert_eq!(run.trouble().as_deref(), Some("it ended with exit code 3: no disk"));
        assert_eq!(run.description().as_deref(), Some("no disk"));
        let run = sh("exit 4", LONG).await;
        assert_eq!(run.description().as_deref(), Some("it ended with exit code 4"));
        let run = sh("echo only a warning >&2", LONG).await;
        assert_eq!((run.end, run.trouble(), run.description()), (End::Code(0), None, None));
        let run = sh("kill -15 $$", LONG).await;
        assert_eq!((run.end, run.end.code()), (End::Signal(15), 143));
    }

    #[tokio::test]
    async fn what_cannot_be_started_says_why() {
        let folder = tempfile::tempdir().unwrap();
        let (missing, folder) = (folder.path().join("nothing").display().to_string(), folder.path().display().to_string());
        for (program, code, why) in [(missing, 127, "No such file"), (folder, 126, "Permission denied")] {
            let run = run(&settings(&[&program], LONG)).await;
            assert_eq!(run.end.code(), code);
            let trouble = run.trouble().unwrap();
            assert!(trouble.starts_with(&format!("it cannot be started: {why}")), "{trouble}");
        }
    }

    #[tokio::test]
    async fn at_the_end_of_its_time_all_that_it_started_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pid");
        // The grandchild would hold the output open for ever.
        let script = format!("sleep 1000 & echo $! > {}; echo unread; wait", file.display());
        let run = sh(&script, event::Duration::from_secs(1)).await;
        assert_eq!((run.end, run.output.len()), (End::Late, 0));
        let pid = std::fs::read_to_string(file).unwrap();
        let status = std::path::PathBuf::from(format!("/proc/{}/stat", pid.trim()));
        // Whoever takes in orphans here may not have waited for it yet; then it is a zombie.
        let is_gone = || std::fs::read_to_string(&status).map_or(true, |text| text.contains(") Z "));
        while !is_gone() {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn who_prints_too_much_is_killed_at_once() {
        for script in ["trap '' PIPE; yes", "yes >&2", "while :; do echo x; done | cat"] {
            let run = sh(script, LONG).await;
            assert_eq!((run.end, run.output.len(), run.end.code()), (End::TooMuch, 0, 137), "{script}");
        }
    }
}
