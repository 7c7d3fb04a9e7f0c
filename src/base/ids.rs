//! Row ids as types of their own, so that a site's number can never stand where an entry's is meant.

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl $name {
            /// The number stored in the database.
            pub const fn get(self) -> i64 {
                self.0
            }
        }
        impl From<i64> for $name {
            fn from(id: i64) -> Self {
                Self(id)
            }
        }
        impl From<$name> for i64 {
            fn from(id: $name) -> i64 {
                id.0
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;
            fn from_str(s: &str) -> std::result::Result<Self, Self::Err> {
                s.parse().map(Self)
            }
        }
    )*};
}

ids! {
    /// An account: the unit of ownership and limits.
    AccountId,
    /// A plan: the limits and features of accounts.
    PlanId,
    /// Somebody who sells web space; 0: the installation itself.
    ResellerId,
    /// A person who signs in to the panel.
    UserId,
    /// A signed-in session.
    SessionId,
    /// An API token.
    TokenId,
    /// A passkey of a person.
    PasskeyId,
    /// A site.
    SiteId,
    /// A host name of a site.
    DomainId,
    /// A redirect of a site.
    RedirectId,
    /// A response header that a site sends.
    HeaderId,
    /// A folder of a site with a password.
    FolderId,
    /// Somebody who knows the password of such a folder.
    FolderUserId,
    /// An entry. Entries, media and menu items share one sequence.
    EntryId,
    /// A revision of an entry.
    RevisionId,
    /// A term of a taxonomy.
    TermId,
    /// A piece of media. Shares the sequence of [`EntryId`].
    MediaId,
    /// A comment.
    CommentId,
    /// A navigation menu.
    MenuId,
    /// One line of a menu. Shares the sequence of [`EntryId`].
    MenuItemId,
    /// A login to the files of an account.
    LoginId,
    /// An SSH key.
    KeyId,
    /// A row of slow work.
    JobId,
    /// How a site looked once.
    DesignStateId,
    /// A command of an account that runs at set times.
    CronJobId,
    /// One run of such a command.
    CronRunId,
    /// A row of the audit log.
    AuditId,
}
