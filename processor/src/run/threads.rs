//! The threads of a processor.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use tokio::runtime::{Builder, Runtime};
use transport::log::SyncThread;
use transport::{Ingest, Shutdown, tcp, udp};

use super::listen::Riemann;
use crate::driver::fanout::Fanout;
use crate::driver::keeper::KeeperThread;
use crate::driver::machine::Machine;
use crate::driver::thread::{Driver, End};
use crate::own::{self, Own, Publishing};
use crate::web::{self, Site};
use crate::{sink, store};

/// The threads behind the outlets, waited for once the outlets are closed.
pub(super) struct Behind {
    pub(super) influx: Vec<sink::influx::Thread>,
    pub(super) store: Option<store::Thread>,
    /// Brings the journal to the disk; ends with a last time.
    pub(super) sync: Option<SyncThread>,
}

/// What comes in from outside.
pub(super) struct Inlets {
    pub(super) riemann: Option<Riemann>,
    pub(super) ingest: Ingest,
    pub(super) own: Arc<Own>,
    pub(super) publishing: Publishing,
}

fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

/// Runs the engine's thread to its end, and then what has to end after it.
pub(super) fn engine(driver: Driver<transport::log::Log, Fanout>, behind: Behind) -> io::Result<JoinHandle<()>> {
    thread::Builder::new().name("engine".to_owned()).spawn(move || {
        let (machine, end) = driver.run();
        match end {
            End::InOrder => finish(machine, behind),
            End::Abandoned => {
                drop(machine);
                wait_for(behind);
            }
        }
    })
}

/// Everything is handed over and written down; then a snapshot makes the next start quick.
fn finish(mut machine: Machine<transport::log::Log, Fanout, KeeperThread>, behind: Behind) {
    let last = machine.recorder().last();
    machine.outlets_mut().finish(last);
    let snapshot = wait_for(behind).then(|| machine.encode());
    // Without it the next start takes up from the snapshot before, and gives the store again what it could not write.
    machine.keeper_mut().finish(snapshot);
}

/// Says whether the store has written all.
fn wait_for(behind: Behind) -> bool {
    for thread in behind.influx {
        thread.join();
    }
    let written = behind.store.is_none_or(store::Thread::join);
    drop(behind.sync);
    written
}

/// Serves Riemann's protocol, and tells about the processor itself.
pub(super) fn inlets(inlets: Inlets, shutdown: Shutdown) -> io::Result<JoinHandle<()>> {
    let Inlets { riemann, ingest, own, publishing } = inlets;
    let runtime = runtime()?;
    let sockets = {
        let _context = runtime.enter();
        match riemann {
            Some(riemann) => Some((tokio::net::TcpListener::from_std(riemann.tcp)?, tokio::net::UdpSocket::from_std(riemann.udp)?)),
            None => None,
        }
    };
    thread::Builder::new().name("inlets".to_owned()).spawn(move || {
        runtime.block_on(async {
            let publish = own::publish(own, publishing, shutdown.clone());
            match sockets {
                Some((tcp, udp)) => {
                    let tcp = tcp::serve(tcp, ingest.clone(), tcp::Settings::default(), shutdown.clone());
                    tokio::join!(publish, tcp, udp::serve(udp, ingest, udp::Settings::default(), shutdown));
                }
                None => publish.await,
            }
        });
    })
}

/// Serves HTTP.
pub(super) fn web(listener: TcpListener, site: Arc<Site>, shutdown: Shutdown) -> io::Result<JoinHandle<()>> {
    let runtime = runtime()?;
    let listener = {
        let _context = runtime.enter();
        tokio::net::TcpListener::from_std(listener)?
    };
    thread::Builder::new().name("web".to_owned()).spawn(move || runtime.block_on(web::serve(listener, site, shutdown)))
}
