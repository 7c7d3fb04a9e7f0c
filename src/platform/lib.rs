//! Freehold: platform.

pub mod secrets;

pub mod accounts;
