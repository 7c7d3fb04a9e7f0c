//! Small copies of pictures, as doors draw them: kept beside the account's files, not counted, made again when they are
//! missing. A copy has one of 4,096 slots by what it is of, and pushes out the one before it: however often files change,
//! no more are kept.

use std::io::Read as _;

use freehold_base::{Error, JailPath, OrInternal as _, Result};
use freehold_host::account_dir::{Metadata, OpenedFile};
use freehold_host::blobs::BlobHash;
use sha2::{Digest as _, Sha256};

use super::Desk;

/// Larger copies are not kept.
const MOST_BYTES: u64 = 64 << 10;
/// Digits of a hash that choose the slot.
const SLOT: usize = 3;

/// What there is to show of a picture.
#[derive(Debug)]
pub enum Small {
    /// The copy that was kept of the file as it is now.
    Kept(Vec<u8>),
    /// The file, for a copy to be made.
    Whole(OpenedFile),
}

impl Desk {
    /// The small copy of a file, or the file itself.
    ///
    /// # Errors
    /// As [`Desk::open`].
    pub fn small(&self, path: &JailPath) -> Result<Small> {
        let opened = self.open(path)?;
        let (slot, name) = place(&opened.metadata)?;
        let Some(kept) = self.files.dirs().derived(self.account())?.file(&slot, &name)? else {
            return Ok(Small::Whole(opened));
        };
        let mut bytes = Vec::new();
        kept.take(MOST_BYTES).read_to_end(&mut bytes).or_internal("reading a small picture")?;
        Ok(Small::Kept(bytes))
    }

    /// Keeps a copy that was made of a file with this metadata.
    ///
    /// # Errors
    /// `DiskFull`, `Internal`.
    pub fn keep_small(&self, of: &Metadata, bytes: &[u8]) -> Result<()> {
        if bytes.len() as u64 > MOST_BYTES {
            return Ok(());
        }
        let kept = self.files.dirs().derived(self.account())?;
        let (slot, name) = place(of)?;
        kept.forget(&slot)?;
        kept.put(&slot, &name, bytes)
    }
}

/// The slot, and the name in it, which is another one with every change of the file.
fn place(of: &Metadata) -> Result<(BlobHash, String)> {
    let hash = freehold_base::secret::hex(&Sha256::digest(of.etag()));
    let (slot, rest) = hash.split_at(SLOT);
    let named = || Error::internal("naming a small picture", hash.clone());
    let slot = BlobHash::parse(&format!("{slot:0<64}")).ok_or_else(named)?;
    Ok((slot, format!("{}.webp", rest.get(..40).ok_or_else(named)?)))
}
