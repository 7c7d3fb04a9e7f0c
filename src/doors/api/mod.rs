//! The native REST API, version 1 (row AP01): bearer tokens only, JSON in and out, lists page by key, errors as
//! `application/problem+json`. It calls the same services as the panel and knows no rules of its own.

pub mod strict;
pub mod ctx;
pub mod doc;
pub mod views;
pub mod rules;
pub mod sites;
pub mod entry_input;
pub mod guarding;
pub mod domains;
pub mod comments;
pub mod menus;
pub mod entries;
pub mod terms;
pub mod media;
pub mod files;
pub mod file_changes;
pub mod users;
pub mod jobs;
pub mod logins;
pub mod imports;
pub mod designs;
pub mod themes;
pub mod theme_texts;
pub mod server;
pub mod customers;
pub mod cron;
pub mod metrics;
pub mod routes;
