//! Sites made of files: what lies in a folder of the account, sent as it is.
//!
//! * [`names`] says what is never sent and what a file is; [`folder`] opens, through the account's confined folder.
//! * [`shelf`] keeps what was found: small files in memory, larger ones open. What it gives was looked at on the disk
//!   at most a second ago.
//! * [`find`] looks on the disk; it waits, so it runs on threads that may. [`answer`] makes the answer out of what was
//!   found: whole, a part, or that nothing has changed. [`body`] sends it through the framework; `express` sends it
//!   itself, large files without a copy (`docs/decisions/0008-static-files.md`).
//! * [`pack`] makes compressed forms in the background.

pub mod answer;
pub mod body;
pub mod dates;
pub mod find;
pub mod folder;
pub mod listing;
pub mod names;
pub mod pack;
pub mod range;
pub mod serve;
pub mod shelf;
