//! People: rows of `users` and their recovery codes.
//!
//! People belong to the installation, not to a tenant. Reading one takes a scope where somebody asks for it;
//! the functions of signing in take none, because nobody is signed in yet.

mod row;
mod find;
mod write;
mod factors;
mod leave;

pub use factors::{recovery_codes_left, set_recovery_codes, set_totp, use_recovery_code, use_totp_step};
pub use find::{PeopleFilter, find, find_by_email, list, list_of_site, slugs_like};
pub use leave::{delete, reassign, sites_written_on};
pub use row::{NewUser, Person, Profile, User};
pub use write::{accept, insert, replace_password, save_profile, set_signed_in, set_status};
