//! Files of accounts by FTP with explicit TLS (row H084). Off until the configuration turns it on; neither a password
//! nor a byte of a file goes without TLS.

mod storage;

use std::fmt;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use freehold_base::{Code, OrInternal as _, Result, Secret};
use freehold_hosting::access::{Desk, Guest, Knock, Service, Step};
use libunftp::options::{ActivePassiveMode, SiteMd5};
use libunftp::{Server, ServerBuilder};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use unftp_core::auth::{
    AuthenticationError, Authenticator, ChannelEncryptionState, Credentials, Principal, UserDetail, UserDetailError,
    UserDetailProvider,
};

use self::storage::Files;

/// Connections at once.
const CONNECTIONS: usize = 200;
/// How long somebody may take to sign in.
const SIGN_IN: Duration = Duration::from_secs(120);
/// A connection on which nothing happens for so long ends.
const IDLE_SECONDS: u64 = 900;

/// The door. It serves while its listener lives.
#[derive(Clone)]
pub struct Ftp {
    desk: Desk,
    tls: Arc<ServerConfig>,
    passive: RangeInclusive<u16>,
    connections: Arc<Semaphore>,
    sign_in: Duration,
}

/// Who is signed in on one connection.
#[derive(Clone, Debug)]
pub struct FtpUser {
    guest: Guest,
}

impl FtpUser {
    fn guest(&self) -> Guest {
        self.guest.clone()
    }
}

impl fmt::Display for FtpUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.guest.name())
    }
}

impl UserDetail for FtpUser {
    fn account_enabled(&self) -> bool {
        !self.guest.is_over()
    }
}

/// A certificate that nobody vouches for, with its key, as PEM: programs ask people once whether they trust it.
///
/// # Errors
/// `Internal` where none can be made.
pub fn self_signed(names: &[String]) -> Result<Secret> {
    let made = rcgen::generate_simple_self_signed(names.to_vec()).or_internal("making a certificate")?;
    Ok(Secret::text(format!("{}{}", made.cert.pem(), made.signing_key.serialize_pem())))
}

impl Ftp {
    /// Puts the parts together; `certificate` and key as PEM, ports for data from `passive`.
    ///
    /// # Errors
    /// `Internal` where the certificate cannot be used.
    pub fn new(desk: Desk, certificate: &Secret, passive: RangeInclusive<u16>) -> Result<Self> {
        let chain: std::result::Result<Vec<_>, _> = CertificateDer::pem_slice_iter(certificate.reveal()).collect();
        let chain = chain.or_internal("reading the certificate of FTP")?;
        let key = PrivateKeyDer::from_pem_slice(certificate.reveal()).or_internal("reading the key of FTP")?;
        let mut tls = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .or_internal("preparing TLS for FTP")?;
        // A program that sends a file reads nothing on that connection: with tickets lying there unread, its close is a
        // reset (RFC 1122, 4.2.2.13), and the end of the file is lost where this machine is busy.
        tls.send_tls13_tickets = 0;
        let connections = Arc::new(Semaphore::new(CONNECTIONS));
        Ok(Self { desk, tls: Arc::new(tls), passive, connections, sign_in: SIGN_IN })
    }

    /// The same with another time to sign in than two minutes.
    #[must_use]
    pub fn waiting(self, sign_in: Duration) -> Self {
        Self { sign_in, ..self }
    }

    /// Takes connections until told to stop.
    pub async fn serve(self, listener: TcpListener, mut stop: watch::Receiver<bool>) {
        loop {
            tokio::select! {
                _ = stop.changed() => return,
                taken = listener.accept() => match taken {
                    Ok((stream, from)) => {
                        let Ok(permit) = Arc::clone(&self.connections).try_acquire_owned() else { continue };
                        tokio::spawn(self.clone().connection(stream, from, permit, stop.clone()));
                    }
                    Err(_) => tokio::time::sleep(Duration::from_millis(100)).await, // out of handles, mostly
                },
            }
        }
    }

    async fn connection(
        self,
        stream: TcpStream,
        from: SocketAddr,
        _permit: OwnedSemaphorePermit,
        mut stop: watch::Receiver<bool>,
    ) {
        // A second handle: the library keeps its own to the end, and this one hangs up.
        let Ok(stream) = stream.into_std() else { return };
        let Ok(line) = stream.try_clone() else { return };
        let Ok(stream) = TcpStream::from_std(stream) else { return };
        let (signed_in, mut guest) = watch::channel(None);
        let gate = Arc::new(Gate { desk: self.desk, from, guest: Mutex::default(), signed_in });
        let Some(server) = server(&gate, self.tls, self.passive) else { return };
        let sign_in = self.sign_in;
        let hang_up = async move {
            let came = tokio::time::timeout(sign_in, guest.wait_for(Option::is_some)).await;
            let Ok(came) = came.map(|came| came.map(|guest| guest.clone())) else { return };
            let Ok(came) = came else { return std::future::pending().await };
            if let Some(guest) = came {
                let guest: Guest = guest;
                guest.ended().await;
            }
        };
        tokio::select! {
            _ = server.service(stream) => return,
            () = hang_up => {}
            _ = stop.changed() => {}
        }
        let _ = line.shutdown(std::net::Shutdown::Both);
    }
}

/// One server for one connection: it knows who signed in there and nobody else.
fn server(gate: &Arc<Gate>, tls: Arc<ServerConfig>, passive: RangeInclusive<u16>) -> Option<Server<Files, FtpUser>> {
    let provider: Arc<dyn UserDetailProvider<User = FtpUser> + Send + Sync> = Arc::clone(gate) as Arc<_>;
    let built = ServerBuilder::<Files, FtpUser>::with_user_detail_provider(Box::new(|| Files), provider)
        .authenticator(Arc::clone(gate) as Arc<_>)
        .greeting("Files of this server: TLS first, then sign in")
        .ftps_manual::<std::path::PathBuf>(tls)
        .ftps_required(true, true)
        .passive_ports(passive)
        .active_passive_mode(ActivePassiveMode::PassiveOnly)
        .sitemd5(SiteMd5::None)
        .idle_session_timeout(IDLE_SECONDS)
        .logger(None)
        .build();
    built.map_err(|e| tracing::error!("preparing FTP: {e}")).ok()
}

/// Who may pass on one connection.
struct Gate {
    desk: Desk,
    from: SocketAddr,
    guest: Mutex<Option<Guest>>,
    signed_in: watch::Sender<Option<Guest>>,
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gate")
    }
}

#[async_trait]
impl Authenticator for Gate {
    async fn authenticate(
        &self,
        name: &str,
        given: &Credentials,
    ) -> std::result::Result<Principal, AuthenticationError> {
        if given.command_channel_security != ChannelEncryptionState::Tls {
            return Err(AuthenticationError::new("TLS first"));
        }
        let address = self.from.ip().to_canonical().to_string();
        let knock = Knock { service: Service::Ftp, name: name.to_owned(), address, code_behind: false };
        let password = Secret::text(given.password.clone().unwrap_or_default());
        match self.desk.password(&knock, password).await {
            Ok(Step::In(guest)) => {
                *self.guest.lock().unwrap_or_else(PoisonError::into_inner) = Some(guest.clone());
                self.signed_in.send_replace(Some(guest));
                Ok(Principal { username: name.to_owned() })
            }
            Ok(Step::CodeWanted(_)) => Err(AuthenticationError::BadPassword),
            Err(e) => {
                if e.as_code() == Code::Internal {
                    tracing::error!("ftp: {e}");
                }
                Err(AuthenticationError::BadPassword)
            }
        }
    }
}

#[async_trait]
impl UserDetailProvider for Gate {
    type User = FtpUser;

    async fn provide_user_detail(&self, who: &Principal) -> std::result::Result<FtpUser, UserDetailError> {
        let guest = self.guest.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let gone = || UserDetailError::UserNotFound { username: who.username.clone() };
        guest.map(|guest| FtpUser { guest }).ok_or_else(gone)
    }
}
