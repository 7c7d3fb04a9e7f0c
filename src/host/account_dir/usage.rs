//! Counting what an account holds, by looking.

use freehold_base::{JailPath, Result};

use super::read::walk;
use super::{AccountDir, Next, Part, Place};
use crate::beneath::Beneath;

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
        usage.add(self.root()?, path)?;
        Ok(usage)
    }

    /// What the whole account holds: home, trash, versions, and what is being written. The folders that every
    /// account has do not count. This is what its meter shows.
    ///
    /// # Errors
    /// `Internal`.
    pub fn usage(&self) -> Result<Usage> {
        self.place.count()
    }
}

impl Place {
    pub(super) fn count(&self) -> Result<Usage> {
        let mut all = Usage::default();
        for part in Part::ALL {
            all.add(self.part(part)?, &JailPath::root())?;
        }
        let run = self.part(Part::Run)?;
        let has_fresh = super::read::look_in(run.fd(), b"new").is_some();
        all.files = all.files.saturating_sub(u64::from(has_fresh));
        Ok(all)
    }
}

impl Usage {
    fn add(&mut self, part: &Beneath, path: &JailPath) -> Result<()> {
        walk(part, path, &mut |_, about| {
            self.bytes = self.bytes.saturating_add(about.bytes);
            self.files += 1;
            Ok(Next::On)
        })
    }
}
