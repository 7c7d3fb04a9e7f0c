//! Freehold: publishing.

pub mod media;
