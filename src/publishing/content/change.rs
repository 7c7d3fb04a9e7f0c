//! What somebody wants to be different. Everything is optional: what is not named stays.

use freehold_base::{EntryId, MediaId, TermId, Timestamp, UserId};

/// The text of an entry, in the form it was written.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// The document tree as JSON.
    Json(String),
    /// Markdown (GFM).
    Markdown(String),
    /// HTML, classic or with WordPress' block comments.
    Html(String),
}

/// Tags by name; unknown ones are made.
pub type TagNames = Vec<String>;

/// Which taxonomies a list of terms speaks for. In the others an entry keeps what it has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum TermsOf {
    /// All but tags, which have their own list of names.
    #[default]
    AllButTags,
    /// All: what is not named goes.
    All,
    /// These: what somebody saw in a form that shows no others.
    Only(Vec<String>),
}

impl TermsOf {
    /// Whether terms of this taxonomy are replaced.
    pub(super) fn has(&self, taxonomy: &str) -> bool {
        match self {
            Self::AllButTags => taxonomy != "tag",
            Self::All => true,
            Self::Only(names) => names.iter().any(|n| n == taxonomy),
        }
    }
}

/// Wanted changes of an entry.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    /// Title, plain text, at most 300 characters.
    pub title: Option<String>,
    /// Last part of the address; empty: made from the title.
    pub slug: Option<String>,
    /// Written excerpt, at most 2,000 characters.
    pub excerpt: Option<String>,
    /// The text.
    pub body: Option<Body>,
    /// `public`, `private` or `password`.
    pub visibility: Option<String>,
    /// Password for visibility `password`.
    pub password: Option<String>,
    /// Author; needs the right to write everybody's entries.
    pub author: Option<UserId>,
    /// Entry above; `EntryId(0)` for none.
    pub parent: Option<EntryId>,
    /// Cover image; `MediaId(0)` for none.
    pub cover: Option<MediaId>,
    /// Template of the theme.
    pub template: Option<String>,
    /// Order among siblings.
    pub position: Option<i64>,
    /// Stays on top of the first page.
    pub sticky: Option<bool>,
    /// Accepts comments.
    pub comments_open: Option<bool>,
    /// Title for search engines, at most 200 characters.
    pub seo_title: Option<String>,
    /// Description for search engines, at most 500 characters.
    pub seo_description: Option<String>,
    /// Categories and other terms, all of those that `terms_of` names.
    pub terms: Option<Vec<TermId>>,
    /// Which taxonomies `terms` speaks for.
    pub terms_of: TermsOf,
    /// Tags by name, all of them.
    pub tags: Option<TagNames>,
    /// When it goes or went live.
    pub published_at: Option<Timestamp>,
    /// Further fields as a JSON object; replaces all.
    pub fields: Option<String>,
}
