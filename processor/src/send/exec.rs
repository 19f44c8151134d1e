//! A program for each message: JSON on its standard input, a time limit, ended with all that it started.

use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStderr, ChildStdin, Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fcntl_setfl};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

use super::failure::Failure;
use crate::config::SECRET_VARIABLES;
use crate::notify::{Exec, Letter, payload};

/// Between two looks whether it has ended.
const LOOK: Duration = Duration::from_millis(20);

/// So much of what it prints to standard error stands in the log.
const MAX_SHOWN: usize = 300;

/// Read at once.
const PIECE: usize = 4096;

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
    let mut pipes = Pipes::new(&mut group.0, payload::json(letter).to_string());
    let ended = group.has_ended(settings.timeout.to_std(), &mut pipes);
    // Whoever it started goes with it.
    let status = group.end();
    let words = pipes.last_words();
    match status {
        _ if !ended => Err(Failure::passing(format!("{program} had not ended within {}, and was killed", settings.timeout))),
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Failure::passing(format!("{program} ended with {status} {words}").trim().to_owned())),
        Err(error) => Err(Failure::passing(format!("{program} could not be waited for: {error}"))),
    }
}

/// What it reads and prints. No end of a pipe is waited for, so that a program that reads nothing, prints much, or leaves somebody behind who
/// holds its pipes open, holds up nobody; and what could not be said or heard by its end is let go.
struct Pipes {
    input: String,
    n_written: usize,
    stdin: Option<ChildStdin>,
    stderr: Option<ChildStderr>,
    printed: Vec<u8>,
}

impl Pipes {
    /// A pipe that cannot be had without waiting is closed: better untold than stuck.
    fn new(child: &mut Child, input: String) -> Self {
        let stdin = child.stdin.take().filter(|pipe| fcntl_setfl(pipe, OFlags::NONBLOCK).is_ok());
        let stderr = child.stderr.take().filter(|pipe| fcntl_setfl(pipe, OFlags::NONBLOCK).is_ok());
        Self { input, n_written: 0, stdin, stderr, printed: Vec::new() }
    }

    /// Moves what can be moved, once something can or `LOOK` is over.
    fn wait(&mut self) {
        let stdin = self.stdin.iter().map(|pipe| PollFd::from_borrowed_fd(pipe.as_fd(), PollFlags::OUT));
        let stderr = self.stderr.iter().map(|pipe| PollFd::from_borrowed_fd(pipe.as_fd(), PollFlags::IN));
        let mut both: Vec<PollFd<'_>> = stdin.chain(stderr).collect();
        let look = Timespec { tv_sec: 0, tv_nsec: LOOK.subsec_nanos().into() };
        // Interrupted or not, the next look tells.
        let _ = poll(&mut both, Some(&look));
        self.write();
        self.read();
    }

    /// Its end is the end of the input.
    fn write(&mut self) {
        let Some(pipe) = &mut self.stdin else { return };
        let left = self.input.as_bytes().get(self.n_written..).unwrap_or_default();
        match pipe.write(left) {
            Ok(n) if n < left.len() => self.n_written += n,
            Err(error) if is_passing(&error) => {}
            // All is written, or it reads no more.
            Ok(_) | Err(_) => self.stdin = None,
        }
    }

    /// What is beyond the bound is read away, so that the program can go on. Gives whether there may be more.
    fn read(&mut self) -> bool {
        let Some(pipe) = &mut self.stderr else { return false };
        let mut piece = [0; PIECE];
        match pipe.read(&mut piece) {
            Ok(n) if n > 0 => {
                let room = MAX_SHOWN.saturating_sub(self.printed.len());
                self.printed.extend(piece.iter().take(n.min(room)));
                true
            }
            Err(error) if is_passing(&error) => false,
            Ok(_) | Err(_) => {
                self.stderr = None;
                false
            }
        }
    }

    /// What it printed, as one line.
    fn last_words(mut self) -> String {
        while self.printed.len() < MAX_SHOWN && self.read() {}
        String::from_utf8_lossy(&self.printed).trim().replace('\n', " ")
    }
}

fn is_passing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}

/// A program and whatever it starts.
struct Group(Child);

impl Group {
    /// Whether it has ended within `limit`. It is not reaped: until then its number, which is its group's, is nobody else's.
    #[expect(clippy::disallowed_methods, reason = "waits for another process, in a thread of its own")]
    fn has_ended(&self, limit: Duration, pipes: &mut Pipes) -> bool {
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
            pipes.wait();
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
