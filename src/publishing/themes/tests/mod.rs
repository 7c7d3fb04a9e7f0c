//! The themes as a whole.

mod checking;
mod croft;
mod fields;
mod guide;
mod hostile;
mod packages;
mod reloading;
mod settings;
mod share;
mod shipped;
