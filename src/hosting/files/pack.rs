//! Making archives: as a stream that somebody downloads, or as a file beside what goes in.

use std::io::Write;

use freehold_base::{Code, Error, JailPath, Result};
use freehold_host::account_dir::{AccountDir, Kind, Links, Metadata};

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

/// Packs things into a new archive; where it lies, and what it is. After a failure nothing is left of it.
pub(super) fn pack(
    home: &AccountDir,
    paths: &[JailPath],
    target: &JailPath,
    format: Format,
    clash: Clash,
    see: &mut dyn FnMut(u64, u64) -> Result<()>,
) -> Result<(JailPath, Metadata)> {
    let total = paths.iter().try_fold(0_u64, |sum, path| Ok::<_, Error>(sum.saturating_add(bytes_of(home, path)?)))?;
    let (path, writer) = clash.settle(home, target, |path, replace| home.create(path, replace, 0o644))?;
    let mut done = 0;
    let writer = archive::write(format, home, paths, writer, &mut |bytes| {
        done += bytes;
        see(done, total)
    })?;
    Ok((path, writer.finish()?))
}

fn bytes_of(home: &AccountDir, path: &JailPath) -> Result<u64> {
    let about = home.metadata(path, Links::Refuse)?;
    match about.kind {
        Kind::Folder => Ok(home.usage_of(path)?.bytes),
        Kind::File => Ok(about.bytes),
        Kind::Link | Kind::Other => Err(Error::refused(Code::WrongState, "only files and folders are packed")),
    }
}
