//! A small blocking client: send a message, get its reply.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use event::msg::MAX_BYTES;

use crate::frames;

/// A connection to a server of Riemann's protocol.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
}

impl Connection {
    /// Connects; `patience` holds for this and for every later read and write.
    ///
    /// # Errors
    /// What the network says.
    pub fn open(address: SocketAddr, patience: Duration) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&address, patience)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(patience))?;
        stream.set_write_timeout(Some(patience))?;
        Ok(Self { stream })
    }

    /// Sends an encoded `Msg` and waits for the reply, an encoded `Msg` too.
    ///
    /// # Errors
    /// What the network says; [`io::ErrorKind::UnexpectedEof`] when the server closed the connection, as it does after a message that it
    /// cannot decode.
    pub fn ask(&mut self, msg: &[u8]) -> io::Result<Vec<u8>> {
        let mut framed = Vec::with_capacity(frames::HEAD + msg.len());
        frames::put(&mut framed, msg);
        self.send(&framed)?;
        self.receive()
    }

    /// Writes bytes as they are: one or more messages, each after its length.
    ///
    /// # Errors
    /// What the network says.
    pub fn send(&mut self, framed: &[u8]) -> io::Result<()> {
        self.stream.write_all(framed)
    }

    /// Waits for the next reply.
    ///
    /// # Errors
    /// As [`Connection::ask`]; [`io::ErrorKind::InvalidData`] when the reply is over 16 MiB.
    pub fn receive(&mut self) -> io::Result<Vec<u8>> {
        let mut head = [0; frames::HEAD];
        self.stream.read_exact(&mut head)?;
        let len = u32::from_be_bytes(head) as usize;
        if len > MAX_BYTES {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a reply of over 16 MiB"));
        }
        let mut msg = vec![0; len];
        self.stream.read_exact(&mut msg)?;
        Ok(msg)
    }

    /// The socket itself.
    pub fn stream(&self) -> &TcpStream {
        &self.stream
    }
}
