//! Graphite's and OpenTSDB's lines over TCP, and Graphite's over UDP, as a server: each read's lines become one message.

use std::io;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use event::graphite::{self, BadLine};
use event::{Event, msg, opentsdb};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::accept;
use crate::frames;
use crate::ingest::{Ingest, Origin};
use crate::kernel_drops;
use crate::shutdown::Shutdown;

/// Riemann's: the longest line, without its end.
const MAX_LINE: usize = 1024;

/// What is read at once; an idle connection holds no more.
const BUFFER: usize = 8 << 10;

/// The longest datagram.
const MAX_DATAGRAM: usize = 16 << 10;

/// How long a begun line may take to end.
const LINE_WITHIN: Duration = Duration::from_secs(60);

/// How long accepting and receiving rest after they failed.
const REST: Duration = Duration::from_millis(100);

/// How the lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `NAME VALUE TIME`
    Graphite {
        /// `NAME;KEY=VALUE` gives attributes.
        tags: bool,
    },
    /// `put NAME TIME VALUE KEY=VALUE…`
    OpenTsdb,
}

impl Format {
    fn decode(self, line: &str) -> Result<Event, BadLine> {
        match self {
            Self::Graphite { tags } => graphite::decode(line, tags),
            Self::OpenTsdb => opentsdb::decode(line),
        }
    }
}

/// Serves until `shutdown`.
pub async fn serve(listener: TcpListener, ingest: Ingest, format: Format, mut shutdown: Shutdown) {
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = shutdown.requested() => break,
            Some(_) = connections.join_next() => continue,
            accepted = accept::accept(&listener) => accepted,
        };
        match accepted {
            Ok((stream, _)) if connections.len() < ingest.max_connections() => {
                connections.spawn(connection(stream, ingest.clone(), format, shutdown.clone()));
            }
            Ok(_) => ingest.counters().connections_refused.add(1),
            Err(error) => {
                tracing::debug!(%error, "could not accept a connection for lines");
                tokio::time::sleep(REST).await;
            }
        }
    }
    // Each has heard of the shutdown, and ends once its lines are applied.
    while connections.join_next().await.is_some() {}
}

async fn connection(mut stream: TcpStream, ingest: Ingest, format: Format, mut shutdown: Shutdown) {
    let mut buffer = BytesMut::with_capacity(BUFFER);
    loop {
        buffer.reserve(BUFFER.saturating_sub(buffer.len()).max(1));
        let patience = if buffer.is_empty() { Duration::MAX } else { LINE_WITHIN };
        let read = tokio::select! {
            () = shutdown.requested() => return,
            read = timeout(patience, stream.read_buf(&mut buffer)) => read,
        };
        let n_read = match read {
            Ok(Ok(n_read)) => n_read,
            Ok(Err(_)) => return,
            Err(_) => return ingest.counters().connections_stalled.add(1),
        };
        // At the end a line without its end counts.
        let complete = if n_read == 0 { buffer.len() } else { buffer.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1) };
        let lines = buffer.split_to(complete);
        let taken = take(&lines, format, &ingest);
        if !taken.answer.is_empty() && stream.write_all(&taken.answer).await.is_err() {
            return;
        }
        if let Some(frames) = taken.frames
            && ingest.send(frames, Origin::Line).await.is_err()
        {
            return;
        }
        if buffer.len() > MAX_LINE || (taken.broken && format == Format::OpenTsdb) {
            ingest.counters().connections_garbage.add(1);
            return;
        }
        if n_read == 0 {
            return;
        }
    }
}

/// Serves datagrams of lines until `shutdown`; where there is no room they are dropped and counted.
pub async fn serve_udp(socket: UdpSocket, ingest: Ingest, format: Format, shutdown: Shutdown) {
    tokio::select! {
        () = receive(&socket, &ingest, format, shutdown) => {}
        never = kernel_drops::watch(&socket, ingest.counters()) => match never {},
    }
}

async fn receive(socket: &UdpSocket, ingest: &Ingest, format: Format, mut shutdown: Shutdown) {
    let mut datagram = vec![0; MAX_DATAGRAM];
    loop {
        let received = tokio::select! {
            () = shutdown.requested() => return,
            received = socket.recv(&mut datagram) => received,
        };
        match received {
            Ok(n_bytes) => {
                let taken = take(datagram.get(..n_bytes).unwrap_or_default(), format, ingest);
                let dropped = taken.frames.is_some_and(|frames| ingest.try_send(frames, Origin::Line).is_err());
                ingest.counters().udp_dropped.add(u64::from(dropped));
            }
            Err(error) => rest(&error).await,
        }
    }
}

async fn rest(error: &io::Error) {
    tracing::debug!(%error, "could not receive lines");
    tokio::time::sleep(REST).await;
}

/// What became of some lines.
#[derive(Debug, Default)]
struct Taken {
    /// One message, after its length.
    frames: Option<Bytes>,
    /// What is written back.
    answer: Vec<u8>,
    /// A line could not be read.
    broken: bool,
}

/// Reads complete lines; bytes that are not UTF-8 are taken lossily.
fn take(lines: &[u8], format: Format, ingest: &Ingest) -> Taken {
    let mut encoder = msg::Encoder::new();
    let mut taken = Taken::default();
    let mut n_refused = 0;
    for line in lines.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            continue;
        }
        let read = if line.len() > MAX_LINE { Err(BadLine::TooMany) } else { format.decode(&String::from_utf8_lossy(line)) };
        match read {
            Ok(event) => event.with_view(|view| encoder.event(view)),
            Err(BadLine::Version) => taken.answer.extend_from_slice(opentsdb::VERSION),
            Err(error) => {
                n_refused += 1;
                taken.broken = true;
                tracing::debug!(%error, line = %String::from_utf8_lossy(line), "a line that is no event");
            }
        }
    }
    ingest.counters().lines_refused.add(n_refused);
    ingest.counters().line_events.add(encoder.n_events() as u64);
    if !encoder.is_empty() {
        let mut framed = Vec::with_capacity(frames::HEAD + encoder.bytes().len());
        frames::put(&mut framed, encoder.bytes());
        taken.frames = Some(framed.into());
    }
    taken
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ingest::{Limits, channel};

    #[test]
    fn the_good_lines_of_a_read_are_one_message_and_the_bad_ones_are_counted() {
        let (ingest, _requests, _inbox) = channel::<()>(Limits::default());
        let taken = take(b"a 1 2\r\nb x 2\n\nc\xff 3 4", Format::Graphite { tags: false }, &ingest);
        let frames = taken.frames.unwrap();
        let services: Vec<_> = msg::events(&frames[4..]).map(|event| event.service.unwrap().to_vec()).collect();
        assert_eq!(services, [b"a".to_vec(), "c\u{fffd}".as_bytes().to_vec()]);
        assert_eq!((ingest.counters().line_events.get(), ingest.counters().lines_refused.get()), (2, 1));
    }

    #[test]
    fn who_asks_for_the_version_is_told() {
        let (ingest, _requests, _inbox) = channel::<()>(Limits::default());
        let taken = take(b"version\nput a 1 2 host=b\n", Format::OpenTsdb, &ingest);
        assert!(taken.answer == opentsdb::VERSION && taken.frames.is_some() && !taken.broken);
    }

    proptest! {
        #[test]
        fn any_bytes_are_taken(bytes: Vec<u8>, tags: bool) {
            let (ingest, _requests, _inbox) = channel::<()>(Limits::default());
            for format in [Format::Graphite { tags }, Format::OpenTsdb] {
                let taken = take(&bytes, format, &ingest);
                prop_assert!(taken.frames.is_none_or(|frames| msg::Msg::decode(&frames[4..]).is_ok()));
            }
        }
    }
}
