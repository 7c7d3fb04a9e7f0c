//! Names of sites as the world's name servers see them: the guided set-up, proof of ownership, health.
//! What a name is and what it leads to stands in `platform::sites`; here is whom to ask, and what it means.

pub mod health;
pub mod jobs;
pub mod look;
pub mod providers;

pub use look::{CHALLENGE, Look, Looker, Says};
