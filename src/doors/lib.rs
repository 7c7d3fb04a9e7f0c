//! Floor 3: doors. They parse, call one service, and present.

pub mod web;
pub mod panel;
pub mod api;
pub mod pages;
pub mod cli;

/// A runtime for the listeners, on this thread.
pub fn runtime() -> actix_web::rt::SystemRunner {
    actix_web::rt::System::new()
}
