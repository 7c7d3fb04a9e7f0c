//! The integration tests: one binary. Everything runs on SQLite, and on PostgreSQL where `./test` started one.

mod node;
mod people;
mod support;
mod world;

mod bad_start;
mod config;
mod fresh;
mod journey;
mod kill;
mod locks;
mod reliability;
mod statements;
mod store;
mod structure;
mod walk;
