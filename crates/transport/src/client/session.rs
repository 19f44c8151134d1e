//! The connection of a client: made, used until it fails, made again.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::collections::hash_map::RandomState;
use std::convert::Infallible;
use std::future::pending;
use std::hash::{BuildHasher, Hasher};
use std::io::{self, ErrorKind};
use std::pin::pin;
use std::time::Duration;

use bytes::{Buf, BufMut, BytesMut};
use event::msg::{MAX_BYTES, Msg};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::Settings;
use super::keeper::{self, Keeper, Now};
use super::queue::Queue;
use crate::frames::HEAD;

/// What is put together for one write.
const WRITE_BYTES: usize = 64 << 10;

/// Room for replies; a processor's are acknowledgements.
const READ_BYTES: usize = 4 << 10;

/// Connects and sends until the queue is closed.
pub(super) async fn run(queue: &Queue, settings: &Settings) {
    let keeper = RefCell::new(Keeper::new(settings.backlog.clone()));
    tokio::select! {
        () = connect_for_ever(queue, &keeper, settings) => {}
        () = keep_for_ever(queue, &keeper) => {}
        () = queue.closed() => {}
    }
    keeper.borrow_mut().close(queue, Now::read());
}

/// Looks after the backlog, connected or not. The keeper is lent for one look at a time, never while something is awaited.
async fn keep_for_ever(queue: &Queue, keeper: &RefCell<Keeper>) {
    if !keeper.borrow().is_wanted() {
        return pending().await;
    }
    loop {
        keeper.borrow_mut().look(queue, Now::read());
        sleep(keeper::EACH).await;
    }
}

async fn connect_for_ever(queue: &Queue, keeper: &RefCell<Keeper>, settings: &Settings) {
    let mut is_first = true;
    let mut state = State::New;
    let mut rest = settings.min_rest;
    loop {
        for address in &settings.addresses {
            let stream = match connect(address, settings.connect_timeout).await {
                Ok(stream) => stream,
                Err(error) => {
                    state.lost(queue, address, &error);
                    continue;
                }
            };
            state.connected(queue, address, is_first);
            is_first = false;
            // What has waited too long meanwhile is late.
            keeper.borrow_mut().look(queue, Now::read());
            let before = queue.counts().acked;
            let Err(error) = Session::new(stream, queue, keeper, settings.ack_timeout).serve().await;
            queue.forget_sent();
            keeper.borrow_mut().forget_sent();
            state.lost(queue, address, &error);
            if queue.counts().acked > before {
                rest = settings.min_rest;
                break;
            }
        }
        sleep(varied(rest)).await;
        rest = (rest * 2).min(settings.max_rest);
    }
}

/// Between a half of `rest` and one and a half.
fn varied(rest: Duration) -> Duration {
    // The standard library's one source of randomness: a fresh state's keys.
    let random = RandomState::new().build_hasher().finish() % 1000;
    rest / 2 + rest * random as u32 / 1000
}

async fn connect(address: &str, patience: Duration) -> io::Result<TcpStream> {
    let stream = timeout(patience, TcpStream::connect(address)).await.map_err(|_| timed_out("connecting"))??;
    stream.set_nodelay(true)?;
    Ok(stream)
}

fn timed_out(doing: &str) -> io::Error {
    io::Error::new(ErrorKind::TimedOut, format!("{doing} took too long"))
}

/// What was last said of the connection; only a change is worth a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    New,
    Connected,
    Lost,
}

impl State {
    fn connected(&mut self, queue: &Queue, address: &str, is_first: bool) {
        queue.connected(is_first);
        tracing::info!(address, "connected to the processor");
        *self = State::Connected;
    }

    fn lost(&mut self, queue: &Queue, address: &str, error: &io::Error) {
        queue.failed(format!("{address}: {error}"));
        match *self {
            State::New => tracing::warn!(address, %error, "could not reach the processor; trying on"),
            State::Connected => tracing::warn!(address, %error, "lost the processor; trying on"),
            State::Lost => {}
        }
        *self = State::Lost;
    }
}

/// What is under way, in the order in which it is answered.
#[derive(Clone, Copy, Debug)]
enum Sent {
    /// Of the queue.
    Live,
    /// Of the backlog.
    Late,
}

struct Session<'a> {
    stream: TcpStream,
    queue: &'a Queue,
    keeper: &'a RefCell<Keeper>,
    patience: Duration,
    sent: VecDeque<Sent>,
    out: BytesMut,
    replies: BytesMut,
}

impl<'a> Session<'a> {
    fn new(stream: TcpStream, queue: &'a Queue, keeper: &'a RefCell<Keeper>, patience: Duration) -> Self {
        Self { stream, queue, keeper, patience, sent: VecDeque::new(), out: BytesMut::new(), replies: BytesMut::new() }
    }

    /// Sends what the window allows and reads replies, until something fails.
    async fn serve(mut self) -> Result<Infallible, io::Error> {
        let mut stalled = pin!(sleep(self.patience));
        loop {
            self.gather();
            let late_ready = self.late_ready();
            let is_waiting = self.out.has_remaining() || !self.sent.is_empty();
            self.replies.reserve(READ_BYTES);
            let (mut reader, mut writer) = self.stream.split();
            let has_moved = tokio::select! {
                read = reader.read_buf(&mut self.replies) => match read? {
                    0 => return Err(io::Error::new(ErrorKind::UnexpectedEof, "the processor closed the connection")),
                    _ => {
                        self.take_replies()?;
                        true
                    }
                },
                written = writer.write_buf(&mut self.out), if self.out.has_remaining() => written? > 0,
                // What is pushed meanwhile is sent, but is no sign of life; neither is the turn of the backlog.
                () = self.queue.changed() => !is_waiting,
                () = until(late_ready), if late_ready.is_some() => !is_waiting,
                () = &mut stalled, if is_waiting => return Err(timed_out("an acknowledgement")),
            };
            if has_moved {
                stalled.as_mut().reset(Now::read().steady + self.patience);
            }
        }
    }

    /// Puts together what is to be written next: live messages, then, when no live one waits, of the backlog.
    fn gather(&mut self) {
        while self.out.len() < WRITE_BYTES {
            let Some(msg) = self.queue.next() else { break };
            self.out.put(msg);
            self.sent.push_back(Sent::Live);
        }
        while self.out.len() < WRITE_BYTES && self.queue.has_sent_all() {
            let Some(msg) = self.keeper.borrow_mut().next(Now::read()) else { break };
            self.out.put(msg);
            self.sent.push_back(Sent::Late);
            self.queue.count(|counts| counts.sent += 1);
        }
    }

    /// When the backlog may send again; `None` while there is no need to wake for it.
    fn late_ready(&self) -> Option<Instant> {
        let may_send = self.out.len() < WRITE_BYTES && self.queue.has_sent_all();
        may_send.then(|| self.keeper.borrow().ready_at(Now::read().steady)).flatten()
    }

    fn take_replies(&mut self) -> io::Result<()> {
        let invalid = |text| io::Error::new(ErrorKind::InvalidData, text);
        while let Some((head, rest)) = self.replies.split_first_chunk::<HEAD>() {
            let len = u32::from_be_bytes(*head) as usize;
            if len > MAX_BYTES {
                return Err(invalid("a reply that is none of Riemann's"));
            }
            let Some(reply) = rest.get(..len) else { break };
            let msg = Msg::decode(reply).map_err(|_| invalid("a reply that is none of Riemann's"))?;
            if !self.answered(msg.ok != Some(false)) {
                return Err(invalid("a reply to nothing"));
            }
            self.replies.advance(HEAD + len);
        }
        Ok(())
    }

    /// The oldest message under way was answered. False when none is.
    fn answered(&mut self, is_ok: bool) -> bool {
        match self.sent.pop_front() {
            Some(Sent::Live) => self.queue.answered(is_ok),
            Some(Sent::Late) => {
                self.keeper.borrow_mut().answered();
                self.queue.count(|counts| if is_ok { counts.acked += 1 } else { counts.failed += 1 });
                true
            }
            None => false,
        }
    }
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => pending().await,
    }
}
