//! Floor 2: what customers get besides content: files, domains, commands at set times, logins to files.
//! No HTTP, no HTML of the panel, no diesel; nothing of `publishing`.

pub mod first_page;
pub mod text_diff;
pub mod files;
pub mod ends;
pub mod moves;
pub mod cron;
pub mod terminal;
pub mod access;
pub mod domains;
