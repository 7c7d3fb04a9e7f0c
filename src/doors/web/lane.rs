//! The lane of pages from memory: threads of their own that serve nothing else, so that a stored page never waits
//! behind one that is being made, and few of them, so that they find several requests whenever they wake.
//!
//! A connection begins here. The first request that [`Express`] leaves goes back to the worker that accepted it.

use std::net::{IpAddr, TcpStream as StdStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use actix_server::GracefulShutdownSignal;
use actix_web::rt::net::TcpStream;
use bytes::BytesMut;
use freehold_base::{OrInternal as _, Result};
use tokio::runtime::Builder;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;
use tokio::task::{LocalSet, spawn_local};

use super::connection::{Connection, Patience};
use super::desk::Desk;
use super::express::Express;
use super::state::Web;

/// A connection that comes back: with what was read of the request that the lane left.
type Left = (StdStream, BytesMut);

struct Arrival {
    io: StdStream,
    client: IpAddr,
    left: oneshot::Sender<Left>,
}

/// The threads. They end with the last clone.
#[derive(Clone, Debug)]
pub struct Lane {
    threads: Arc<[UnboundedSender<Arrival>]>,
    next: Arc<AtomicUsize>,
}

impl Lane {
    /// Starts them: one for two workers. `stopping` ends their connections.
    ///
    /// # Errors
    /// `Internal` where a thread cannot be started.
    pub fn start(web: &Arc<Web>, patience: Patience, stopping: &GracefulShutdownSignal) -> Result<Self> {
        let threads = (web.settings.workers / 2).clamp(1, 256);
        let start = |n| thread(n, Arc::clone(web), patience, stopping.clone());
        Ok(Self { threads: (0..threads).map(start).collect::<Result<_>>()?, next: Arc::default() })
    }

    /// Serves a connection from memory; gives it back at the first request for somebody else, with what was read.
    ///
    /// # Errors
    /// Where the connection ends or fails, or the server stops.
    pub async fn serve(&self, io: TcpStream, client: IpAddr) -> std::io::Result<(TcpStream, BytesMut)> {
        let ended = || std::io::Error::from(std::io::ErrorKind::ConnectionAborted);
        let (left, back) = oneshot::channel();
        let turn = self.next.fetch_add(1, Ordering::Relaxed) % self.threads.len();
        let thread = self.threads.get(turn).ok_or_else(ended)?;
        thread.send(Arrival { io: io.into_std()?, client, left }).map_err(|_| ended())?;
        let (io, read) = back.await.map_err(|_| ended())?;
        Ok((TcpStream::from_std(io)?, read))
    }
}

fn thread(
    n: usize,
    web: Arc<Web>,
    patience: Patience,
    stopping: GracefulShutdownSignal,
) -> Result<UnboundedSender<Arrival>> {
    let (send, arrivals) = unbounded_channel();
    let runtime =
        Builder::new_current_thread().enable_all().build().or_internal("starting the lane of stored pages")?;
    let run = move || LocalSet::new().block_on(&runtime, receive(arrivals, Desk::join(&web), patience, stopping));
    std::thread::Builder::new()
        .name(format!("memory-{n}"))
        .spawn(run)
        .or_internal("starting the lane of stored pages")?;
    Ok(send)
}

async fn receive(
    mut arrivals: UnboundedReceiver<Arrival>,
    desk: Desk,
    patience: Patience,
    stopping: GracefulShutdownSignal,
) {
    while let Some(Arrival { io, client, left }) = arrivals.recv().await {
        let (desk, stopping) = (desk.clone(), stopping.clone());
        let open = desk.web.connections.clone();
        spawn_local(async move {
            let Ok(io) = TcpStream::from_std(io) else { return };
            let io = Connection::new(io, patience, &open);
            if let Ok(io) = (Express { desk, client }).serve(io, stopping.notified()).await
                && let Ok(parts) = io.into_parts()
            {
                let _ = left.send(parts); // the worker may have given up meanwhile
            }
        });
    }
}
