//! Files of the library on their way out and in: originals, smaller copies, uploads. Shared by the sites' listener and
//! the panel's, because the panel shows pictures from its own origin only.

pub mod answer;
pub mod copies;
pub mod desk;
pub mod incoming;
pub mod public;
pub mod range;
mod share;

pub use desk::MediaDesk;
