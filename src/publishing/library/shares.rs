//! Pictures for shared links, in the cache of copies: the newest of each entry is kept.

use std::fs::File;

use freehold_base::secret::hex;
use freehold_base::{EntryId, Error, Result, SiteId};
use freehold_host::blobs::BlobHash;
use sha2::{Digest as _, Sha256};

use super::Library;

/// Where an entry's picture is kept: beside the copies of pictures, under a name that none of them has.
fn place(site: SiteId, entry: EntryId) -> Result<BlobHash> {
    let hex = hex(&Sha256::digest(format!("share of entry {entry} of site {site}")));
    BlobHash::parse(&hex).ok_or_else(|| Error::internal("naming a picture for shared links", hex))
}

impl Library {
    /// The picture of an entry (0: of the site) with this key, if it was drawn already.
    ///
    /// # Errors
    /// `Internal`.
    pub fn share(&self, site: SiteId, entry: EntryId, key: &str) -> Result<Option<File>> {
        self.inner.made.file(&place(site, entry)?, &format!("{key}.png"))
    }

    /// Keeps a picture that was drawn, instead of older ones of the entry.
    ///
    /// # Errors
    /// `DiskFull`, `Internal`.
    pub fn keep_share(&self, site: SiteId, entry: EntryId, key: &str, png: &[u8]) -> Result<()> {
        let place = place(site, entry)?;
        self.inner.made.forget(&place)?;
        self.inner.made.put(&place, &format!("{key}.png"), png)
    }
}
