//! Floor 2: what people publish: documents, entries, media, themes. No HTTP, no diesel.

pub mod document;
pub mod media;
pub mod themes;
