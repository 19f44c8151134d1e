//! What others do by mistake or in malice, each as fast as one thread can.

use std::hint;
use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use event::msg::Encoder;
use event::{Metric, View};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::send;

/// Connections that are held; below the 1,024 that the process has room for, so that none is refused.
const MANY: usize = 1_000;

/// The process closes a connection that sent no message; should it not, the harm goes on elsewhere.
const PATIENCE: Duration = Duration::from_secs(1);

/// One kind of harm.
#[derive(Debug)]
pub(crate) struct Harm {
    pub(crate) name: &'static str,
    /// What `work` counts.
    pub(crate) unit: &'static str,
    /// The number of `/metrics` that tells of it; empty when nothing does.
    pub(crate) counter: &'static str,
    /// Does it until the stage is over; how much was done.
    pub(crate) work: fn(SocketAddr, &Stage) -> io::Result<u64>,
}

/// All kinds.
pub(crate) const KINDS: &[Harm] = &[
    Harm { name: "busy-core", unit: "turns", counter: "", work: busy_core },
    Harm { name: "undecodable", unit: "messages", counter: "connections_garbage", work: undecodable },
    Harm { name: "half-messages", unit: "connections", counter: "connections", work: half_messages },
    Harm { name: "open-and-close", unit: "connections", counter: "connections_refused", work: open_and_close },
    Harm { name: "idle", unit: "connections", counter: "connections", work: idle },
    Harm { name: "new-services", unit: "events", counter: "events_overflow", work: new_services },
    Harm { name: "udp", unit: "datagrams", counter: "udp_dropped", work: udp },
    Harm { name: "udp-elsewhere", unit: "datagrams", counter: "", work: udp_elsewhere },
    Harm { name: "open-elsewhere", unit: "connections", counter: "", work: open_elsewhere },
];

/// The kind of that name.
pub(crate) fn parse(name: &str) -> Result<&'static Harm, String> {
    let names = || KINDS.iter().map(|harm| harm.name).collect::<Vec<_>>().join(", ");
    KINDS.iter().find(|harm| harm.name == name).ok_or_else(|| format!("expected one of {}", names()))
}

/// From when until when harm is done.
#[derive(Debug, Default)]
pub(crate) struct Stage {
    has_begun: AtomicBool,
    is_over: AtomicBool,
}

impl Stage {
    /// Everything is set up.
    pub(crate) fn begin(&self) {
        self.has_begun.store(true, Ordering::Relaxed);
    }

    pub(crate) fn has_begun(&self) -> bool {
        self.has_begun.load(Ordering::Relaxed)
    }

    pub(crate) fn end(&self) {
        self.is_over.store(true, Ordering::Relaxed);
    }

    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }
}

/// Many connections need many files.
pub(crate) fn raise_limit_of_files() {
    let limit = getrlimit(Resource::Nofile);
    // If it may not be raised, connecting fails and says so.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
}

fn busy_core(_: SocketAddr, stage: &Stage) -> io::Result<u64> {
    stage.begin();
    let mut turns = 0;
    while !stage.is_over() {
        turns += 1;
        hint::spin_loop();
    }
    Ok(turns)
}

fn undecodable(to: SocketAddr, stage: &Stage) -> io::Result<u64> {
    // A length of 100, and bytes that are no protobuf.
    let mut frame = vec![0, 0, 0, 100];
    frame.resize(104, 0xff);
    stage.begin();
    let mut sent = 0;
    while !stage.is_over() {
        let Some(mut stream) = open(to)? else { continue };
        stream.set_read_timeout(Some(PATIENCE))?;
        if stream.write_all(&frame).is_ok() {
            sent += 1;
        }
        // Until it is closed, by an end or a reset.
        let _ = stream.read(&mut [0; 16]);
    }
    Ok(sent)
}

fn half_messages(to: SocketAddr, stage: &Stage) -> io::Result<u64> {
    let mut held = hold(to)?;
    // 15 MiB are to come, of which 32 KiB do.
    let mut half = vec![0, 0xf0, 0, 0];
    half.resize(4 + (32 << 10), 0x32);
    held.retain_mut(|stream| stream.write_all(&half).is_ok());
    stage.begin();
    while !stage.is_over() {
        // A byte each, again and again.
        held.retain_mut(|stream| stream.write_all(&[0x32]).is_ok());
        send::wait_until(send::now() + Duration::from_millis(100));
    }
    Ok(held.len() as u64)
}

fn open_and_close(to: SocketAddr, stage: &Stage) -> io::Result<u64> {
    stage.begin();
    let mut opened = 0;
    while !stage.is_over() {
        opened += u64::from(open(to)?.is_some());
    }
    Ok(opened)
}

fn idle(to: SocketAddr, stage: &Stage) -> io::Result<u64> {
    let held = hold(to)?;
    stage.begin();
    while !stage.is_over() {
        send::wait_until(send::now() + Duration::from_millis(20));
    }
    Ok(held.len() as u64)
}

fn new_services(to: SocketAddr, stage: &Stage) -> io::Result<u64> {
    let mut stream = TcpStream::connect(to)?;
    let (mut encoder, mut frame, mut sent) = (Encoder::new(), Vec::new(), 0);
    stage.begin();
    while !stage.is_over() {
        encoder.clear();
        for _ in 0..100 {
            put(&mut encoder, &format!("web/flood.{sent}/latency"));
            sent += 1;
        }
        frame.clear();
        frame.extend_from_slice(&(encoder.bytes().len() as u32).to_be_bytes());
        frame.extend_from_slice(encoder.bytes());
        stream.write_all(&frame)?;
        send::read_ack(&mut stream).map_err(io::Error::other)?;
    }
    Ok(sent)
}

/// As `udp`, to a socket that nobody reads: what the flood does to this machine whoever it is for.
fn udp_elsewhere(_: SocketAddr, stage: &Stage) -> io::Result<u64> {
    let unread = UdpSocket::bind("127.0.0.1:0")?;
    udp(unread.local_addr()?, stage)
}

/// As `open_and_close`, to a listener of this program that closes each at once.
fn open_elsewhere(_: SocketAddr, stage: &Stage) -> io::Result<u64> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let to = listener.local_addr()?;
    stage.begin();
    let mut opened = 0;
    while !stage.is_over() {
        if open(to)?.is_some() {
            drop(listener.accept()?);
            opened += 1;
        }
    }
    Ok(opened)
}

fn udp(to: SocketAddr, stage: &Stage) -> io::Result<u64> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    let mut encoder = Encoder::new();
    put(&mut encoder, "web/flood/latency");
    stage.begin();
    let mut sent = 0;
    while !stage.is_over() {
        sent += u64::from(socket.send_to(encoder.bytes(), to).is_ok());
    }
    Ok(sent)
}

fn put(encoder: &mut Encoder, service: &str) {
    encoder.event(&View {
        time: Some(send::wall()),
        state: Some(b"ok"),
        service: Some(service.as_bytes()),
        host: Some(b"flood"),
        ttl: Some(15.0),
        metric: Metric::float(1.5),
        ..View::default()
    });
}

fn hold(to: SocketAddr) -> io::Result<Vec<TcpStream>> {
    (0..MANY).map(|_| TcpStream::connect(to)).collect()
}

/// `None` while all ports of this side are still bound to connections that have ended.
fn open(to: SocketAddr) -> io::Result<Option<TcpStream>> {
    match TcpStream::connect(to) {
        Ok(stream) => Ok(Some(stream)),
        Err(error) if error.kind() == io::ErrorKind::AddrNotAvailable => {
            send::wait_until(send::now() + Duration::from_millis(1));
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
