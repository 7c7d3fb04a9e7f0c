//! Freehold: doors.
