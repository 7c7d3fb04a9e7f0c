//! Files of accounts by SSH file transfer (row H083). No shell, no commands, no forwarding of ports: SFTP is all that a
//! channel opens, and SCP works where it speaks SFTP.

mod files;
mod session;
mod wire;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use freehold_base::{Code, Error, OrInternal as _, Result, Secret};
use freehold_hosting::access::sign_in::CodeWanted;
use freehold_hosting::access::{Desk, Guest, Knock, Service, Step};
use russh::keys::{Algorithm, HashAlg, PrivateKey};
use russh::server::{
    Auth, ChannelOpenHandle, Config, Handler, Msg, PublicKeyOffer, Response, Session, VerifiedPublicKey,
};
use russh::{Channel, ChannelId, Disconnect, MethodKind, MethodSet, SshId};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// Connections that did not sign in yet.
const STRANGERS: usize = 100;
/// How long somebody may take to sign in.
const SIGN_IN: Duration = Duration::from_secs(120);
/// A connection on which nothing happens for so long ends.
const IDLE: Duration = Duration::from_secs(15 * 60);
/// Bytes that a client may send ahead: less and uploads over a long way wait for each other.
const WINDOW: u32 = 4 << 20;
/// Sessions of one connection.
const CHANNELS: usize = 8;
/// Batches of all sessions that wait for the disk at once.
const THREADS: usize = 16;

/// The door. It serves while its listener lives.
#[derive(Clone)]
pub struct Sftp {
    desk: Desk,
    config: Arc<Config>,
    threads: Arc<Semaphore>,
    strangers: Arc<Semaphore>,
}

impl Sftp {
    /// Puts the parts together; `host_key` in the form of OpenSSH.
    ///
    /// # Errors
    /// `Internal` where it is no key.
    pub fn new(desk: Desk, host_key: &Secret) -> Result<Self> {
        let key = PrivateKey::from_openssh(host_key.reveal()).or_internal("reading the SSH host key")?;
        let config = Config {
            server_id: SshId::Standard("SSH-2.0-Freehold".into()),
            methods: MethodSet::from(
                &[MethodKind::PublicKey, MethodKind::Password, MethodKind::KeyboardInteractive][..],
            ),
            auth_rejection_time: Duration::from_millis(100),
            auth_rejection_time_initial: Some(Duration::ZERO),
            keys: vec![key],
            window_size: WINDOW,
            maximum_packet_size: 65_535,
            channel_buffer_size: 256,
            max_auth_attempts: 12,
            inactivity_timeout: Some(IDLE),
            keepalive_interval: Some(Duration::from_secs(30)),
            nodelay: true,
            ..Default::default()
        };
        Ok(Self {
            desk,
            config: Arc::new(config),
            threads: Arc::new(Semaphore::new(THREADS)),
            strangers: Arc::new(Semaphore::new(STRANGERS)),
        })
    }

    /// Takes connections until told to stop.
    pub async fn serve(self, listener: TcpListener, mut stop: watch::Receiver<bool>) {
        loop {
            tokio::select! {
                _ = stop.changed() => return,
                taken = listener.accept() => match taken {
                    Ok((stream, from)) => {
                        // A stranger too many is hung up on: those who are signed in are not in that number.
                        let Ok(permit) = Arc::clone(&self.strangers).try_acquire_owned() else { continue };
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
        permit: OwnedSemaphorePermit,
        mut stop: watch::Receiver<bool>,
    ) {
        let (signed_in, mut guest) = watch::channel(None::<Guest>);
        let _ = stream.set_nodelay(true);
        let visitor = Visitor {
            door: self.clone(),
            address: from.ip().to_canonical().to_string(),
            signed_in,
            waiting: Vec::new(),
            open: 0,
            asked: Asked::Nothing,
        };
        let begun = tokio::time::timeout(SIGN_IN, russh::server::run_stream(self.config, stream, visitor));
        let Ok(Ok(running)) = begun.await else { return };
        let handle = running.handle();
        let hang_up = async move {
            let came = tokio::time::timeout(SIGN_IN, guest.wait_for(Option::is_some)).await;
            drop(permit);
            let Ok(Ok(guest)) = came.map(|came| came.map(|guest| guest.clone())) else { return };
            if let Some(guest) = guest {
                guest.ended().await;
            }
        };
        tokio::select! {
            _ = running => return,
            () = hang_up => {}
            _ = stop.changed() => {}
        }
        let words = "this session has ended".to_owned();
        let _ = handle.disconnect(Disconnect::ByApplication, words, "en".to_owned()).await;
    }
}

/// What was asked last in a conversation of questions and answers.
enum Asked {
    Nothing,
    Password,
    Code(CodeWanted),
}

/// One connection.
struct Visitor {
    door: Sftp,
    address: String,
    signed_in: watch::Sender<Option<Guest>>,
    /// Channels that were opened and asked for nothing yet.
    waiting: Vec<Channel<Msg>>,
    /// Channels that are open.
    open: usize,
    asked: Asked,
}

impl Visitor {
    fn knock(&self, user: &str) -> Knock {
        Knock { service: Service::Sftp, name: user.to_owned(), address: self.address.clone(), code_behind: false }
    }

    fn let_in(&mut self, guest: Guest) -> Auth {
        self.signed_in.send_replace(Some(guest));
        Auth::Accept
    }

    fn ask(&mut self, asked: Asked, instructions: &'static str, prompt: &'static str) -> Auth {
        self.asked = asked;
        Auth::Partial {
            name: "".into(),
            instructions: instructions.into(),
            prompts: vec![(prompt.into(), false)].into(),
        }
    }
}

fn refused(e: &Error) -> Auth {
    if e.as_code() == Code::Internal {
        tracing::error!("sftp: {e}");
    }
    Auth::reject()
}

fn fingerprint(key: &russh::keys::PublicKey) -> String {
    key.fingerprint(HashAlg::Sha256).to_string()
}

/// RSA with SHA-1 is not taken, whatever the key.
fn is_fit(algorithm: &Algorithm) -> bool {
    !matches!(algorithm, Algorithm::Rsa { hash: None } | Algorithm::Dsa)
}

impl Handler for Visitor {
    type Error = russh::Error;

    async fn auth_password(&mut self, user: &str, password: &str) -> Result<Auth, Self::Error> {
        let knock = Knock { code_behind: true, ..self.knock(user) };
        Ok(match self.door.desk.password(&knock, Secret::text(password)).await {
            Ok(Step::In(guest)) => self.let_in(guest),
            // This method asks one question only: the code goes behind the password, or by the other method.
            Ok(Step::CodeWanted(_)) => Auth::reject(),
            Err(e) => refused(&e),
        })
    }

    async fn auth_publickey_offered(&mut self, user: &str, offer: PublicKeyOffer<'_>) -> Result<Auth, Self::Error> {
        if !is_fit(offer.algorithm) {
            return Ok(Auth::reject());
        }
        let known = self.door.desk.knows_key(&self.knock(user), &fingerprint(offer.public_key)).await;
        Ok(match known {
            Ok(true) => Auth::Accept,
            Ok(false) => Auth::reject(),
            Err(e) => refused(&e),
        })
    }

    async fn auth_publickey(&mut self, user: &str, key: VerifiedPublicKey<'_>) -> Result<Auth, Self::Error> {
        if !is_fit(key.algorithm) {
            return Ok(Auth::reject());
        }
        let found = self.door.desk.key(&self.knock(user), &fingerprint(key.public_key)).await;
        Ok(match found {
            Ok(guest) => self.let_in(guest),
            Err(e) => refused(&e),
        })
    }

    async fn auth_keyboard_interactive<'a>(
        &'a mut self,
        user: &str,
        _submethods: &str,
        response: Option<Response<'a>>,
    ) -> Result<Auth, Self::Error> {
        let answer = response.and_then(|mut all| all.next());
        let Some(answer) = answer else {
            return Ok(self.ask(Asked::Password, "", "Password: "));
        };
        let text = String::from_utf8_lossy(&answer).into_owned();
        let (knock, desk) = (self.knock(user), self.door.desk.clone());
        let step = match std::mem::replace(&mut self.asked, Asked::Nothing) {
            Asked::Nothing => return Ok(Auth::reject()),
            Asked::Password => desk.password(&knock, Secret::text(text)).await,
            Asked::Code(wanted) => desk.code(&knock, wanted, &text).await.map(Step::In),
        };
        Ok(match step {
            Ok(Step::In(guest)) => self.let_in(guest),
            Ok(Step::CodeWanted(wanted)) => self.ask(Asked::Code(wanted), "", "Code of your second factor: "),
            Err(e) => refused(&e),
        })
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), Self::Error> {
        if self.open < CHANNELS {
            self.open += 1;
            self.waiting.push(channel);
            reply.accept().await;
        }
        Ok(())
    }

    async fn subsystem_request(&mut self, id: ChannelId, name: &str, session: &mut Session) -> Result<(), Self::Error> {
        let at = self.waiting.iter().position(|c| c.id() == id);
        let guest = self.signed_in.borrow().clone();
        match (at, guest) {
            (Some(at), Some(guest)) if name == "sftp" => {
                let channel = self.waiting.swap_remove(at);
                session.channel_success(id)?;
                tokio::spawn(session::run(channel, guest, Arc::clone(&self.door.threads)));
            }
            _ => session.channel_failure(id)?,
        }
        Ok(())
    }

    async fn shell_request(&mut self, id: ChannelId, session: &mut Session) -> Result<(), Self::Error> {
        no_shell(id, session)
    }

    async fn exec_request(&mut self, id: ChannelId, _command: &[u8], session: &mut Session) -> Result<(), Self::Error> {
        no_shell(id, session)
    }

    async fn pty_request(
        &mut self,
        id: ChannelId,
        _term: &str,
        _columns: u32,
        _rows: u32,
        _width: u32,
        _height: u32,
        _modes: &[(russh::Pty, u32)],
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        session.channel_failure(id)
    }

    async fn env_request(
        &mut self,
        id: ChannelId,
        _name: &str,
        _value: &str,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        session.channel_failure(id)
    }

    async fn channel_close(&mut self, id: ChannelId, _session: &mut Session) -> Result<(), Self::Error> {
        self.waiting.retain(|c| c.id() != id);
        self.open = self.open.saturating_sub(1);
        Ok(())
    }
}

fn no_shell(id: ChannelId, session: &mut Session) -> Result<(), russh::Error> {
    session.channel_failure(id)?;
    session.extended_data(id, 1, &b"This server transfers files only: use sftp, or scp that speaks SFTP.\r\n"[..])?;
    session.close(id)
}
