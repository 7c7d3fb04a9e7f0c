//! The panel: its frame, templates and assets. Templates decide nothing but layout.
//!
//! `assets` serves what `build.rs` made from `admin-ui/`, `frame` is the view struct every page
//! gets, `templates` renders a page. No business rule and no query stands here.

pub mod assets;
pub mod frame;
pub mod templates;
