//! Making archives: as a stream that somebody downloads, or as a file beside what goes in.

use std::io::Write;

use freehold_base::{Code, Error, JailPath, Result};
use freehold_host::account_dir::{AccountDir, Kind, Links, Replace};

use super::work::{Work, is_there};
use super::{Clash, Desk, Format, archive};

impl Desk {
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
