//! The themes as a whole.

mod croft;
mod hostile;
mod reloading;
