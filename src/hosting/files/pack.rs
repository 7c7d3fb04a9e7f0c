//! Making archives: as a stream that somebody downloads, or as a file beside what goes in.

use std::collections::HashMap;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use freehold_base::{AccountId, Code, Error, JailPath, Result};
use freehold_host::account_dir::{AccountDir, Kind, Links, Replace};
use freehold_host::archive::{self, Format};

use super::work::{Work, is_there};
use super::{Clash, Desk};

/// Archives that one account sends at once, and all accounts: each holds a thread as long as its reader takes.
const SENT_OF_ACCOUNT: usize = 3;
const SENT_IN_ALL: usize = 16;

/// How many archives of each account are being sent.
pub(super) type Sent = Arc<Mutex<HashMap<AccountId, usize>>>;

/// Held while an archive is sent.
#[derive(Debug)]
pub struct Sending {
    all: Sent,
    account: AccountId,
}

impl Drop for Sending {
    fn drop(&mut self) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        match all.get_mut(&self.account) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(all.remove(&self.account)),
        }
    }
}

impl Desk {
    /// Asked before an archive is sent with [`Desk::download`], and held until its end.
    ///
    /// # Errors
    /// `Busy` where the account, or all together, send as many as they may.
    pub fn begin_sending(&self) -> Result<Sending> {
        let mut all = self.files.0.sent.lock().unwrap_or_else(PoisonError::into_inner);
        let mine = all.get(&self.account()).copied().unwrap_or(0);
        if mine >= SENT_OF_ACCOUNT || all.values().sum::<usize>() >= SENT_IN_ALL {
            return Err(Error::code(Code::Busy));
        }
        all.insert(self.account(), mine + 1);
        Ok(Sending { all: Arc::clone(&self.files.0.sent), account: self.account() })
    }

    /// Writes files and folders as an archive to whoever waits for it, while they are read.
    ///
    /// # Errors
    /// `NotFound`, `Denied`; what `out` gives.
    pub fn download<W: Write>(&self, paths: &[JailPath], format: Format, out: W) -> Result<W> {
        self.looking(&paths.iter().collect::<Vec<_>>())?;
        archive::write(format, &self.home, paths, out, &mut |_| Ok(()))
    }
}

impl Work {
    /// Packs things into a new archive; where it lies (unknown where it lay there before a crash), and how long it is.
    pub(super) fn pack(
        &self,
        paths: &[JailPath],
        (target, clash): (&JailPath, Clash),
        format: Format,
        see: &mut dyn FnMut(u64, u64) -> Result<()>,
    ) -> Result<(Option<JailPath>, u64)> {
        let make = || {
            self.check_target(target, clash)?;
            let mut writer = self.run.create(&self.thing, Replace::No, 0o644)?;
            let (mut done, total) = (0, bytes_of_all(&self.home, paths)?);
            writer = archive::write(format, &self.home, paths, writer, &mut |bytes| {
                done += bytes;
                see(done, total)
            })?;
            writer.finish().map(|about| about.bytes)
        };
        let place = || {
            let placed = clash
                .settle(&self.home, target, |path, replace| self.run.move_to(&self.thing, &self.home, path, replace));
            placed.map(|(path, ())| Some(path))
        };
        let (bytes, path) = self.through(make, place)?;
        Ok((path, bytes.unwrap_or_default()))
    }

    /// Refuses early what the move at the end would refuse.
    fn check_target(&self, target: &JailPath, clash: Clash) -> Result<()> {
        self.home.metadata(&target.parent().unwrap_or_default(), Links::Refuse)?;
        if clash == Clash::Refuse && is_there(&self.home, target)? {
            return Err(Error::refused(Code::AlreadyExists, target.name()));
        }
        Ok(())
    }
}

fn bytes_of_all(home: &AccountDir, paths: &[JailPath]) -> Result<u64> {
    paths.iter().try_fold(0_u64, |sum, path| Ok(sum.saturating_add(bytes_of(home, path)?)))
}

fn bytes_of(home: &AccountDir, path: &JailPath) -> Result<u64> {
    let about = home.metadata(path, Links::Refuse)?;
    match about.kind {
        Kind::Folder => Ok(home.usage_of(path)?.bytes),
        Kind::File => Ok(about.bytes),
        Kind::Link | Kind::Other => Err(Error::refused(Code::WrongState, "only files and folders are packed")),
    }
}
