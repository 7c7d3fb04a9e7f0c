//! What the API shows. Field names are a promise: they may be added to, never changed.

use freehold_base::{Result, Role, Timestamp};
use freehold_publishing::content::{CardRow, Entry, Label, Term};
use freehold_store::jobs::Job;
use freehold_store::media::Media;
use freehold_store::sites::{Domain, Site};
use freehold_store::users::Person;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

/// A moment as RFC 3339; none for "never".
/// A moment; null where it never was.
pub fn moment(at: Timestamp) -> Option<String> {
    (at.ms() != 0).then(|| at.rfc3339())
}

fn raw(json: String) -> Result<Box<RawValue>> {
    RawValue::from_string(json).map_err(|e| freehold_base::Error::internal("reading stored JSON", e))
}

/// A term as it stands beside an entry.
#[derive(Debug, Serialize, ToSchema)]
pub struct TermRef {
    /// Its id.
    pub id: i64,
    /// `category`, `tag` or another one.
    pub taxonomy: String,
    /// Its name.
    pub name: String,
    /// Last part of its address.
    pub slug: String,
}

impl From<&Label> for TermRef {
    fn from(t: &Label) -> Self {
        Self { id: t.id.get(), taxonomy: t.taxonomy.clone(), name: t.name.clone(), slug: t.slug.clone() }
    }
}

/// An entry with its document.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntryView {
    /// Its id.
    pub id: i64,
    /// UUID that stays the same everywhere.
    pub public_id: String,
    /// `post`, `page` or an imported type.
    pub r#type: String,
    /// `draft`, `pending`, `scheduled`, `published`, `archived` or `trash`.
    pub status: String,
    /// `public`, `private` or `password`.
    pub visibility: String,
    /// Title, plain text.
    pub title: String,
    /// Last part of its address.
    pub slug: String,
    /// Its whole address on the site; null where it has none.
    pub path: Option<String>,
    /// Its address with the site's origin; null where it has none.
    pub url: Option<String>,
    /// Excerpt that somebody wrote.
    pub excerpt: String,
    /// The excerpt, or the first words.
    pub summary: String,
    /// Number of its author.
    pub author: i64,
    /// Entry above it; 0 for none.
    pub parent: i64,
    /// Cover image; 0 for none.
    pub cover: i64,
    /// Template of the theme.
    pub template: String,
    /// Order among its siblings.
    pub position: i64,
    /// Stays on top of the first page.
    pub sticky: bool,
    /// Accepts comments.
    pub comments_open: bool,
    /// Approved comments.
    pub comment_count: i64,
    /// Title for search engines.
    pub seo_title: String,
    /// Description for search engines.
    pub seo_description: String,
    /// Words of its text.
    pub word_count: i64,
    /// When it went or goes live.
    pub published_at: Option<String>,
    /// When it was made.
    pub created_at: String,
    /// When it was last saved.
    pub updated_at: String,
    /// Rises with every save; the ETag.
    pub version: i64,
    /// Its terms.
    pub terms: Vec<TermRef>,
    /// Further fields.
    #[schema(value_type = Object)]
    pub fields: Box<RawValue>,
    /// The text as a document tree.
    #[schema(value_type = Object)]
    pub document: Box<RawValue>,
}

impl EntryView {
    /// Of an entry; `origin` is its site's.
    ///
    /// # Errors
    /// `Internal` where stored JSON is broken.
    pub fn new(e: Entry, terms: &[Label], origin: &str) -> Result<Self> {
        Ok(Self {
            id: e.id.get(),
            public_id: e.public_id,
            r#type: e.kind,
            status: e.status,
            visibility: e.visibility,
            title: e.title,
            slug: e.slug,
            url: e.path.as_ref().map(|p| format!("{origin}{p}")),
            path: e.path,
            excerpt: e.excerpt,
            summary: e.summary,
            author: e.author_id.get(),
            parent: e.parent_id.get(),
            cover: e.cover_id.get(),
            template: e.template,
            position: e.position,
            sticky: e.sticky,
            comments_open: e.comments_open,
            comment_count: e.comment_count,
            seo_title: e.seo_title,
            seo_description: e.seo_description,
            word_count: e.word_count,
            published_at: moment(e.published_at),
            created_at: e.created_at.rfc3339(),
            updated_at: e.updated_at.rfc3339(),
            version: e.version,
            terms: terms.iter().map(TermRef::from).collect(),
            fields: raw(e.fields)?,
            document: raw(e.document)?,
        })
    }
}

/// An entry in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntryCard {
    /// Its id.
    pub id: i64,
    /// `post`, `page` or an imported type.
    pub r#type: String,
    /// Status.
    pub status: String,
    /// Visibility.
    pub visibility: String,
    /// Title.
    pub title: String,
    /// Last part of its address.
    pub slug: String,
    /// Its whole address on the site.
    pub path: Option<String>,
    /// Its address with the site's origin.
    pub url: Option<String>,
    /// Excerpt or first words.
    pub summary: String,
    /// Number of its author.
    pub author: i64,
    /// Their name.
    pub author_name: String,
    /// Entry above it; 0 for none.
    pub parent: i64,
    /// Order among its siblings.
    pub position: i64,
    /// Stays on top.
    pub sticky: bool,
    /// Approved comments.
    pub comment_count: i64,
    /// Words of its text.
    pub word_count: i64,
    /// When it went or goes live.
    pub published_at: Option<String>,
    /// When it was last saved.
    pub updated_at: String,
    /// Its version.
    pub version: i64,
    /// Its terms.
    pub terms: Vec<TermRef>,
}

impl EntryCard {
    /// Of a row; `origin` is its site's.
    pub fn new((card, author, _): CardRow, terms: &[Label], origin: &str) -> Self {
        Self {
            id: card.id.get(),
            r#type: card.kind,
            status: card.status,
            visibility: card.visibility,
            title: card.title,
            slug: card.slug,
            url: card.path.as_ref().map(|p| format!("{origin}{p}")),
            path: card.path,
            summary: card.summary,
            author: card.author_id.get(),
            author_name: author.name,
            parent: card.parent_id.get(),
            position: card.position,
            sticky: card.sticky,
            comment_count: card.comment_count,
            word_count: card.word_count,
            published_at: moment(card.published_at),
            updated_at: card.updated_at.rfc3339(),
            version: card.version,
            terms: terms.iter().map(TermRef::from).collect(),
        }
    }
}

/// A version of an entry.
#[derive(Debug, Serialize, ToSchema)]
pub struct VersionView {
    /// Its id.
    pub id: i64,
    /// The entry's version it is.
    pub version: i64,
    /// What made it.
    pub action: String,
    /// Who; 0 for the system.
    pub author: i64,
    /// Their name.
    pub author_name: String,
    /// When.
    pub created_at: String,
}

/// A term.
#[derive(Debug, Serialize, ToSchema)]
pub struct TermView {
    /// Its id.
    pub id: i64,
    /// `category`, `tag` or another one.
    pub taxonomy: String,
    /// Its name.
    pub name: String,
    /// Last part of its address.
    pub slug: String,
    /// Its whole address on the site.
    pub path: String,
    /// Its address with the site's origin.
    pub url: String,
    /// A few words about it.
    pub description: String,
    /// Term above it; 0 for none.
    pub parent: i64,
    /// Its image; 0 for none.
    pub image: i64,
    /// Template of the theme.
    pub template: String,
    /// Title for search engines.
    pub seo_title: String,
    /// Description for search engines.
    pub seo_description: String,
    /// Public entries that have it.
    pub entries: i64,
    /// When it was made.
    pub created_at: String,
}

impl TermView {
    /// Of a term; `origin` is its site's.
    pub fn new(t: Term, origin: &str) -> Self {
        Self {
            id: t.id.get(),
            taxonomy: t.taxonomy,
            name: t.name,
            slug: t.slug,
            url: format!("{origin}{}", t.path),
            path: t.path,
            description: t.description,
            parent: t.parent_id.get(),
            image: t.image_id,
            template: t.template,
            seo_title: t.seo_title,
            seo_description: t.seo_description,
            entries: t.entry_count,
            created_at: t.created_at.rfc3339(),
        }
    }
}

/// A file of the library.
#[derive(Debug, Serialize, ToSchema)]
pub struct MediaView {
    /// Its id.
    pub id: i64,
    /// UUID that stays the same everywhere.
    pub public_id: String,
    /// Name.
    pub filename: String,
    /// MIME type, from its content.
    pub content_type: String,
    /// Size.
    pub bytes: i64,
    /// Pixels; 0 where it has none.
    pub width: i64,
    /// Pixels; 0 where it has none.
    pub height: i64,
    /// Its address with the site's origin.
    pub url: String,
    /// Title.
    pub title: String,
    /// Description for people who do not see it.
    pub alt: String,
    /// Says nothing: needs no description.
    pub decorative: bool,
    /// Words below it.
    pub caption: String,
    /// Who made it.
    pub credit: String,
    /// Under which terms.
    pub licence: String,
    /// Who uploaded it.
    pub uploaded_by: i64,
    /// When.
    pub created_at: String,
}

impl MediaView {
    /// Of a file; `origin` is its site's.
    pub fn new(m: Media, origin: &str) -> Self {
        Self {
            url: format!("{origin}{}", freehold_publishing::library::address(&m)),
            id: m.id.get(),
            public_id: m.public_id,
            filename: m.filename,
            content_type: m.content_type,
            bytes: m.bytes,
            width: m.width,
            height: m.height,
            title: m.title,
            alt: m.alt,
            decorative: m.decorative,
            caption: m.caption,
            credit: m.credit,
            licence: m.licence,
            uploaded_by: m.uploaded_by,
            created_at: m.created_at.rfc3339(),
        }
    }
}

/// A site.
#[derive(Debug, Serialize, ToSchema)]
pub struct SiteView {
    /// Its id.
    pub id: i64,
    /// Its unique short name.
    pub name: String,
    /// Its account.
    pub account: i64,
    /// `cms`: pages made by a theme; `static`: files of the account.
    pub kind: String,
    /// `active` or `suspended`.
    pub status: String,
    /// `scheme://host[:port]` of its main name.
    pub url: String,
    /// Its host names, the main one first.
    pub domains: Vec<DomainView>,
    /// When it was made.
    pub created_at: String,
}

/// A host name of a site.
#[derive(Debug, Serialize, ToSchema)]
pub struct DomainView {
    /// Its id.
    pub id: i64,
    /// The name.
    pub host: String,
    /// `main`, `alias`, `redirect` or `wildcard`.
    pub kind: String,
    /// `live`, or `pending` until it is shown to be the owner's.
    pub state: String,
}

impl SiteView {
    /// Of a site with its names.
    pub fn new(s: Site, domains: Vec<Domain>, url: String) -> Self {
        let domains = domains
            .into_iter()
            .map(|d| DomainView { id: d.id.get(), host: d.host, kind: d.kind, state: d.state })
            .collect();
        Self {
            id: s.id.get(),
            name: s.name,
            account: s.account_id.get(),
            kind: s.kind,
            status: s.status,
            url,
            domains,
            created_at: s.created_at.rfc3339(),
        }
    }
}

/// A person.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserView {
    /// Their id.
    pub id: i64,
    /// E-mail.
    pub email: String,
    /// Name.
    pub name: String,
    /// Last part of their author page's address.
    pub slug: String,
    /// `active`, `invited` or `disabled`.
    pub status: String,
    /// Their role on the site; null in lists of the installation.
    pub role: Option<&'static str>,
    /// When they were added.
    pub created_at: String,
    /// When they last signed in.
    pub signed_in_at: Option<String>,
}

impl UserView {
    /// Of a person, with their role where a site is asked.
    pub fn new(p: Person, role: Option<Role>) -> Self {
        Self {
            id: p.id.get(),
            email: p.email,
            name: p.name,
            slug: p.slug,
            status: p.status,
            role: role.map(Role::name),
            created_at: p.created_at.rfc3339(),
            signed_in_at: moment(p.signed_in_at),
        }
    }
}

/// A job.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobView {
    /// Its id.
    pub id: i64,
    /// Its site; 0 for the installation's.
    pub site: i64,
    /// What it does.
    pub kind: String,
    /// The domain it is about; empty where it is about none.
    pub about: String,
    /// `waiting`, `paused`, `running`, `done`, `failed` or `cancelled`.
    pub state: String,
    /// Steps done.
    pub done: i64,
    /// Steps in all; 0 while unknown.
    pub total: i64,
    /// What it is doing, or why it failed.
    pub message: String,
    /// Its report; null before it ended.
    #[schema(value_type = Object)]
    pub result: Option<Box<RawValue>>,
    /// Times it was begun.
    pub attempts: i64,
    /// Somebody asked to stop it.
    pub cancel_asked: bool,
    /// Not before this moment.
    pub run_at: Option<String>,
    /// When it was asked for.
    pub created_at: String,
    /// When it last began.
    pub started_at: Option<String>,
    /// When it ended.
    pub ended_at: Option<String>,
}

impl From<Job> for JobView {
    fn from(j: Job) -> Self {
        Self {
            id: j.id.get(),
            site: j.site_id.get(),
            about: freehold_platform::jobs::about(&j),
            kind: j.kind,
            state: j.state,
            done: j.done,
            total: j.total,
            message: j.message,
            result: RawValue::from_string(j.result).ok(),
            attempts: j.attempts,
            cancel_asked: j.cancel_asked,
            run_at: moment(j.run_at),
            created_at: j.created_at.rfc3339(),
            started_at: moment(j.started_at),
            ended_at: moment(j.ended_at),
        }
    }
}
