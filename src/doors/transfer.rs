//! The doors to files beside the web: SFTP, WebDAV, FTP, on a runtime of their own. What waits for the disk there never
//! holds up a page, and the other way round.

use std::net::{SocketAddr, TcpListener};
use std::ops::RangeInclusive;
use std::time::Duration;

use freehold_base::{OrInternal as _, Result, Secret};
use freehold_hosting::access::Desk;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;

use crate::dav::Dav;
use crate::ftp::Ftp;
use crate::sftp::Sftp;

/// Threads that serve connections.
const WORKERS: usize = 2;
/// Threads that wait for disks and databases.
const WAITING: usize = 48;

/// What is served where. `None`: not at all.
#[derive(Debug, Default)]
pub struct Listeners {
    /// SFTP.
    pub sftp: Option<TcpListener>,
    /// WebDAV.
    pub webdav: Option<TcpListener>,
    /// FTP.
    pub ftp: Option<TcpListener>,
}

/// Where programs reach the files, for the pages that say so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Addresses {
    /// SFTP.
    pub sftp: Option<SocketAddr>,
    /// WebDAV.
    pub webdav: Option<SocketAddr>,
    /// FTP.
    pub ftp: Option<SocketAddr>,
    /// `SHA256:…` of the SSH host key.
    pub host_key: String,
}

impl Listeners {
    /// The addresses as bound, with the fingerprint of the SSH host key.
    pub fn addresses(&self, host_key: String) -> Addresses {
        let of = |listener: &Option<TcpListener>| listener.as_ref().and_then(|l| l.local_addr().ok());
        Addresses { sftp: of(&self.sftp), webdav: of(&self.webdav), ftp: of(&self.ftp), host_key }
    }
}

/// What the doors show of themselves.
pub struct Identity {
    /// SSH host key in the form of OpenSSH.
    pub host_key: Secret,
    /// Certificate and key of FTP as PEM; none where FTP is off.
    pub certificate: Option<Secret>,
    /// Ports of FTP's data.
    pub passive: RangeInclusive<u16>,
    /// Proxies whose forwarding headers are believed.
    pub trusted: Vec<std::net::IpAddr>,
}

/// The doors while they are open.
pub struct Transfer {
    runtime: Runtime,
    stop: watch::Sender<bool>,
}

impl Transfer {
    /// Opens the doors.
    ///
    /// # Errors
    /// `Internal` where a listener or the identity cannot be used.
    pub fn start(desk: &Desk, listeners: Listeners, identity: &Identity) -> Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(WORKERS)
            .max_blocking_threads(WAITING)
            .thread_name("transfer")
            .enable_all()
            .build()
            .or_internal("starting the doors to files")?;
        let (stop, stopped) = watch::channel(false);
        let _inside = runtime.enter();
        if let Some(listener) = listeners.sftp {
            let door = Sftp::new(desk.clone(), &identity.host_key)?;
            runtime.spawn(door.serve(ready(listener)?, stopped.clone()));
        }
        if let Some(listener) = listeners.webdav {
            let door = Dav::new(desk.clone(), identity.trusted.clone())?;
            runtime.spawn(door.serve(ready(listener)?, stopped.clone()));
        }
        if let (Some(listener), Some(certificate)) = (listeners.ftp, &identity.certificate) {
            let door = Ftp::new(desk.clone(), certificate, identity.passive.clone())?;
            runtime.spawn(door.serve(ready(listener)?, stopped));
        }
        drop(_inside);
        Ok(Self { runtime, stop })
    }

    /// For telling the doors to hang up, from anywhere.
    pub fn stopper(&self) -> watch::Sender<bool> {
        self.stop.clone()
    }

    /// Hangs up, with a moment for what is being written. Blocks the thread.
    pub fn stop(self) {
        let _ = self.stop.send(true);
        self.runtime.shutdown_timeout(Duration::from_secs(5));
    }
}

fn ready(listener: TcpListener) -> Result<tokio::net::TcpListener> {
    listener.set_nonblocking(true).or_internal("preparing a listener")?;
    tokio::net::TcpListener::from_std(listener).or_internal("preparing a listener")
}
