//! Freehold: host.
