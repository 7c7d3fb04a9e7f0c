//! The visitors' door: from a socket to a page.
//!
//! host table → canonical path → page cache → [`source::PageSource`]. It knows nothing of databases, themes or
//! content: whoever boots the node gives it a page source and the host table.
//!
//! The way of a cached page ([`express`], [`front`]) allocates nothing beyond the reply, formats nothing and takes no
//! lock that somebody who publishes can hold.

pub mod access_log;
pub mod access_record;
pub mod cache;
pub mod catch;
pub mod client;
pub mod coding;
pub mod finisher;
pub mod connection;
pub mod counters;
pub mod desk;
pub mod express;
pub mod flight;
pub mod front;
pub mod hosts;
pub mod lane;
pub mod index;
pub mod limits;
pub mod multipart;
pub mod negative;
pub mod page;
pub mod path;
pub mod query;
pub mod render;
pub mod respond;
pub mod server;
pub mod source;
pub mod state;
pub mod tag;
pub mod traffic;
pub mod visit;

#[cfg(test)]
mod path_tests;
#[cfg(test)]
mod server_tests;
