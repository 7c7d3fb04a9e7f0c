//! Freehold: platform.

pub mod secrets;
