//! Whoever is told: takes webhooks on the swarm's network and keeps what they say.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::Value;

/// Between the arrival of a message and the answer that says so: who is killed in it sends the message again.
const ANSWER: Duration = Duration::from_millis(100);

pub(crate) struct PostBox {
    pub(crate) address: SocketAddr,
    posts: Arc<Mutex<Vec<Value>>>,
}

impl PostBox {
    /// Listens on this address, on the network of the calling thread.
    pub(crate) fn start(address: &str) -> Self {
        let listener = TcpListener::bind((address, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let posts = Arc::<Mutex<Vec<Value>>>::default();
        let kept = posts.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let kept = kept.clone();
                thread::spawn(move || take(stream, &kept));
            }
        });
        Self { address, posts }
    }

    /// What an entry tells of, and the ids of the messages that told it.
    pub(crate) fn told(&self) -> BTreeMap<Told, BTreeSet<String>> {
        let mut told = BTreeMap::<Told, BTreeSet<String>>::new();
        for post in self.posts.lock().unwrap().iter() {
            for entry in post["entries"].as_array().into_iter().flatten() {
                let text = |key: &str| entry[key].as_str().unwrap_or_default().to_owned();
                let change = Told {
                    alert: text("alert"),
                    host: text("host"),
                    change: text("change"),
                    since: text("since"),
                    instance: text("instance"),
                };
                told.entry(change).or_default().insert(post["id"].as_str().unwrap_or_default().to_owned());
            }
        }
        told
    }

    /// Whether this change of an alert was told, about anything.
    pub(crate) fn tells(&self, alert: &str, change: &str) -> bool {
        self.told().keys().any(|told| (told.alert.as_str(), told.change.as_str()) == (alert, change))
    }

    /// Whether this change of an alert was told, about this instance.
    pub(crate) fn tells_of(&self, alert: &str, instance: &str, change: &str) -> bool {
        let is_it = |told: &Told| (told.alert.as_str(), told.instance.as_str(), told.change.as_str()) == (alert, instance, change);
        self.told().keys().any(is_it)
    }

    /// Whether this change of an alert was told, about this host.
    pub(crate) fn has(&self, alert: &str, host: &str, change: &str) -> bool {
        self.told().keys().any(|told| (told.alert.as_str(), told.host.as_str(), told.change.as_str()) == (alert, host, change))
    }
}

/// A change of an instance of an alert.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Told {
    pub(crate) alert: String,
    pub(crate) host: String,
    pub(crate) change: String,
    pub(crate) since: String,
    pub(crate) instance: String,
}

/// Takes the requests of one connection.
fn take(stream: TcpStream, kept: &Mutex<Vec<Value>>) -> io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    loop {
        let mut length = 0;
        let mut line = String::new();
        while reader.read_line(&mut line)? > 0 && line.trim_end() != "" {
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().map_err(io::Error::other)?;
            }
            line.clear();
        }
        if line.is_empty() {
            return Ok(());
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        kept.lock().unwrap().push(serde_json::from_slice(&body)?);
        thread::sleep(ANSWER);
        (&stream).write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")?;
    }
}
