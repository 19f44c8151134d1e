//! The thread that asks dockerd about the swarm. Whatever dockerd does, the sampling thread never waits for it.

use std::io;
use std::path::Path;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, TrySendError};

use super::Happening;
use super::picture::Picture;
use super::session::Asker;
use crate::worker::Worker;

/// How much news may wait for the sampling thread, which takes all of it each turn: a picture every five seconds, and what
/// happens meanwhile. When it is full, this thread asks nothing further until there is room.
const NEWS: usize = 1024;

/// How long to wait for room.
const ROOM_AFTER: Duration = Duration::from_millis(100);

/// What the thread tells.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum News {
    /// Whether this node leads the swarm; `None`: it is no manager.
    Leads(Option<bool>),
    /// The swarm now; only the leader tells.
    Picture(Box<Picture>),
    /// What happened; only the leader tells.
    Happened(Box<Happening>),
    /// A question that dockerd did not answer.
    Unanswered,
}

/// The sampling thread is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NobodyListens;

/// The running thread; ends when dropped.
#[derive(Debug)]
pub(super) struct Leader {
    news: Receiver<News>,
    _worker: Worker,
}

impl Leader {
    /// Starts to ask the dockerd behind a unix socket, whether it is there yet or not, each `period` while this node leads.
    ///
    /// # Errors
    /// When no thread can be started.
    pub(super) fn watch(socket: &Path, period: Duration) -> io::Result<Self> {
        let (sender, news) = crossbeam_channel::bounded(NEWS);
        let asker = Asker::new(socket, period, Out(sender));
        let work = async {
            let NobodyListens = asker.run().await;
        };
        Ok(Self { news, _worker: Worker::start("swarm", work)? })
    }

    /// What there is to tell; never closed while the thread lives.
    pub(super) fn news(&self) -> &Receiver<News> {
        &self.news
    }
}

/// The sending end of the news.
#[derive(Clone, Debug)]
pub(super) struct Out(Sender<News>);

impl Out {
    /// Hands over news, waiting for room without blocking the runtime.
    pub(super) async fn send(&self, news: News) -> Result<(), NobodyListens> {
        let mut waiting = news;
        loop {
            match self.0.try_send(waiting) {
                Ok(()) => return Ok(()),
                Err(TrySendError::Disconnected(_)) => return Err(NobodyListens),
                Err(TrySendError::Full(news)) => waiting = news,
            }
            tokio::time::sleep(ROOM_AFTER).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::os::unix::net::{UnixListener, UnixStream};

    use super::super::happening::Action;
    use super::*;

    /// A dockerd that leads, as far as it is asked; `node` is what it says of itself, and of each node of its list.
    fn play_dockerd(listener: UnixListener, node: &'static str) {
        std::thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                std::thread::spawn(move || answer(stream, node));
            }
        });
    }

    fn answer(mut stream: UnixStream, node: &str) -> Option<()> {
        let mut request = Vec::new();
        let mut byte = [0];
        while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).ok()? > 0 {
            request.push(byte[0]);
        }
        let path = String::from_utf8_lossy(&request).split(' ').nth(1)?.to_owned();
        let path = path.split('?').next()?;
        let path = path.strip_prefix("/v1.41").unwrap_or(path);
        let (status, body) = match path {
            "/nodes/self" if node.is_empty() => {
                ("503 Service Unavailable", r#"{"message": "This node is not a swarm manager. Use …"}"#.to_owned())
            }
            "/nodes/self" => ("404 Not Found", r#"{"message": "node self not found"}"#.to_owned()),
            path => ("200 OK", body(path, node, &mut stream)?),
        };
        let head = format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\nConnection: close\r\n");
        write!(stream, "{head}Content-Length: {}\r\n\r\n{body}", body.len()).ok()
    }

    fn body(path: &str, node: &str, stream: &mut UnixStream) -> Option<String> {
        Some(match path {
            "/version" => r#"{"ApiVersion": "1.41"}"#.to_owned(),
            "/info" => r#"{"Swarm": {"NodeID": "me", "LocalNodeState": "active", "ControlAvailable": true}}"#.to_owned(),
            "/nodes/me" => node.to_owned(),
            "/nodes" => format!("[{node}]"),
            "/services" => {
                let status = r#"{"RunningTasks": 1, "DesiredTasks": 1}"#;
                format!(r#"[{{"ID": "web1", "Spec": {{"Name": "web", "Mode": {{"Global": {{}}}}}}, "ServiceStatus": {status}}}]"#)
            }
            "/tasks" => {
                r#"[{"ID": "t1", "ServiceID": "web1", "NodeID": "me", "Status": {"Timestamp": "2100-01-01T00:00:00Z", "State": "failed",
                "Err": "task: non-zero exit (3)", "ContainerStatus": {"ContainerID": "c1", "ExitCode": 3}}}]"#
                    .to_owned()
            }
            "/events" => {
                // It says nothing, for ever.
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
                let _ = stream.read(&mut [0]);
                return None;
            }
            _ => return None,
        })
    }

    /// The news of a dockerd that says this of itself.
    fn watched(node: &'static str) -> (tempfile::TempDir, Leader) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("docker.sock");
        play_dockerd(UnixListener::bind(&path).unwrap(), node);
        let leader = Leader::watch(&path, Duration::from_millis(50)).unwrap();
        (folder, leader)
    }

    #[track_caller]
    fn next(leader: &Leader) -> News {
        leader.news().recv_timeout(Duration::from_secs(30)).unwrap()
    }

    const LEADER: &str = r#"{"ID": "me", "Spec": {"Role": "manager", "Availability": "active"}, "Description": {"Hostname": "manager1"},
        "Status": {"State": "ready"}, "ManagerStatus": {"Leader": true, "Reachability": "reachable"}}"#;
    const FOLLOWER: &str = r#"{"ID": "me", "Spec": {"Role": "manager", "Availability": "active"}, "Description": {"Hostname": "manager1"},
        "Status": {"State": "ready"}, "ManagerStatus": {"Reachability": "reachable"}}"#;

    #[test]
    fn the_leader_tells_of_failures_once_and_of_the_swarm_in_each_look() {
        let (_folder, leader) = watched(LEADER);
        assert_eq!(next(&leader), News::Leads(Some(true)));
        let News::Happened(failed) = next(&leader) else { panic!("a failure comes first") };
        assert_eq!((failed.action, failed.exit_code, failed.node.as_deref()), (Action::TaskFailed, Some(3), Some("manager1")));
        for _ in 0..2 {
            let News::Picture(picture) = next(&leader) else { panic!("a picture") };
            assert_eq!((picture.services[0].failed, picture.nodes[0].name.as_str()), (1, "manager1"));
        }
    }

    #[test]
    fn a_manager_that_does_not_lead_says_only_that() {
        let (_folder, leader) = watched(FOLLOWER);
        assert_eq!(next(&leader), News::Leads(Some(false)));
        assert!(leader.news().is_empty());
    }

    #[test]
    fn a_worker_says_nothing() {
        let (_folder, leader) = watched("");
        assert_eq!(next(&leader), News::Leads(None));
        assert!(leader.news().is_empty());
    }

    #[test]
    fn nonsense_is_counted_and_asked_again() {
        let (_folder, leader) = watched(r#"{"ID": 7, "#);
        assert_eq!([next(&leader), next(&leader)], [News::Unanswered, News::Unanswered]);
    }

    #[test]
    fn a_dockerd_that_never_answers_is_given_up_and_asked_again_and_holds_up_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("docker.sock");
        let _silent = UnixListener::bind(&path).unwrap();
        let leader = Leader::watch(&path, Duration::from_millis(50)).unwrap();
        assert!(leader.news().is_empty(), "nobody waits for it");
        assert_eq!(next(&leader), News::Unanswered);
        // It is being asked again now, which does not keep this from ending.
        drop(leader);
    }
}
