//! The thread that talks to dockerd. Whatever dockerd does, the sampling thread never waits for it.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crossbeam_channel::{Receiver, Sender, TrySendError};

use super::Change;
use super::greeter::Greeter;
use super::session::{Ended, Session};
use super::sizes::Sizes;
use crate::ContainerChoice;
use crate::worker::Worker;

/// How many changes may wait for the sampling thread, which takes all of them each turn. A hundred containers that start at
/// once make five hundred. When it is full, this thread reads no further event until there is room.
const CHANGES: usize = 1024;

/// How long to wait for room among the changes.
const ROOM_AFTER: Duration = Duration::from_millis(100);

/// The first wait before another attempt to reach dockerd; each next one is twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// The longest wait: dockerd is found again soon after it was started.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// What is to be watched.
#[derive(Debug, Default)]
pub struct Wishes {
    /// Which containers.
    pub(super) choice: ContainerChoice,
    /// How often dockerd is asked how large their files are; `None`: never.
    pub(super) sizes: Option<Duration>,
    /// Who is shown each container that is started, at once.
    pub(super) greeter: Option<Greeter>,
}

/// A running watch over a dockerd; ends when dropped.
#[derive(Debug)]
pub struct Docker {
    changes: Receiver<Change>,
    _worker: Worker,
}

impl Docker {
    /// Starts to watch the dockerd behind a unix socket, whether it is there yet or not.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn watch(socket: &Path, wishes: Wishes) -> io::Result<Self> {
        let Wishes { choice, sizes, greeter } = wishes;
        let (sender, changes) = crossbeam_channel::bounded(CHANGES);
        let sizes = sizes.map(|every| Sizes::new(socket, every, Out(sender.clone())));
        let watch = Watch { socket: socket.to_owned(), choice, greeter, out: Out(sender), said: None, since: now_nanos() };
        let work = async {
            tokio::select! {
                () = watch.run() => {}
                () = measure(sizes) => {}
            }
        };
        Ok(Self { changes, _worker: Worker::start("docker", work)? })
    }

    /// What has changed; never closed while the watch lives.
    pub fn changes(&self) -> &Receiver<Change> {
        &self.changes
    }
}

/// Ends when nobody listens any more.
async fn measure(sizes: Option<Sizes>) {
    match sizes {
        Some(sizes) => sizes.run().await,
        None => std::future::pending().await,
    }
}

/// The sending end of the changes.
#[derive(Clone, Debug)]
pub(super) struct Out(Sender<Change>);

impl Out {
    /// Hands over a change, waiting for room without blocking the runtime.
    pub(super) async fn send(&self, change: Change) -> Result<(), Ended> {
        let mut waiting = change;
        loop {
            match self.0.try_send(waiting) {
                Ok(()) => return Ok(()),
                Err(TrySendError::Disconnected(_)) => return Err(Ended::NobodyListens),
                Err(TrySendError::Full(change)) => waiting = change,
            }
            tokio::time::sleep(ROOM_AFTER).await;
        }
    }
}

struct Watch {
    socket: PathBuf,
    choice: ContainerChoice,
    greeter: Option<Greeter>,
    out: Out,
    /// The last trouble that was told, so that it is told once.
    said: Option<String>,
    /// Time of the last event, in nanoseconds: a new connection asks for what came after it.
    since: i64,
}

impl Watch {
    async fn run(mut self) {
        let mut wait = FIRST_WAIT;
        loop {
            match self.session().await {
                Ended::NobodyListens => return,
                Ended::Worked(err) => {
                    wait = FIRST_WAIT;
                    self.say(&err.to_string());
                }
                Ended::Refused(err) => self.say(&err.to_string()),
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    }

    async fn session(&mut self) -> Ended {
        let mut session = match Session::open(&self.socket, self.choice.clone(), self.greeter.clone(), self.out.clone()).await {
            Ok(session) => session,
            Err(ended) => return ended,
        };
        if self.said.take().is_some() {
            tracing::info!("dockerd answers again at {}", self.socket.display());
        }
        let ended = session.run(&mut self.since).await;
        match ended {
            // Whatever ends a session that had listed all containers is a new trouble.
            Ended::Refused(err) => Ended::Worked(err),
            ended => ended,
        }
    }

    fn say(&mut self, trouble: &str) {
        if self.said.as_deref() != Some(trouble) {
            tracing::warn!("{trouble}");
            self.said = Some(trouble.to_owned());
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the driver tells dockerd from when on it wants events")]
fn now_nanos() -> i64 {
    let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_epoch.as_nanos()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::os::unix::net::{UnixListener, UnixStream};
    use std::sync::mpsc;

    use super::super::happening::Action;
    use super::*;

    const ID: &str = "f9623002f954217048c5a2d694847e54af6ffb3b458063ce676b358876b45d52";

    /// Answers like a dockerd that closes its stream of events after one event; tells which paths were asked for.
    fn play_dockerd(listener: UnixListener) -> mpsc::Receiver<String> {
        let (sender, asked) = mpsc::channel();
        std::thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                let Some(path) = answer(stream) else { continue };
                if sender.send(path).is_err() {
                    return;
                }
            }
        });
        asked
    }

    /// The path that is asked for; `None` for one that only knocks.
    fn asked(stream: &mut UnixStream) -> Option<String> {
        let mut request = Vec::new();
        let mut byte = [0];
        while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).ok()? > 0 {
            request.push(byte[0]);
        }
        String::from_utf8_lossy(&request).split(' ').nth(1).map(str::to_owned)
    }

    fn answer(mut stream: UnixStream) -> Option<String> {
        let path = asked(&mut stream)?;
        answer_to(path, stream)
    }

    fn answer_to(path: String, mut stream: UnixStream) -> Option<String> {
        let died = format!(
            r#"{{"Type": "container", "Action": "die", "Actor": {{"ID": "{ID}", "Attributes": {{"name": "db", "exitCode": "1"}}}},
                "time": 4102444800, "timeNano": 4102444800929810188}}"#
        );
        let body = match path.split('?').next()? {
            "/version" => r#"{"ApiVersion": "1.41"}"#.to_owned(),
            "/containers/json" => format!(r#"[{{"Id": "{ID}", "Names": ["/db"], "State": "running"}}]"#),
            "/events" => died,
            _ => format!(r#"{{"Id": "{ID}", "Name": "/db", "State": {{"Status": "running", "Pid": 7}}, "Config": {{"Labels": {{}}}}}}"#),
        };
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n";
        write!(stream, "{head}Content-Length: {}\r\n\r\n{body}", body.len()).ok()?;
        Some(path)
    }

    #[track_caller]
    fn next(docker: &Docker) -> Change {
        docker.changes().recv_timeout(Duration::from_secs(30)).unwrap()
    }

    #[test]
    fn a_dockerd_that_hangs_up_is_asked_again_for_all_containers_and_for_later_events() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("docker.sock");
        let asked = play_dockerd(UnixListener::bind(&path).unwrap());
        let docker = Docker::watch(&path, Wishes::default()).unwrap();
        for session in 0..2 {
            assert!(matches!(next(&docker), Change::All(all) if all.len() == 1 && all[0].pid == Some(7)), "session {session}");
            assert!(matches!(next(&docker), Change::Happened(it) if it.action == Action::Die && it.exit_code == Some(1)));
            assert!(matches!(next(&docker), Change::Set(facts) if facts.identity.name == "db"));
        }
        drop(docker);
        let events: Vec<String> = asked.try_iter().filter(|path| path.starts_with("/events")).collect();
        assert!(events[1].contains("since=4102444800.929810189"), "{events:?}");
    }

    /// Each is a session of its own; after them dockerd comes to its senses.
    const NONSENSE: [&str; 3] = [
        "\0\u{1} nonsense\r\n\r\n",
        "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 4\r\n\r\nhelp",
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{\"a\": [1, 2]}",
    ];

    #[test]
    fn a_dockerd_that_answers_nonsense_is_asked_again_until_it_makes_sense() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("docker.sock");
        let listener = UnixListener::bind(&path).unwrap();
        std::thread::spawn(move || {
            let mut nonsense = NONSENSE.into_iter();
            while let Ok((mut stream, _)) = listener.accept() {
                let Some(path) = asked(&mut stream) else { continue };
                match nonsense.next() {
                    Some(text) => drop(stream.write_all(text.as_bytes())),
                    None => drop(answer_to(path, stream)),
                }
            }
        });
        let docker = Docker::watch(&path, Wishes::default()).unwrap();
        assert!(matches!(next(&docker), Change::All(all) if all.len() == 1), "nothing is told before");
    }

    #[test]
    fn a_watch_over_nothing_ends_when_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let docker = Docker::watch(&folder.path().join("docker.sock"), Wishes::default()).unwrap();
        assert!(docker.changes().is_empty());
        drop(docker);
    }
}
