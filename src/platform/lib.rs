//! Freehold: platform.
