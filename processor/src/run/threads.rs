//! The threads of a processor.

use std::io;
use std::net::{TcpListener, UdpSocket};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;
use transport::lines::Format;
use transport::log::SyncThread;
use transport::tls::Acceptor;
use transport::{Ingest, Shutdown, lines, tcp, udp};

use super::listen::Riemann;
use crate::driver::fanout::Fanout;
use crate::driver::keeper::KeeperThread;
use crate::driver::machine::Machine;
use crate::driver::thread::{Driver, End};
use crate::own::{self, Own, Publishing};
use crate::web::{self, Port, Site};
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
    pub(super) tls: Option<(TcpListener, Acceptor)>,
    pub(super) lines: Vec<(TcpListener, Option<UdpSocket>, Format)>,
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

/// Serves all ways in but HTTP, and tells about the processor itself.
pub(super) fn inlets(inlets: Inlets, shutdown: Shutdown) -> io::Result<JoinHandle<()>> {
    let runtime = runtime()?;
    let mut tasks = JoinSet::new();
    {
        let _context = runtime.enter();
        spawn(&mut tasks, inlets, &shutdown)?;
    }
    thread::Builder::new().name("inlets".to_owned()).spawn(move || runtime.block_on(async { while tasks.join_next().await.is_some() {} }))
}

fn spawn(tasks: &mut JoinSet<()>, inlets: Inlets, shutdown: &Shutdown) -> io::Result<()> {
    use tokio::net::{TcpListener, UdpSocket};
    let Inlets { riemann, tls, lines, ingest, own, publishing } = inlets;
    tasks.spawn(own::publish(own, publishing, shutdown.clone()));
    if let Some(riemann) = riemann {
        let (tcp, udp) = (TcpListener::from_std(riemann.tcp)?, UdpSocket::from_std(riemann.udp)?);
        tasks.spawn(tcp::serve(tcp, ingest.clone(), tcp::Settings::default(), shutdown.clone()));
        tasks.spawn(udp::serve(udp, ingest.clone(), udp::Settings::default(), shutdown.clone()));
    }
    if let Some((listener, acceptor)) = tls {
        let listener = TcpListener::from_std(listener)?;
        tasks.spawn(tcp::serve_tls(listener, acceptor, ingest.clone(), tcp::Settings::default(), shutdown.clone()));
    }
    for (tcp, udp, format) in lines {
        tasks.spawn(lines::serve(TcpListener::from_std(tcp)?, ingest.clone(), format, shutdown.clone()));
        if let Some(udp) = udp {
            tasks.spawn(lines::serve_udp(UdpSocket::from_std(udp)?, ingest.clone(), format, shutdown.clone()));
        }
    }
    Ok(())
}

/// Serves HTTP, and Riemann's port for server-sent events.
pub(super) fn web(http: TcpListener, sse: Option<TcpListener>, site: Arc<Site>, shutdown: Shutdown) -> io::Result<JoinHandle<()>> {
    let runtime = runtime()?;
    let (http, sse) = {
        let _context = runtime.enter();
        (tokio::net::TcpListener::from_std(http)?, sse.map(tokio::net::TcpListener::from_std).transpose()?)
    };
    thread::Builder::new().name("web".to_owned()).spawn(move || {
        runtime.block_on(async {
            let sse = async {
                if let Some(listener) = sse {
                    web::serve(listener, site.clone(), Port::Sse, shutdown.clone()).await;
                }
            };
            tokio::join!(web::serve(http, site.clone(), Port::Main, shutdown.clone()), sse);
        });
    })
}
