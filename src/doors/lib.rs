//! Freehold: doors.

pub mod panel;
