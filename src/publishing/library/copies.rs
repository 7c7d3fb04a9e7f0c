//! Smaller copies of pictures: made once, when first asked for, kept in a cache that may be deleted.

use std::fs::File;

use freehold_base::{Error, Result};
use freehold_host::blobs::BlobHash;

use super::Library;
use crate::media::variants::{self, Format, WIDTHS, Wanted};
use crate::media::{Kind, MAX_PICTURE_BYTES, animated};

/// A copy as addresses name it: `640.webp`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Copy {
    /// One of [`WIDTHS`].
    pub width: u32,
    /// Its encoding.
    pub format: Format,
}

impl Copy {
    /// Reads `640.webp`; `None` for anything else, also for widths that are not made.
    pub fn parse(name: &str) -> Option<Self> {
        let (width, ending) = name.split_once('.')?;
        let plain = width.bytes().all(|b| b.is_ascii_digit()) && !width.starts_with('0');
        let width = width.parse().ok().filter(|w| plain && WIDTHS.contains(w))?;
        Some(Self { width, format: Format::from_extension(ending)? })
    }
    /// `640.webp`
    pub fn name(self) -> String {
        format!("{}.{}", self.width, self.format.extension())
    }
    /// The copy to give where this one is too slow to wait for.
    pub fn instead(self) -> Option<Self> {
        (self.format == Format::Avif).then_some(Self { format: Format::Webp, ..self })
    }
}

impl Library {
    /// A copy for reading, if it was made already.
    ///
    /// # Errors
    /// `Internal`.
    pub fn copy(&self, hash: &str, copy: Copy) -> Result<Option<File>> {
        match BlobHash::parse(hash) {
            Some(hash) => self.inner.made.file(&hash, &copy.name()),
            None => Ok(None),
        }
    }

    /// Makes and keeps a copy: 20 to 200 ms of work (AVIF: more), so on the [`Library::pool`]. A picture that moves
    /// is its own copy, because copies would stand still.
    ///
    /// # Errors
    /// `NotFound("file")`; `MediaBroken`, `DiskFull`, `Internal`.
    pub fn make_copy(&self, hash: &str, kind: Kind, copy: Copy) -> Result<()> {
        let hash = BlobHash::parse(hash).filter(|_| kind.is_raster()).ok_or_else(|| Error::not_found("file"))?;
        let bytes = self.inner.blobs.read(&hash, MAX_PICTURE_BYTES * 2)?.ok_or_else(|| Error::not_found("file"))?;
        let moves = kind == Kind::Gif || (kind == Kind::Webp && animated::is_animated_webp(&bytes));
        let made = if moves {
            bytes
        } else {
            variants::make(kind, &bytes, Wanted { width: copy.width, format: copy.format })?.bytes
        };
        self.inner.made.put(&hash, &copy.name(), &made)
    }
}
