//! Floor 3: doors. They parse, call one service, and present.

pub mod web;
pub mod bookkeeper;
pub mod media;
pub mod device;
pub mod security;
pub mod sftp;
pub mod dav;
pub mod ftp;
pub mod transfer;
pub mod panel;
pub mod api;
pub mod unlock_cookie;
pub mod gatekeeper;
pub mod pages;
pub mod visitor;
pub mod cli;
#[cfg(test)]
mod twins_tests;

/// A runtime for the listeners, on this thread.
pub fn runtime() -> actix_web::rt::SystemRunner {
    actix_web::rt::System::new()
}

/// Two sets of routes as one.
pub fn both(
    first: impl Fn(&mut actix_web::web::ServiceConfig) + Clone + Send + 'static,
    second: impl Fn(&mut actix_web::web::ServiceConfig) + Clone + Send + 'static,
) -> impl Fn(&mut actix_web::web::ServiceConfig) + Clone + Send + 'static {
    move |config| {
        first(config);
        second(config);
    }
}
