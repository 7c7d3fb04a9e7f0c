//! What a WordPress export holds.

use freehold_base::Timestamp;

/// One record of an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// The site; always first.
    Site(SiteInfo),
    /// A person who wrote.
    Author(Author),
    /// A category, a tag or a term of another taxonomy.
    Term(Term),
    /// A post, page, attachment, menu item or anything else.
    Item(Box<Item>),
}

/// The site an export was made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SiteInfo {
    /// Its title.
    pub title: String,
    /// Its address.
    pub link: String,
    /// Its tagline.
    pub description: String,
    /// The address of the network's main site.
    pub base_site_url: String,
    /// The address of the blog.
    pub base_blog_url: String,
    /// "en-US".
    pub language: String,
    /// The format's version: "1.2"; empty where it is not said.
    pub version: String,
}

/// A person who wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Author {
    /// Number in the other system; 0 where missing.
    pub wp_id: i64,
    /// The name that items name as their creator.
    pub login: String,
    /// Email address, as written.
    pub email: String,
    /// The name that visitors see.
    pub display_name: String,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
}

/// A term of a taxonomy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Term {
    /// "category", "post_tag", "nav_menu" or a name of the site's own.
    pub taxonomy: String,
    /// Its slug.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// The parent's slug; empty for none.
    pub parent: String,
    /// What it is about; may hold HTML.
    pub description: String,
    /// Number in the other system; 0 where missing.
    pub term_id: i64,
    /// Further values.
    pub meta: Vec<(String, String)>,
}

/// A term on an item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ItemTerm {
    /// "category", "post_tag", "post_format", …
    pub taxonomy: String,
    /// Its slug; empty in very old exports.
    pub slug: String,
    /// Its name.
    pub name: String,
}

/// A post, page, attachment, menu item or anything else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item {
    /// Number in the other system; 0 where missing.
    pub wp_id: i64,
    /// "post", "page", "attachment", "nav_menu_item", or a type of the site's own.
    pub kind: String,
    /// Its title; may hold HTML and character references.
    pub title: String,
    /// Where it was read.
    pub link: String,
    /// Its globally unique name.
    pub guid: String,
    /// Login of the person who wrote it.
    pub creator: String,
    /// When it was published; `None` for drafts (zeros).
    pub pub_date_gmt: Option<Timestamp>,
    /// When it was changed last, where the export says.
    pub modified: Option<Timestamp>,
    /// Its slug; empty for most drafts.
    pub slug: String,
    /// "publish", "draft", "pending", "private", "future", "inherit", "trash", …
    pub status: String,
    /// The parent's number; 0 for none.
    pub parent: i64,
    /// Its place among its siblings.
    pub menu_order: i64,
    /// Password to read it; empty for none.
    pub password: String,
    /// Whether it stays in front.
    pub is_sticky: bool,
    /// "open" or "closed".
    pub comment_status: String,
    /// "open" or "closed".
    pub ping_status: String,
    /// The body.
    pub content: String,
    /// The excerpt.
    pub excerpt: String,
    /// Where an attachment's file is; empty for others.
    pub attachment_url: String,
    /// Its terms.
    pub terms: Vec<ItemTerm>,
    /// Further values, in order; a key may stand several times.
    pub meta: Vec<(String, String)>,
    /// Its comments, in the file's order.
    pub comments: Vec<Comment>,
}

impl Item {
    /// The first further value with that key.
    pub fn meta(&self, key: &str) -> Option<&str> {
        self.meta.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }
}

/// A comment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comment {
    /// Number in the other system; 0 where missing.
    pub wp_id: i64,
    /// The writer's name.
    pub author: String,
    /// The writer's email address.
    pub email: String,
    /// The writer's site.
    pub url: String,
    /// The writer's network address.
    pub ip: String,
    /// When it was written.
    pub date_gmt: Option<Timestamp>,
    /// What it says; may hold HTML.
    pub content: String,
    /// "1", "0", "spam", "trash".
    pub approved: String,
    /// Empty or "comment"; "pingback", "trackback", …
    pub kind: String,
    /// The number of the comment it answers; 0 for none.
    pub parent: i64,
    /// The writer's number, for people with an account; 0 for others.
    pub user_id: i64,
    /// Further values.
    pub meta: Vec<(String, String)>,
}
