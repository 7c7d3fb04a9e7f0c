//! Floor 3: doors. They parse, call one service, and present.

pub mod web;
pub mod app;
pub mod panel;
