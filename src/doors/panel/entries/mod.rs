//! Posts and pages: list, write, publish, trash.

pub mod edit;
pub mod asked;
pub mod list;
pub mod list_view;
pub mod export;
pub mod save;
pub mod unsaved;
pub mod compare;
pub mod versions;
pub mod act;

use std::sync::{Mutex, PoisonError};

use freehold_base::{EntryId, Error, Result};

use super::ctx::Ctx;
use super::menu;

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

/// Own content types that addresses named, with their words: they live as long as the program.
static TYPES: Mutex<Vec<Noun>> = Mutex::new(Vec::new());
/// Most of them; what an import brings is far below.
const MOST_TYPES: usize = 500;

/// The noun of an own content type, such as an import brings; none for a name that no type has.
fn own_type(kind: &str) -> Option<Noun> {
    let fine = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    if kind.is_empty() || kind.len() > 64 || !kind.chars().all(fine) {
        return None;
    }
    let mut known = TYPES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(noun) = known.iter().find(|noun| noun.kind == kind) {
        return Some(*noun);
    }
    if known.len() >= MOST_TYPES {
        return None;
    }
    let keep = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
    let noun =
        Noun { kind: keep(kind.to_owned()), plural: keep(format!("types/{kind}")), label: keep(menu::spoken(kind)) };
    known.push(noun);
    Some(noun)
}

/// Where a kind's entries stand below a site: `posts`, `pages`, `types/book`.
pub(super) fn list_of(kind: &str) -> String {
    match kind {
        "post" => "posts".to_owned(),
        "page" => "pages".to_owned(),
        own => format!("types/{own}"),
    }
}

impl Ctx {
    /// The noun of this address.
    pub(super) fn noun(&self) -> Noun {
        let mut parts = self.path.split('/').skip(4);
        match parts.next() {
            Some("pages") => PAGES,
            Some("types") => parts.next().and_then(own_type).unwrap_or(POSTS),
            _ => POSTS,
        }
    }
    /// `/admin/s/1`
    pub(super) fn base(&self) -> String {
        format!("/admin/s/{}", self.site)
    }
    /// The entry of this address.
    pub(super) fn entry_id(&self) -> Result<EntryId> {
        let mut parts = self.path.split('/').skip(4);
        let id = if parts.next() == Some("types") { parts.nth(1) } else { parts.next() };
        id.and_then(|id| id.parse().ok()).ok_or_else(|| Error::not_found("entry"))
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
