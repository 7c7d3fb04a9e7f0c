//! The media library: look, upload, describe, delete; and the pictures on the panel's own origin.

pub mod view;
pub mod list;
pub mod upload;
pub mod act;
pub mod file;
