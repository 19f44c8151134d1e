//! A server of Riemann's protocol with a tiny responder in place of the engine.
#![allow(dead_code, reason = "each test file uses what it needs")]

use std::net::SocketAddr;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use transport::ingest::{self, Inbox, Limits};
use transport::request::Connection;
use transport::{Delivery, Ingest, Item, reply, shutdown, tcp};

/// Longer than anything takes; what is waited for longer has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A server on a port of its own, in threads of its own.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) ingest: Ingest,
    trigger: Option<shutdown::Trigger>,
    server: Option<JoinHandle<()>>,
    responder: Option<JoinHandle<()>>,
}

impl Server {
    /// Acknowledges every message.
    pub(crate) fn start() -> Self {
        Self::with(Limits::default(), tcp::Settings::default(), |delivery| {
            let n_messages = delivery.messages().count();
            delivery.reply(reply::acks(n_messages));
        })
    }

    /// Gives every delivery to `respond`.
    pub(crate) fn with(limits: Limits, settings: tcp::Settings, respond: impl FnMut(Delivery) + Send + 'static) -> Self {
        Self::on("127.0.0.1:0", limits, settings, respond)
    }

    pub(crate) fn on(address: &str, limits: Limits, settings: tcp::Settings, respond: impl FnMut(Delivery) + Send + 'static) -> Self {
        let (ingest, _requests, inbox) = ingest::channel::<()>(limits);
        let (trigger, shutdown) = shutdown::channel();
        let listener = std::net::TcpListener::bind(address).unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let served = ingest.clone();
        let server = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                tcp::serve(listener, served, settings, shutdown).await;
            });
        });
        let responder = thread::spawn(move || respond_to_all(&inbox, respond));
        Self { address, ingest, trigger: Some(trigger), server: Some(server), responder: Some(responder) }
    }

    pub(crate) fn connect(&self) -> Connection {
        Connection::open(self.address, PATIENCE).unwrap()
    }

    /// Tells it to end, without waiting.
    pub(crate) fn trigger(&mut self) {
        self.trigger = None;
    }

    /// Ends it, and what is in flight with it.
    pub(crate) fn stop(mut self) -> Ingest {
        self.trigger = None;
        self.server.take().unwrap().join().unwrap();
        let ingest = self.ingest.clone();
        drop(self);
        ingest
    }
}

fn respond_to_all(inbox: &Inbox<()>, mut respond: impl FnMut(Delivery)) {
    // The process's end ends the thread where a test keeps its way in.
    while let Ok(Item::Delivery(delivery)) = inbox.recv_timeout(PATIENCE) {
        respond(delivery);
    }
}

/// A message that means nothing and is `n_bytes` long: an error text, which nobody reads in a request.
pub(crate) fn long_message(n_bytes: usize) -> Vec<u8> {
    let mut encoder = event::msg::Encoder::new();
    // The tag and a length of up to four bytes stand before the text.
    for n_text in n_bytes - 5..n_bytes {
        encoder.clear();
        encoder.error(&"x".repeat(n_text));
        if encoder.bytes().len() == n_bytes {
            break;
        }
    }
    encoder.bytes().to_vec()
}

/// A message with one event.
pub(crate) fn message(service: &str, metric: i64) -> Vec<u8> {
    let mut encoder = event::msg::Encoder::new();
    let view = event::View {
        host: Some(b"web1"),
        service: Some(service.as_bytes()),
        metric: Some(event::Metric::Int(metric)),
        ..event::View::default()
    };
    encoder.event(&view);
    encoder.bytes().to_vec()
}

/// Framed messages.
pub(crate) fn framed(messages: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Vec::new();
    messages.iter().for_each(|msg| transport::frames::put(&mut out, msg));
    out
}
