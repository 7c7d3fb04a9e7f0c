//! The integration tests: one binary. Everything runs on SQLite, and on PostgreSQL where `./test` started one.

mod export;
mod node;
mod people;
mod support;
mod world;

mod bad_start;
mod api;
mod cli;
mod config;
mod fresh;
mod import;
mod journey;
mod kill;
mod locks;
mod media;
mod panel;
mod readers;
mod reliability;
mod slow;
mod statements;
mod store;
mod structure;
mod walk;
