//! Posts and pages: list, write, publish, trash.

pub mod edit;
pub mod list;
pub mod save;
pub mod unsaved;
pub mod compare;
pub mod versions;
pub mod act;

use freehold_base::{EntryId, Error, Result};

use super::ctx::Ctx;

/// Which content type an address means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Noun {
    /// In the database and in words: `post`.
    pub kind: &'static str,
    /// In addresses: `posts`.
    pub plural: &'static str,
    /// On the screen.
    pub label: &'static str,
}

/// Posts.
pub const POSTS: Noun = Noun { kind: "post", plural: "posts", label: "Posts" };
/// Pages.
pub const PAGES: Noun = Noun { kind: "page", plural: "pages", label: "Pages" };

impl Ctx {
    /// The noun of this address.
    pub(super) fn noun(&self) -> Noun {
        if self.path.split('/').nth(4) == Some("pages") { PAGES } else { POSTS }
    }
    /// `/admin/s/1`
    pub(super) fn base(&self) -> String {
        format!("/admin/s/{}", self.site)
    }
    /// The entry of this address.
    pub(super) fn entry_id(&self) -> Result<EntryId> {
        self.path.split('/').nth(5).and_then(|id| id.parse().ok()).ok_or_else(|| Error::not_found("entry"))
    }
}

/// A title for lists.
pub(super) fn shown_title(title: &str) -> String {
    if title.is_empty() { "Untitled".into() } else { title.into() }
}

/// Word and colour of a status.
pub(super) fn status_word(status: &str, visibility: &str) -> (&'static str, &'static str) {
    match (status, visibility) {
        ("published", "private") => ("Private", "info"),
        ("published", "password") => ("With password", "good"),
        ("published", _) => ("Published", "good"),
        ("scheduled", _) => ("Scheduled", "info"),
        ("pending", _) => ("In review", "warn"),
        ("archived", _) => ("Archived", "ring"),
        ("trash", _) => ("In the trash", "bad"),
        _ => ("Draft", "ring"),
    }
}
