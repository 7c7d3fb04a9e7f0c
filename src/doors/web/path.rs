//! The path of a request, decoded once (security rule B4): see [`freehold_base::canon_path`]. The rules of a site are
//! written in the same form, so it stands below both.

pub use freehold_base::canon_path::*;
