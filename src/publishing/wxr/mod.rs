//! WordPress exports (WXR 1.0 to 1.2), read as a stream.
//!
//! [`Export::open`] takes any reader and yields [`Record`]s in the file's order: the site first, then people, terms
//! and items as they stand. One record is in memory at a time. Real files are broken in many ways, so the reader is
//! lenient: missing prefixes, wrong UTF-8, control characters, dates of zeros. A file that ends too early yields
//! all that was complete and then says where it ends.
//!
//! It reads; what becomes of the records is the importer's business. No network, no database, no clock.

mod bytes;
mod export;
mod map;
pub mod menu;
pub mod php;
mod record;
mod xml;

#[cfg(test)]
mod tests;

pub use export::Export;
pub use record::{Author, Comment, Item, ItemTerm, Record, SiteInfo, Term};
