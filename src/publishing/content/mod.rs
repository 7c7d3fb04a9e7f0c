//! Entries: what people write. Promises: nothing acknowledged is lost, every save is a version, an address once live
//! answers for ever, and the search index, counts and archives agree with the entries in every committed state.
//!
//! Does not know HTTP, themes or the panel.

pub mod events;
pub mod permalink;
pub mod password;
pub mod prepare;
mod change;
mod rights;
mod record;
pub mod save;
pub mod trash;
pub mod versions;
pub mod terms;
mod menu_order;
pub mod menus;
pub mod locks;
mod readdress;
pub mod jobs;
pub mod lists;
pub mod bring;

pub use change::{Body, Changes, TagNames, TermsOf};
pub use freehold_store::entries::{Author, Card, CardRow, Cover, Entry, Filter, Sort};
pub use freehold_store::terms::{Label, Term};
pub use prepare::{Prepared, prepare};
pub use save::{Intent, Target, keep, save, saves_itself};
