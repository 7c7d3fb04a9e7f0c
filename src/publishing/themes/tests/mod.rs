//! The themes as a whole.

mod croft;
mod fields;
mod hostile;
mod reloading;
mod share;
