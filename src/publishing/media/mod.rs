//! Media: what a file is, what of it is kept, and the images made from it. No database, no HTTP.
//!
//! Promises (security rule B8): a type is told from the bytes, never from the name; raster images are decoded and
//! encoded anew, so that nothing of the sender's bytes but pixels remains, no position and no camera; drawings keep
//! only what is on a list; whatever cannot be shown safely is an attachment or refused with the reason.

pub mod animated;
pub mod picture;
pub mod pool;
pub mod raster;
pub mod sniff;
pub mod svg;
pub mod variants;

use freehold_base::Result;

pub use pool::{ImagePool, Pending};
pub use sniff::{Identified, Kind, ServedAs, identify, served_as};

/// A picture as it is stored and served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clean {
    /// Its kind; the same as before.
    pub kind: Kind,
    /// The bytes to store.
    pub bytes: Vec<u8>,
    /// In pixels, upright; 0 where a drawing does not say.
    pub width: u32,
    /// In pixels, upright; 0 where a drawing does not say.
    pub height: u32,
    /// The average colour, `#rrggbb`; empty for drawings.
    pub colour: String,
    /// Does it move? Variants of it show the first frame.
    pub animated: bool,
}

/// Largest file that [`clean`] is given, in bytes. Larger pictures are refused by the door.
pub const MAX_PICTURE_BYTES: u64 = 64 << 20;

/// Makes a picture safe to publish. Slow (60 to 500 ms): in the [`ImagePool`].
///
/// # Errors
/// `MediaBroken`, `TooLarge`, `UnsupportedMedia` (a kind that is no picture).
pub fn clean(kind: Kind, bytes: &[u8]) -> Result<Clean> {
    match kind {
        Kind::Jpeg | Kind::Png | Kind::Gif | Kind::Webp => raster::clean(kind, bytes),
        Kind::Svg => svg::clean(bytes),
        other => Err(sniff::refused(&format!("{} is not a picture", other.extension()))),
    }
}

#[cfg(test)]
mod polyglots;
#[cfg(test)]
pub(crate) mod samples;
