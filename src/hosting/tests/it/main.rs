//! Tests of the files of accounts, on SQLite and, where `FREEHOLD_TEST_POSTGRES_URL` names a server, on PostgreSQL.

#![allow(clippy::unwrap_used)] // a test that cannot go on stops and says where

mod archives;
mod arranging;
mod ends;
mod hostile;
mod rights;
#[path = "../shared/mod.rs"]
mod shared;
mod support;
mod texts;
mod trash;
mod uploads;
