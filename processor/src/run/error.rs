//! Why a processor cannot start, each with the next step.

use std::io;
use std::path::PathBuf;

use crate::driver::recover::RecoverError;
use crate::{sink, store};

/// Why a processor cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// An address is none.
    #[error("`{address}` ({flag}) is no address; write it like 127.0.0.1:5556")]
    Address {
        /// The flag that sets it.
        flag: &'static str,
        /// What was given.
        address: String,
        /// Why.
        source: io::Error,
    },
    /// An address cannot be listened on.
    #[error("could not listen on {address}: {why}; stop whoever uses it, or choose another with {flag}", why = reason(source))]
    Listen {
        /// The flag that sets it.
        flag: &'static str,
        /// Where.
        address: String,
        /// Why.
        source: io::Error,
    },
    /// Whoever reaches the listener could change state.
    #[error(
        "{address} ({flag}) can be reached by others: give a token with `processor.token_file`, listen on 127.0.0.1, \
         or say --insecure"
    )]
    Open {
        /// The flag that sets it.
        flag: &'static str,
        /// Where.
        address: String,
    },
    /// The files of the TLS listener.
    #[error("processor.riemann_tls: {0}")]
    Tls(#[from] transport::tls::TlsError),
    /// The data folder cannot be written.
    #[error("could not write to the data folder {}: {why}; make it writable, or choose another with --data-dir", path.display(), why = reason(source))]
    Folder {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another processor uses the data folder.
    #[error("the data folder {} is in use by another skep{holder}; stop it, or choose another with --data-dir", path.display())]
    InUse {
        /// Which.
        path: PathBuf,
        /// ` (process 123)`, or nothing when that is not known.
        holder: String,
    },
    /// Journal or snapshots.
    #[error("could not take up what was running in {}; the cause follows, and --data-dir chooses another folder", path.display())]
    Recover {
        /// The data folder.
        path: PathBuf,
        /// Why.
        source: RecoverError,
    },
    /// The embedded store.
    #[error("could not open the store")]
    Store(#[from] store::OpenError),
    /// An InfluxDB sink.
    #[error("could not open the InfluxDB sink")]
    Influx(#[from] sink::influx::OpenError),
    /// Threads or sockets could not be had.
    #[error("could not start the processor's threads")]
    Threads(#[from] io::Error),
}

/// An operating system's reason as a part of a sentence.
fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => "it is taken".to_owned(),
        io::ErrorKind::PermissionDenied => "it is not permitted".to_owned(),
        io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => "a file stands where a folder is wanted".to_owned(),
        _ => error.to_string(),
    }
}
