//! Freehold: publishing.
