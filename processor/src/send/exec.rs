//! A program for each message: JSON on its standard input, a time limit, ended with all that it started.

use std::io::{self, Read as _, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

use super::failure::Failure;
use crate::config::SECRET_VARIABLES;
use crate::notify::{Exec, Letter, payload};

/// Between two looks whether it has ended.
const LOOK: Duration = Duration::from_millis(20);

/// So much of what it prints to standard error stands in the log.
const MAX_SHOWN: u64 = 300;

/// Runs the program; it is to end with 0.
pub(super) fn run(settings: &Exec, letter: &Letter) -> Result<(), Failure> {
    let (program, arguments) = settings.command.split_first().ok_or_else(|| Failure::lasting("no program is named"))?;
    let mut command = Command::new(program);
    command.args(arguments).process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    for name in SECRET_VARIABLES {
        command.env_remove(name);
    }
    let child = command.spawn().map_err(|error| Failure::passing(format!("{program} could not be started: {error}")))?;
    let mut group = Group(child);
    let input = payload::json(letter).to_string();
    let (stdin, stderr) = (group.0.stdin.take(), group.0.stderr.take());
    // Threads of their own: a program that reads nothing, or prints much, must not hold up the limit. They end with the pipes.
    thread::spawn(move || stdin.map(|mut stdin| stdin.write_all(input.as_bytes())));
    let (said, printed) = crossbeam_channel::bounded(1);
    thread::spawn(move || {
        let mut text = Vec::new();
        if let Some(mut stderr) = stderr {
            // What could be read is shown; the rest is read away, so that the program can go on.
            let _ = stderr.by_ref().take(MAX_SHOWN).read_to_end(&mut text);
            let _ = said.send(String::from_utf8_lossy(&text).trim().replace('\n', " "));
            let _ = io::copy(&mut stderr, &mut io::sink());
        }
    });
    let ended = group.has_ended(settings.timeout.to_std());
    // Whoever it started goes with it; its pipes close then.
    let status = group.end();
    let words = printed.recv_timeout(LOOK * 10).unwrap_or_default();
    match status {
        _ if !ended => Err(Failure::passing(format!("{program} had not ended within {}, and was killed", settings.timeout))),
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Failure::passing(format!("{program} ended with {status} {words}").trim().to_owned())),
        Err(error) => Err(Failure::passing(format!("{program} could not be waited for: {error}"))),
    }
}

/// A program and whatever it starts.
struct Group(Child);

impl Group {
    /// Whether it has ended within `limit`. It is not reaped: until then its number, which is its group's, is nobody else's.
    #[expect(clippy::disallowed_methods, reason = "waits for another process, in a thread of its own")]
    fn has_ended(&self, limit: Duration) -> bool {
        let Some(pid) = self.pid() else { return false };
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
        let end = std::time::Instant::now() + limit;
        loop {
            if matches!(waitid(WaitId::Pid(pid), options), Ok(Some(_))) {
                return true;
            }
            if std::time::Instant::now() >= end {
                return false;
            }
            thread::sleep(LOOK);
        }
    }

    /// Ends all of it.
    fn end(&mut self) -> io::Result<ExitStatus> {
        if let Some(pid) = self.pid() {
            // All may have ended.
            let _ = kill_process_group(pid, Signal::KILL);
        }
        self.0.wait()
    }

    fn pid(&self) -> Option<Pid> {
        i32::try_from(self.0.id()).ok().and_then(Pid::from_raw)
    }
}
