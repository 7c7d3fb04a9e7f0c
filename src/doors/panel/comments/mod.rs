//! What readers said: look, decide, answer.

pub mod list;
pub mod act;
