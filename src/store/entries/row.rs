//! What an entry looks like: whole, in a list, and with what stands beside it.

use diesel::prelude::*;
use freehold_base::{EntryId, MediaId, SiteId, Timestamp, UserId};

use crate::schema::{entries, media, users};

/// An entry with its document.
#[derive(Clone, Debug, Default, PartialEq, Queryable, Selectable, AsChangeset)]
#[diesel(table_name = entries)]
#[diesel(treat_none_as_null = true)]
pub struct Entry {
    /// Its id.
    #[diesel(deserialize_as = i64, serialize_as = i64)]
    pub id: EntryId,
    /// Its site.
    #[diesel(deserialize_as = i64, serialize_as = i64)]
    pub site_id: SiteId,
    /// uuid v7 for the outside.
    pub public_id: String,
    /// Content type: `post`, `page`, or an imported one.
    pub kind: String,
    /// `draft`, `pending`, `scheduled`, `published`, `archived` or `trash`.
    pub status: String,
    /// Status to go back to from the trash.
    pub status_before_trash: String,
    /// `public`, `private` or `password`.
    pub visibility: String,
    /// Password that opens it, where visibility is `password`.
    pub password: String,
    /// Title, plain text.
    pub title: String,
    /// Last part of its address.
    pub slug: String,
    /// Its whole address on the site; none for drafts without a slug and in the trash.
    pub path: Option<String>,
    /// Excerpt that somebody wrote; may be empty.
    pub excerpt: String,
    /// The excerpt, or the first words of the text.
    pub summary: String,
    /// The document as JSON.
    pub document: String,
    /// Further fields as a JSON object.
    pub fields: String,
    /// Who wrote it.
    #[diesel(deserialize_as = i64, serialize_as = i64)]
    pub author_id: UserId,
    /// Entry above it in the tree; 0 for none.
    #[diesel(deserialize_as = i64, serialize_as = i64)]
    pub parent_id: EntryId,
    /// Cover image; 0 for none.
    #[diesel(deserialize_as = i64, serialize_as = i64)]
    pub cover_id: MediaId,
    /// Template of the theme; empty for the usual one.
    pub template: String,
    /// Order among its siblings.
    pub position: i64,
    /// Stays on top of the first page.
    pub sticky: bool,
    /// Whether comments are accepted.
    pub comments_open: bool,
    /// Approved comments.
    pub comment_count: i64,
    /// Title for search engines; empty for the title.
    pub seo_title: String,
    /// Description for search engines; empty for the summary.
    pub seo_description: String,
    /// Words in the text.
    pub word_count: i64,
    /// When it went or goes live; 0 before that is known.
    #[diesel(deserialize_as = i64, serialize_as = i64)]
    pub published_at: Timestamp,
    /// When it was made.
    #[diesel(deserialize_as = i64, serialize_as = i64)]
    pub created_at: Timestamp,
    /// When it was last saved.
    #[diesel(deserialize_as = i64, serialize_as = i64)]
    pub updated_at: Timestamp,
    /// When it went to the trash; 0 otherwise.
    #[diesel(deserialize_as = i64, serialize_as = i64)]
    pub trashed_at: Timestamp,
    /// Rises at every save.
    pub version: i64,
    /// Its row in the search index.
    pub search_key: i64,
}

impl Entry {
    /// A draft without anything in it, to be filled; its number is 0.
    pub fn blank(site: SiteId, kind: &str, author: UserId) -> Self {
        Self {
            id: EntryId(0),
            site_id: site,
            public_id: freehold_base::text::uuid(),
            kind: kind.to_owned(),
            status: "draft".into(),
            status_before_trash: String::new(),
            visibility: "public".into(),
            password: String::new(),
            title: String::new(),
            slug: String::new(),
            path: None,
            excerpt: String::new(),
            summary: String::new(),
            document: String::new(),
            fields: "{}".into(),
            author_id: author,
            parent_id: EntryId(0),
            cover_id: MediaId(0),
            template: String::new(),
            position: 0,
            sticky: false,
            comments_open: false,
            comment_count: 0,
            seo_title: String::new(),
            seo_description: String::new(),
            word_count: 0,
            published_at: Timestamp(0),
            created_at: Timestamp(0),
            updated_at: Timestamp(0),
            trashed_at: Timestamp(0),
            version: 0,
            search_key: 0,
        }
    }
    /// Whether every visitor may read it.
    pub fn is_live(&self) -> bool {
        self.status == "published" && self.visibility != "private"
    }
}

/// An entry in a list: no document; author and cover beside it.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = entries)]
pub struct Card {
    /// Its id.
    #[diesel(deserialize_as = i64)]
    pub id: EntryId,
    /// Content type.
    pub kind: String,
    /// Status.
    pub status: String,
    /// Visibility.
    pub visibility: String,
    /// Title.
    pub title: String,
    /// Slug.
    pub slug: String,
    /// Address.
    pub path: Option<String>,
    /// Excerpt or first words.
    pub summary: String,
    /// Author.
    #[diesel(deserialize_as = i64)]
    pub author_id: UserId,
    /// Entry above it.
    #[diesel(deserialize_as = i64)]
    pub parent_id: EntryId,
    /// Order among its siblings.
    pub position: i64,
    /// Stays on top.
    pub sticky: bool,
    /// Approved comments.
    pub comment_count: i64,
    /// Words.
    pub word_count: i64,
    /// When it went or goes live.
    #[diesel(deserialize_as = i64)]
    pub published_at: Timestamp,
    /// When it was last saved.
    #[diesel(deserialize_as = i64)]
    pub updated_at: Timestamp,
    /// When it went to the trash.
    #[diesel(deserialize_as = i64)]
    pub trashed_at: Timestamp,
    /// Version.
    pub version: i64,
}

/// Name and address of an author.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = users)]
pub struct Author {
    /// Who.
    #[diesel(deserialize_as = i64)]
    pub id: UserId,
    /// Shown name.
    pub name: String,
    /// Last part of the author page's address.
    pub slug: String,
    /// A few words about them.
    pub bio: String,
}

/// A cover image.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = media)]
pub struct Cover {
    /// Which.
    #[diesel(deserialize_as = i64)]
    pub id: MediaId,
    /// Content hash.
    pub hash: String,
    /// File name.
    pub filename: String,
    /// MIME type.
    pub content_type: String,
    /// Pixels.
    pub width: i64,
    /// Pixels.
    pub height: i64,
    /// Main colour, `#rrggbb`.
    pub colour: String,
    /// Description.
    pub alt: String,
    /// Caption.
    pub caption: String,
}

/// A card with what stands beside it.
pub type CardRow = (Card, Author, Option<Cover>);
