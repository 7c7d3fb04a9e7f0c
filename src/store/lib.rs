//! Freehold: store.
