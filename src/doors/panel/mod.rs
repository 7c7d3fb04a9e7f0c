//! The panel: server-rendered pages that work without script.

pub mod access;
pub mod assets;
pub mod frame;
pub mod templates;
pub mod app;
pub mod failure;
pub mod headers;
pub mod form;
pub mod guard;
pub mod ctx;
pub mod menu;
pub mod thumbs;
pub mod build_frame;
pub mod auth;
pub mod checklist;
pub mod factor;
pub mod reset;
pub mod me;
pub mod home;
pub mod entries;
pub mod media;
pub mod search;
pub mod terms;
pub mod menus;
pub mod routes;
pub mod server;
