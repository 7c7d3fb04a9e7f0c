//! The integration tests: one binary. Everything runs on SQLite, and on PostgreSQL where `./test` started one.

mod crawl;
mod export;
mod node;
mod people;
mod post;
mod public;
#[allow(dead_code, reason = "some of it is for the tests of the platform")]
#[path = "../../src/platform/tests/it/soft_key.rs"]
mod soft_key;
mod support;
mod town;
mod world;

mod bad_start;
mod cache;
mod api;
mod bring_in;
mod cli;
mod config;
mod crash;
mod cron;
mod designs;
mod domains;
mod erase;
mod fresh;
mod import;
mod jobs;
mod journey;
mod keys;
mod kill;
mod locks;
mod media;
mod migrations;
mod moving;
mod origins;
mod panel;
mod panel_files;
mod readers;
mod reliability;
mod search;
mod secrets;
mod sites;
mod static_sites;
mod slow;
mod statements;
mod store;
mod structure;
mod tenants;
mod theme_code;
mod themes;
mod transfer;
mod twins;
mod versions;
mod walk;
