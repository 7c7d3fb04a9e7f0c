//! What people bring to be installed, themes and plugins: a file that was sent, an archive at an address, or, from the
//! command line, something of this machine.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use freehold_base::{Capability, Code, Error, OrInternal as _, Result};
use freehold_host::arrivals::Arrivals;
use freehold_host::files::{Reserve, scratch};
use freehold_host::outbound::{BlockingOutbound, Limits};
use freehold_store::Tx;
use serde::{Deserialize, Serialize};

/// How long another server may take to send one.
const FETCH: Duration = Duration::from_secs(180);

/// Where something comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// Sent in; taken away when the job is done.
    Sent(String),
    /// An archive on another server.
    Address(String),
    /// A folder of this machine: from the command line only.
    Folder(PathBuf),
    /// An archive on this machine: from the command line only.
    File(PathBuf),
}

impl Place {
    /// What a word of the command line means: an address, a folder or an archive.
    pub fn of(from: &str) -> Self {
        match from {
            from if from.contains("://") => Self::Address(from.to_owned()),
            from if Path::new(from).is_dir() => Self::Folder(from.into()),
            from => Self::File(from.into()),
        }
    }
}

/// What was brought.
pub(crate) enum Brought {
    /// A folder of this machine.
    Folder(PathBuf),
    /// An archive.
    Archive(File),
}

/// Whether an actor may have something brought from there. `plain`: `HOST:PORT` that the configuration trusts without
/// TLS.
///
/// # Errors
/// `Invalid("address")`; `Denied` for what lies on the machine: that is the business of whoever runs it.
pub(crate) fn check(tx: &mut Tx<'_>, plain: &[String], place: &Place) -> Result<()> {
    match place {
        Place::Address(address) => check_address(plain, address),
        Place::Sent(_) => Ok(()),
        Place::Folder(_) | Place::File(_) => tx.authorize_server(Capability::ServerManage).map(drop),
    }
}

fn check_address(plain: &[String], address: &str) -> Result<()> {
    let host = address.strip_prefix("http://").and_then(|rest| rest.split('/').next());
    let trusted = host.is_some_and(|host| plain.iter().any(|known| known == host));
    if address.len() > 2000 {
        return Err(Error::invalid("address", Code::TooLong, "2000"));
    }
    if address.starts_with("https://") || trusted {
        return Ok(());
    }
    Err(Error::invalid("address", Code::NotAllowed, "an address that begins with https://"))
}

/// Brings it.
#[derive(Clone)]
pub struct Bring {
    /// Where sent archives lie.
    pub arrivals: Arrivals,
    /// Where downloads grow.
    pub cache: PathBuf,
    /// What stays free of the disk.
    pub reserve: Reserve,
    /// Makes the outgoing client.
    pub outbound: Arc<dyn Fn() -> Result<BlockingOutbound> + Send + Sync>,
    /// `HOST:PORT` that may be fetched from without TLS: the configuration says so.
    pub plain: Vec<String>,
}

impl Bring {
    /// Opens it, after fetching it where it is elsewhere. `refused` makes the refusal out of the reason.
    pub(crate) fn open(&self, place: &Place, max_bytes: u64, refused: fn(String) -> Error) -> Result<Brought> {
        match place {
            Place::Sent(name) => self.arrivals.open_sent(name).map(Brought::Archive),
            Place::Folder(folder) => Ok(Brought::Folder(folder.clone())),
            Place::File(path) => {
                let file = freehold_host::files::open(path).map_err(|e| refused(format!("it cannot be read: {e}")))?;
                Ok(Brought::Archive(file))
            }
            Place::Address(address) => self.fetch(address, max_bytes, refused).map(Brought::Archive),
        }
    }

    fn fetch(&self, address: &str, max_bytes: u64, refused: fn(String) -> Error) -> Result<File> {
        let file = scratch(&self.cache, self.reserve)?;
        let to = file.try_clone().or_internal("fetching an archive")?;
        let limits = Limits { max_bytes, timeout: FETCH };
        let saved = (self.outbound)()?.get_to_file(address, limits, to)?;
        if check_address(&self.plain, &saved.final_url).is_err() {
            return Err(refused("the address leads on to one that does not begin with https://".into()));
        }
        if saved.status != 200 {
            return Err(refused(format!("the address answers with {}", saved.status)));
        }
        if saved.content_type.as_deref().is_some_and(|kind| kind.starts_with("text/html")) {
            let why = "the address shows a page; give that of the archive itself, which ends with .zip or .tar.gz";
            return Err(refused(why.into()));
        }
        Ok(file)
    }

    /// Takes away what was sent.
    pub(crate) fn forget(&self, place: &Place) -> Result<()> {
        match place {
            Place::Sent(name) => self.arrivals.remove_sent(name),
            _ => Ok(()),
        }
    }
}
