//! New connections, taken so that those which are there already are not held up.

use std::io;
use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpStream};

/// The next connection and who made it. First the other tasks of the thread have their turn: tokio would let an acceptor go on for as long
/// as connections wait, over a hundred of them.
///
/// Given up, no connection is lost.
///
/// # Errors
/// As `accept(2)`: usually no file descriptor is left.
pub async fn accept(listener: &TcpListener) -> io::Result<(TcpStream, SocketAddr)> {
    // Before, not after: given up in between, a connection that was accepted would be closed.
    tokio::task::yield_now().await;
    listener.accept().await
}
