//! The server hat: all sites, all people, the installation itself.

pub mod act;
pub mod domains;
pub mod people;
pub mod person;
pub mod places;
pub mod security;
pub mod settings;
pub mod sites;
