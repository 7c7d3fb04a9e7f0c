//! Tests of people and rights, on SQLite and, where `FREEHOLD_TEST_POSTGRES_URL` names a server, on PostgreSQL.

#![allow(clippy::unwrap_used)] // a test that cannot go on stops and says where

mod customers;
mod factors;
mod first_run;
mod guard;
mod links;
mod names;
mod passkeys;
mod rights;
mod sessions;
mod sign_in;
mod soft_key;
mod support;
mod tokens;
mod upkeep;
