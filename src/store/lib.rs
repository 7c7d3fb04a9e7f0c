//! Floor 1: the database. The only crate that knows diesel.
//!
//! `Store::read` and `Store::write` give a [`Tx`]; every query on an owned table takes a scope that only
//! [`Tx::authorize`] and its sisters make. Both databases run the same text, save for what [`each_backend!`] and
//! `dialect` say twice.

pub mod access;
#[allow(missing_docs)] // the derive makes public items without docs
pub mod conn;
pub mod handle;
pub mod migrate;
#[allow(missing_docs)] // made by diesel's macros
pub(crate) mod schema;
pub mod tx;
mod writer;

pub mod failures;
pub mod installation;
pub mod jobs;
pub mod links;
pub mod roles;
pub mod sessions;
pub mod settings;
pub mod sites;
pub mod tokens;
pub mod users;

pub use access::{AccountScope, Actor, ActorKind, Grants, SelfScope, ServerScope, SiteScope};
pub use conn::Conn;
pub use handle::{Store, StoreOptions};
pub use tx::{Tx, audit};
