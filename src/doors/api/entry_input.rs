//! What may be sent for an entry, and what it means.

use freehold_base::{Code, EntryId, Error, MediaId, Result, SiteId, TermId, Timestamp, UserId};
use freehold_platform::secrets::Keyring;
use freehold_publishing::content::{Body, Changes, Intent, TermsOf, password};
use freehold_publishing::document::json_depth;
use serde::Deserialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

/// Levels that `fields` may have (security rule B3).
const FIELDS_DEPTH: usize = 64;

/// An entry to make or change. What is not named stays; a text comes as `document`, `markdown` or `html`.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct EntryInput {
    /// `post` (default), `page` or another type. Only when it is made.
    pub r#type: Option<String>,
    /// `draft`, `pending`, `published` (in the future: `scheduled`) or `archived`.
    pub status: Option<String>,
    /// The version this change was made on; a newer one answers 409. `If-Match` does the same with 412.
    pub version: Option<i64>,
    /// Title, plain text, at most 300 characters.
    pub title: Option<String>,
    /// Last part of the address; empty: made from the title.
    pub slug: Option<String>,
    /// Excerpt, at most 2,000 characters.
    pub excerpt: Option<String>,
    /// The text as a document tree.
    #[schema(value_type = Object)]
    pub document: Option<Box<RawValue>>,
    /// The text as Markdown.
    pub markdown: Option<String>,
    /// The text as HTML.
    pub html: Option<String>,
    /// `public`, `private` or `password`.
    pub visibility: Option<String>,
    /// Password for visibility `password`.
    pub password: Option<String>,
    /// Number of the author; another person's needs `entries.write_all`.
    pub author: Option<i64>,
    /// Entry above it; 0 for none.
    pub parent: Option<i64>,
    /// Cover image; 0 for none.
    pub cover: Option<i64>,
    /// Template of the theme.
    pub template: Option<String>,
    /// Order among its siblings.
    pub position: Option<i64>,
    /// Stays on top of the first page.
    pub sticky: Option<bool>,
    /// Accepts comments.
    pub comments_open: Option<bool>,
    /// Title for search engines, at most 200 characters.
    pub seo_title: Option<String>,
    /// Description for search engines, at most 500 characters.
    pub seo_description: Option<String>,
    /// Ids of its categories and other terms, all of them.
    pub terms: Option<Vec<i64>>,
    /// Its tags by name, all of them; new ones are made.
    pub tags: Option<Vec<String>>,
    /// When it goes or went live, RFC 3339.
    pub published_at: Option<String>,
    /// Further fields; replaces all.
    #[schema(value_type = Object)]
    pub fields: Option<Box<RawValue>>,
}

impl EntryInput {
    /// What the status asks for.
    ///
    /// # Errors
    /// `Invalid("status")`.
    pub fn intent(&self) -> Result<Intent> {
        match self.status.as_deref() {
            None => Ok(Intent::Keep),
            Some("draft") => Ok(Intent::Draft),
            Some("pending") => Ok(Intent::Submit),
            Some("published" | "scheduled") => Ok(Intent::Publish),
            Some("archived") => Ok(Intent::Archive),
            Some(_) => {
                Err(Error::invalid("status", Code::NotAllowed, "draft, pending, published, scheduled, archived"))
            }
        }
    }

    /// The wanted changes on a site; a password is sealed.
    ///
    /// # Errors
    /// `Invalid` (text in several forms, published_at, fields, password).
    pub fn changes(self, keys: &Keyring, site: SiteId) -> Result<Changes> {
        let body = match (self.document, self.markdown, self.html) {
            (None, None, None) => None,
            (Some(tree), None, None) => Some(Body::Json(String::from(Box::<str>::from(tree)))),
            (None, Some(text), None) => Some(Body::Markdown(text)),
            (None, None, Some(text)) => Some(Body::Html(text)),
            _ => return Err(Error::invalid("document", Code::Malformed, "one of document, markdown and html")),
        };
        let at = |text: String| {
            Timestamp::parse_rfc3339(&text).ok_or_else(|| Error::invalid("published_at", Code::DateMalformed, ""))
        };
        let fields = self.fields.map(|f| String::from(Box::<str>::from(f)));
        if fields.as_deref().is_some_and(|f| !f.starts_with('{')) {
            return Err(Error::invalid(
                "fields",
                Code::Malformed,
                "an object in { }, such as {\"subtitle\": \"By the sea\"}",
            ));
        }
        // Deeper ones could be stored and never be read again: the reader of versions has a bound of its own (B3).
        if fields.as_deref().is_some_and(|f| json_depth(f) > FIELDS_DEPTH) {
            return Err(Error::invalid("fields", Code::TooDeep, FIELDS_DEPTH.to_string()));
        }
        Ok(Changes {
            title: self.title,
            slug: self.slug,
            excerpt: self.excerpt,
            body,
            visibility: self.visibility,
            password: self.password.map(|typed| password::seal(keys, site, &typed)).transpose()?,
            author: self.author.map(UserId),
            parent: self.parent.map(EntryId),
            cover: self.cover.map(MediaId),
            template: self.template,
            position: self.position,
            sticky: self.sticky,
            comments_open: self.comments_open,
            seo_title: self.seo_title,
            seo_description: self.seo_description,
            terms: self.terms.map(|ids| ids.into_iter().map(TermId).collect()),
            terms_of: TermsOf::default(),
            tags: self.tags,
            published_at: self.published_at.map(at).transpose()?,
            fields,
        })
    }
}
