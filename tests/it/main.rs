//! The integration tests: one binary. Everything runs on SQLite, and on PostgreSQL where `./test` started one.

mod export;
mod node;
mod people;
mod support;

mod config;
mod fresh;
mod import;
mod journey;
mod locks;
mod media;
mod reliability;
mod store;
mod structure;
