//! Freehold: doors.

pub mod web;
