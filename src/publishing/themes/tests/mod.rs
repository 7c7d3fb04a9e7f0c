//! The themes as a whole.

mod checking;
mod croft;
mod fields;
mod hostile;
mod packages;
mod reloading;
mod share;
