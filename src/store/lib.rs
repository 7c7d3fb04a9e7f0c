//! Floor 1: the database. The only crate that knows diesel.
//!
//! `Store::read` and `Store::write` give a [`Tx`]; every query on an owned table takes a scope that only
//! [`Tx::authorize`] and its sisters make. Both databases run the same text, save for what [`each_backend!`] says
//! twice.

#[allow(missing_docs)] // made by diesel's macros
pub(crate) mod schema;
mod patience;
#[allow(missing_docs)] // the derive makes public items without docs
pub mod conn;
pub(crate) mod cached;
pub(crate) mod one_of;
pub mod migrate;
pub mod access;
pub mod tx;
mod wal;
mod writer;
pub mod handle;

mod like;
pub mod installation;
pub mod users;
pub mod roles;
pub mod sessions;
pub mod tokens;
pub mod links;
pub mod failures;
pub mod accounts;
pub mod plans;
pub mod resellers;
pub mod traffic;
pub mod passkeys;
pub mod ceremonies;
pub mod devices;
pub mod networks;
pub mod held_forms;
pub mod sites;
pub mod domains;
pub mod settings;
pub mod designs;
pub mod counters;
pub mod site_rules;
pub mod theme_texts;
pub mod jobs;
pub mod cron;
pub mod cron_runs;
pub mod terminal_tickets;
pub mod terms;
pub mod entries;
pub mod revisions;
pub mod paths;
pub mod search;
pub mod comments;
pub mod menus;
pub mod media;
pub mod media_uses;
pub mod imported;
pub mod done_requests;
pub mod access_logins;
pub mod dav_properties;
pub mod files;
pub mod erase;
pub mod testing;

pub use access::{
    AccountScope, Actor, ActorKind, CustomersScope, FilesScope, Grants, Holder, SelfScope, ServerScope, SiteScope,
};
pub use conn::Conn;
pub use handle::{Store, StoreOptions, WriterFigures};
pub use tx::{Tx, audit};
