//! Counting what an account holds, by looking.

use freehold_base::{JailPath, Result};

use super::{AccountDir, Next, Part};

/// What an account holds on the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Lengths of its files, each name counted.
    pub bytes: u64,
    /// Its files, folders, links and all else.
    pub files: u64,
}

impl AccountDir {
    /// What lies below one folder of this part.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn usage_of(&self, path: &JailPath) -> Result<Usage> {
        let mut usage = Usage::default();
        self.walk(path, &mut |_, about| {
            usage.bytes = usage.bytes.saturating_add(about.bytes);
            usage.files += 1;
            Ok(Next::On)
        })?;
        Ok(usage)
    }

    /// What the whole account holds: home, trash, versions, and what is being written. The folders that every
    /// account has do not count. This is what its meter shows.
    ///
    /// # Errors
    /// `Internal`.
    pub fn usage(&self) -> Result<Usage> {
        self.place.fresh()?;
        let mut all = Usage::default();
        for part in Part::ALL {
            let usage = self.part(part).usage_of(&JailPath::root())?;
            all.bytes = all.bytes.saturating_add(usage.bytes);
            all.files += usage.files;
        }
        all.files = all.files.saturating_sub(1); // `run/new`
        Ok(all)
    }
}
