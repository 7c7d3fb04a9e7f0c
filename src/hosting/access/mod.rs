//! Who reaches the files of accounts from outside the panel: logins of an account, and people with the right to its
//! files, by SFTP, WebDAV and FTP.
//!
//! A login belongs to one account, sees one folder of its home and never anything above it. A person sees every
//! account they hold `files.read` on: a folder for each, also where only one of several may be used now; who belongs to
//! one account finds its files at the top. Both go through the same limits as the panel (rule C5), and both lose an open
//! session within seconds of losing the right to it: every step asks the [`Guest`], which reads the rights anew when
//! something changed or five seconds passed. This noun knows no protocol: doors call it.

pub mod rules;
pub mod identity;
pub mod keys;
pub mod logins;
pub mod pass;
pub mod live;
pub mod sign_in;
pub mod desk;
pub mod lease;
pub mod tree;

use freehold_base::{AccountId, LoginId};

pub use desk::{Desk, Guest};
pub use keys::{Generated, KeyText};
pub use lease::Lease;
pub use live::{Live, Seat};
pub use logins::{LoginChange, LoginRequest, LoginView, Place};
pub use pass::Pass;
pub use rules::{Service, Services};
pub use sign_in::{Knock, Step};
pub use tree::{Names, Node, Tree};

/// A login was made, changed or taken away: its open sessions look at their rights.
#[derive(Clone, Copy, Debug)]
pub struct LoginChanged {
    /// Whose files it opens.
    pub account: AccountId,
    /// Which.
    pub login: LoginId,
}
freehold_base::event!(LoginChanged, "access.login_changed");
