//! Freehold: publishing.

pub mod document;
pub mod wxr;
