//! Plugins in their sandbox: what they can do, and what is done to those that want more.

mod support;
mod components;
mod functions;
mod hostile;
mod scripts;
