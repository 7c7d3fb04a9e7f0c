//! A terminal in the account's sandbox (row H145): a page that opens one, and a socket that a ticket opens once.

pub mod page;
pub mod socket;
