//! What a template sees: view structs made for pages, and nothing else (security rule D3).
//!
//! Times are milliseconds since 1970 UTC. Addresses are absolute or start with `/`. Fields of type [`Html`] hold
//! markup that was cleaned before (rule D4) and are printed as it is; every other text is escaped when printed.

use std::collections::{BTreeMap, HashMap};
use std::ops::Deref;
use std::sync::{Arc, LazyLock};

use serde::{Serialize, Serializer};
use tera::Value;
use tera::value::Key;

/// Every field of every context, `[]` for the items of a list, `*` for keys that a site or a theme chooses. A test
/// compares it with what pages really hold; the theme check knows names by it.
pub const FIELDS: &str = include_str!("fields.txt");

/// The names that a template begins with.
pub const NAMES: &[&str] =
    &["site", "request", "page", "menus", "theme", "plugins", "now", "entries", "entry", "term", "author"];

/// Cleaned markup.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Html(pub String);

impl Deref for Html {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

/// Everything one page is made from.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The site.
    pub site: Site,
    /// What was asked for.
    pub request: Request,
    /// The page itself.
    pub page: PageView,
    /// Menus by the theme's location.
    pub menus: BTreeMap<String, Vec<MenuItem>>,
    /// The entry of a single page.
    pub entry: Option<EntryView>,
    /// The entries of a list, newest first.
    pub entries: Vec<EntryView>,
    /// The term of a term's list.
    pub term: Option<TermView>,
    /// The author of an author's list.
    pub author: Option<AuthorView>,
    /// Values of the theme's settings that differ from their defaults.
    pub settings: BTreeMap<String, serde_json::Value>,
    /// Markup that plugins add, by slot (`head`, `foot`, `after_entry` …).
    pub slots: BTreeMap<String, Html>,
    /// What plugins tell templates: `plugins.<id>`.
    pub plugins: BTreeMap<String, serde_json::Value>,
    /// What a visitor typed into the comment form and why it was refused; `comments()` shows it.
    pub typed: Typed,
    /// The moment of rendering; templates read no clock.
    pub now: i64,
}

/// A comment that was refused.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Typed {
    /// Name.
    pub name: String,
    /// Address of e-mail.
    pub email: String,
    /// Their site.
    pub url: String,
    /// The words.
    pub body: String,
    /// Why, as sentences; empty where nothing was refused.
    pub refused: String,
}

/// The site.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Site {
    /// Its name.
    pub title: String,
    /// One sentence below the name; may be empty.
    pub tagline: String,
    /// Its origin without a slash at the end: `https://example.org`.
    pub url: String,
    /// BCP 47 tag: `en`, `de-CH`, `ar`.
    pub locale: String,
    /// Whether the language runs from right to left.
    pub rtl: bool,
    /// An IANA name: `Europe/Stockholm`.
    pub timezone: String,
    /// Its logo.
    pub logo: Option<MediaView>,
    /// Its icon, for browser tabs.
    pub icon: Option<MediaView>,
    /// Address of the feed, empty for none: `/feed/`.
    pub feed_url: String,
    /// Whether search engines may list the site.
    pub is_public: bool,
    /// The site's own values, by name.
    pub globals: BTreeMap<String, String>,
}

/// What was asked for.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Request {
    /// The canonical path.
    pub path: String,
    /// The address with the site's origin.
    pub url: String,
    /// The searched words, as typed; empty elsewhere.
    pub query: String,
    /// Whether an editor looks at a draft.
    pub is_preview: bool,
    /// The comment that the form answers; 0 for none.
    pub reply: i64,
    /// What became of a comment that was just sent: `live`, `waiting`; `wrong`: a password that did not open the entry.
    pub said: String,
}

/// The page itself.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PageView {
    /// `home`, `front`, `entry`, `term`, `author`, `date`, `archive`, `search`, `404`, `error`.
    pub kind: String,
    /// Its heading; empty on the home page.
    pub title: String,
    /// The whole title for browsers and search engines; empty: made from `title` and the site's name.
    pub browser_title: String,
    /// A sentence on it, for search engines and shared links; may be empty.
    pub description: String,
    /// Whether somebody wrote `description` for this page alone.
    pub described: bool,
    /// Its one address; empty when it has none (404).
    pub canonical: String,
    /// The list's pages.
    pub pagination: Pagination,
    /// The way here, from the site's root; without the page itself.
    pub breadcrumbs: Vec<Link>,
    /// The same page in other languages.
    pub alternates: Vec<Alternate>,
    /// Whether search engines must not list it.
    pub noindex: bool,
    /// The picture of shared links; the entry's is taken when none.
    pub image: Option<MediaView>,
    /// Address of a picture that is drawn for shared links where there is no other; empty for none.
    pub share: String,
    /// The HTTP status of an error page, else 200.
    pub status: u16,
    /// A notice above the content (`Your comment is waiting for approval.`); may be empty.
    pub notice: String,
    /// Address of a feed of this page alone (a term's posts, an entry's comments); empty for none.
    pub feed: String,
    /// Other forms of a search's results.
    pub choices: Vec<Choice>,
}

/// Another form of the same list: an order, or only one type.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Choice {
    /// `order` or `type`.
    pub group: String,
    /// The key of its words: `by_relevance`, `newest_first`, `type_all`, `type_post` …
    pub key: String,
    /// Its address.
    pub url: String,
    /// Whether it is shown now.
    pub is_current: bool,
}

/// Where a list's page stands. Pages are reached by key, so only the neighbours are known.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Pagination {
    /// The number of this page, from 1; 0 when the page is no list.
    pub number: u32,
    /// Address of the page with newer entries; empty for none.
    pub newer: String,
    /// Address of the page with older entries; empty for none.
    pub older: String,
    /// How many entries the whole list has, where that is known.
    pub total: Option<u64>,
    /// Whether there are more than `total`: nobody counts on.
    pub more: bool,
}

/// A link.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Link {
    /// Its text.
    pub title: String,
    /// Its address.
    pub url: String,
}

/// A page in another language.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Alternate {
    /// BCP 47 tag.
    pub locale: String,
    /// Its absolute address.
    pub url: String,
}

/// An entry of a menu.
#[derive(Clone, Debug, Default, Serialize)]
pub struct MenuItem {
    /// Its text.
    pub title: String,
    /// Its address.
    pub url: String,
    /// Whether this page is shown now.
    pub is_current: bool,
    /// Whether it opens another tab.
    pub new_tab: bool,
    /// What stands below it, at most three levels.
    pub children: Vec<MenuItem>,
}

/// A picture or file.
#[derive(Clone, Debug, Default, Serialize)]
pub struct MediaView {
    /// Its id.
    pub id: i64,
    /// Address of the file as uploaded.
    pub url: String,
    /// What it shows, for people who do not see it; empty when it only decorates.
    pub alt: String,
    /// Its caption.
    pub caption: String,
    /// Width in pixels; 0 when not a picture.
    pub width: u32,
    /// Height in pixels; 0 when not a picture.
    pub height: u32,
    /// `image/jpeg`.
    pub mime: String,
    /// Ready variants in any order.
    pub variants: Vec<Variant>,
    /// The point that stays visible when it is cropped, in percent from the left and the top.
    pub focus: Option<(u8, u8)>,
}

impl MediaView {
    /// The address of its smallest copy that every browser of these years shows; its own where there is none.
    pub(crate) fn small(&self) -> &str {
        let copies = self.variants.iter().filter(|v| v.mime == "image/webp");
        copies.min_by_key(|v| v.width).map_or(&self.url, |v| &v.url)
    }
}

/// A ready size of a picture.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Variant {
    /// Width in pixels.
    pub width: u32,
    /// `image/webp`, `image/avif` or `image/jpeg`.
    pub mime: String,
    /// Its address.
    pub url: String,
}

/// A published entry.
#[derive(Clone, Debug, Default, Serialize)]
pub struct EntryView {
    /// Its id.
    pub id: i64,
    /// Its content type: `post`, `page`, or an own one.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its title; may be empty.
    pub title: String,
    /// Its slug.
    pub slug: String,
    /// Its address.
    pub url: String,
    /// Plain text, at most a few sentences; may be empty.
    pub excerpt: String,
    /// Its cleaned body; empty in lists.
    #[serde(skip)]
    pub html: Html,
    /// Its headings.
    pub toc: Vec<TocItem>,
    /// Minutes to read it, at least 1.
    pub reading_time: u32,
    /// When it became public.
    pub published_at: i64,
    /// When it was changed last.
    pub updated_at: i64,
    /// Who wrote it, in order; entries of a list share them.
    #[serde(skip)]
    pub authors: Vec<Arc<AuthorView>>,
    /// Its terms by taxonomy: `category`, `tag`, own ones; entries of a list share them.
    #[serde(skip)]
    pub terms: BTreeMap<String, Vec<Arc<TermView>>>,
    /// Its picture.
    pub image: Option<MediaView>,
    /// Its own fields.
    pub fields: BTreeMap<String, serde_json::Value>,
    /// The entry published before it.
    pub prev: Option<Link>,
    /// The entry published after it.
    pub next: Option<Link>,
    /// Its comments; none in lists.
    #[serde(skip)]
    pub comments: Comments,
    /// Whether the visitor may read it all.
    pub can_read: bool,
    /// Whether a password opens it: `unlock(entry)` asks for it.
    pub needs_password: bool,
    /// Whether it is pinned above the others.
    pub is_sticky: bool,
    /// What a search found in it: its title, and words around the first match, with the found words in `<mark>`;
    /// `title_found` and `found` in templates, empty elsewhere.
    #[serde(skip)]
    pub found: Option<(Html, Html)>,
}

/// A heading inside an entry.
#[derive(Clone, Debug, Default, Serialize)]
pub struct TocItem {
    /// 2 to 4.
    pub level: u8,
    /// Its text.
    pub title: String,
    /// Its anchor without `#`.
    pub id: String,
}

/// The comments of an entry.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Comments {
    /// How many are public.
    pub count: u64,
    /// Whether new ones are taken.
    pub open: bool,
    /// The public ones of this page as a tree, oldest first; `comments(entry)` draws them.
    #[serde(skip)]
    pub tree: Vec<CommentView>,
    /// Which page of comments this is, from 1.
    pub page: u64,
    /// How many pages of comments there are; 0 and 1: all stand here.
    pub pages: u64,
    /// Address of the page with older comments; empty for none.
    pub older: String,
    /// Address of the page with newer comments; empty for none.
    pub newer: String,
}

impl Comments {
    /// Whether there are none, and none are taken.
    pub(crate) const fn is_none(&self) -> bool {
        self.count == 0 && !self.open
    }
}

/// A comment.
#[derive(Clone, Debug, Default)]
pub struct CommentView {
    /// Its id.
    pub id: i64,
    /// The name it was signed with.
    pub author: String,
    /// The author's own page; empty for none.
    pub url: String,
    /// Its cleaned text.
    pub html: Html,
    /// When it was written.
    pub published_at: i64,
    /// Whether it is by an author of the entry.
    pub by_author: bool,
    /// Its answers, oldest first.
    pub replies: Vec<CommentView>,
}

/// A term.
#[derive(Clone, Debug, Default, Serialize)]
pub struct TermView {
    /// Its id.
    pub id: i64,
    /// `category`, `tag`, or an own one.
    pub taxonomy: String,
    /// Its name.
    pub name: String,
    /// Its slug.
    pub slug: String,
    /// Its address.
    pub url: String,
    /// A sentence on it; may be empty.
    pub description: String,
    /// How many public entries have it.
    pub count: u64,
    /// Its picture; on its own page only.
    pub image: Option<MediaView>,
}

/// A person who writes.
#[derive(Clone, Debug, Default, Serialize)]
pub struct AuthorView {
    /// Its id.
    pub id: i64,
    /// The name shown.
    pub name: String,
    /// Its slug.
    pub slug: String,
    /// Its address.
    pub url: String,
    /// A few words on the person; may be empty.
    pub bio: String,
    /// A picture.
    pub image: Option<MediaView>,
}

/// Serialises as the engine's own value, without panicking.
pub(crate) fn value<T: Serialize + ?Sized>(view: &T) -> Value {
    Value::try_from_serializable(view).unwrap_or_else(|_| Value::none())
}

/// Values of what several entries of a page share, each made once, by where it stands in memory.
#[derive(Default)]
struct Shared(HashMap<usize, Value>);

impl Shared {
    fn value<T: Serialize>(&mut self, view: &Arc<T>) -> Value {
        self.0.entry(Arc::as_ptr(view).addr()).or_insert_with(|| value(&**view)).clone()
    }

    fn list<T: Serialize>(&mut self, views: &[Arc<T>]) -> Value {
        Value::from(views.iter().map(|view| self.value(view)).collect::<Vec<_>>())
    }
}

/// What an entry of a list says of its comments.
static NO_COMMENTS: LazyLock<Value> = LazyLock::new(|| value(&Comments::default()));

impl EntryView {
    /// As a template's value; `html` is printed as it is.
    fn value(&self, shared: &mut Shared) -> Value {
        let mut map = value(self).into_map().unwrap_or_default();
        map.insert(Key::Str("html"), Value::safe_string(&self.html));
        map.insert(Key::Str("authors"), shared.list(&self.authors));
        map.insert(Key::Str("author"), self.authors.first().map_or_else(Value::none, |a| shared.value(a)));
        let terms: BTreeMap<String, Value> =
            self.terms.iter().map(|(taxonomy, terms)| (taxonomy.clone(), shared.list(terms))).collect();
        map.insert(Key::Str("terms"), Value::from(terms));
        let comments = if self.comments.is_none() { NO_COMMENTS.clone() } else { value(&self.comments) };
        map.insert(Key::Str("comments"), comments);
        if let Some((title, text)) = &self.found {
            map.insert(Key::Str("title_found"), Value::safe_string(title));
            map.insert(Key::Str("found"), Value::safe_string(text));
        }
        Value::from(map)
    }
}

impl Serialize for Html {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.0)
    }
}

impl Page {
    /// The names a template sees. `settings` are the theme's defaults with this page's changes.
    pub(crate) fn context(&self, settings: Value) -> tera::Context {
        let mut context = tera::Context::new();
        let mut shared = Shared::default();
        context.insert_value("site", value(&self.site));
        context.insert_value("request", value(&self.request));
        context.insert_value("page", value(&self.page));
        context.insert_value("menus", value(&self.menus));
        context.insert_value("theme", settings);
        context.insert_value("plugins", value(&self.plugins));
        context.insert_value("now", Value::from(self.now));
        context.insert_value(
            "entries",
            Value::from(self.entries.iter().map(|e| e.value(&mut shared)).collect::<Vec<_>>()),
        );
        context.insert_value("entry", self.entry.as_ref().map_or_else(Value::none, |e| e.value(&mut shared)));
        context.insert_value("term", self.term.as_ref().map_or_else(Value::none, value));
        context.insert_value("author", self.author.as_ref().map_or_else(Value::none, value));
        context
    }
}
