//! Floor 2: what people publish: documents, entries, media, themes and who may choose, add and remove them. No HTTP, no diesel.

pub mod document;
pub mod wxr;
pub mod media;
pub mod library;
pub mod themes;
pub mod gallery;
pub mod designs;
pub mod content;
pub mod comments;
pub mod starts;
pub mod import;
pub mod pages;
