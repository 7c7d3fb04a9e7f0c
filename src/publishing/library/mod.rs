//! The media library: files on the disk, rows of a site, smaller copies, where each file stands.
//!
//! Promises: what is stored was identified by its content and cleaned (see [`crate::media`]); the same bytes twice in
//! a site are one file; a file leaves the disk only when no site has it any more. Knows no HTTP and no panel.
//!
//! An upload goes through three steps, none of them on an async thread: [`Library::begin`] and writes (the disk),
//! [`Library::identify`] and [`Library::keep`] (pictures: on the [`crate::media::ImagePool`]), [`add`] (the database).
//! Jobs and the command line take [`keep_file`], which does all three.

pub mod events;
mod shelf;
mod arrive;
mod copies;
mod shares;
mod files;
pub mod jobs;

pub use arrive::Arrived;
pub use copies::Copy;
pub use files::{
    Added, Description, Details, Uses, add, address, delete, describe, find, find_public, find_public_path, keep_file,
    list, to_do, totals, uses,
};
pub use freehold_store::media::{Filter, Media, Sort};
pub use freehold_store::media_uses::Use;
pub use shelf::Library;

#[cfg(test)]
mod tests;
