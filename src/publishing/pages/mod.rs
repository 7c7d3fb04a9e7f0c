//! Public pages: from an address of a site to what is answered there. Reads entries through a visitor's scope, gives
//! them to the theme, and says what was read, so that a cache can forget exactly that.
//!
//! Does not know HTTP servers, caches or the panel.

mod views;
mod snapshot;
mod titles;
mod single;
mod turning;
mod lists;
mod marks;
mod search;
mod feed_xml;
mod feeds;
mod sitemaps;
mod plain;
mod share;
mod older;

use std::sync::Arc;

use freehold_base::{AccountId, Code, EntryId, Error, MediaId, Result, SiteId, TermId, UserId};
use freehold_store::{SiteScope, Tx, entries as rows, paths, terms};

use crate::content::terms::base_path;
use crate::designs::Values;
use crate::themes::context::Typed;
use crate::themes::{Limits, Page, Question, Theme, Themes};

pub use share::{SharePicture, share_path};
pub use snapshot::Snapshots;

/// Whether a language is written from right to left.
pub fn is_rtl(locale: &str) -> bool {
    ["ar", "fa", "he", "ur"].iter().any(|l| locale.starts_with(l))
}

/// Something a page was made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// One entry.
    Entry(EntryId),
    /// One term and its list.
    Term(TermId),
    /// One author's list.
    Author(UserId),
    /// One person: name and words about themself.
    Person(UserId),
    /// The comments of an entry.
    Comments(EntryId),
    /// Which posts stand before and after one by date.
    Around(EntryId),
    /// The list of all entries.
    EntryList,
    /// All menus.
    Menus,
    /// Settings.
    Settings,
    /// The theme.
    Theme,
    /// The moment: nobody may keep it.
    Now,
}

/// What is asked.
#[derive(Clone, Debug, Default)]
pub struct Ask<'a> {
    /// The site.
    pub site: SiteId,
    /// Its account; `AccountId(0)` where it is not known.
    pub account: AccountId,
    /// `scheme://host[:port]` of its main name.
    pub origin: &'a str,
    /// Canonical path.
    pub path: &'a str,
    /// Searched words.
    pub search: Option<&'a str>,
    /// Only this content type, of a search or a feed.
    pub kind: Option<&'a str>,
    /// `newest` or `relevance`, of a search.
    pub order: Option<&'a str>,
    /// Only what is older than this place of the list.
    pub before: Option<&'a str>,
    /// Only what is newer than this place of the list.
    pub after: Option<&'a str>,
    /// `?page=`, `?paged=`: which page of a list it is.
    pub page: Option<u32>,
    /// `?comments=`, `?cpage=`: which page of comments.
    pub comments: Option<u32>,
    /// `?feed=`: a feed's format, as old links have it.
    pub feed: Option<&'a str>,
    /// `?p=`, `?page_id=`, `?attachment_id=`: an entry or a file by its number.
    pub number: Option<i64>,
    /// `?cat=`: a category by its number on the site that was imported.
    pub category: Option<i64>,
    /// `?reply=`: the comment that the form answers.
    pub reply: Option<i64>,
    /// `?said=`: what became of a comment that was just sent.
    pub said: Option<&'a str>,
    /// A comment that was refused, with the reason: the form shows it again. Such a page is for one visitor only.
    pub typed: Option<&'a Typed>,
    /// An entry whose password this visitor knows. Such a page is for one visitor only.
    pub unlocked: Option<EntryId>,
}

/// Words that are not saved yet, for a preview.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// Title.
    pub title: String,
    /// Written excerpt.
    pub excerpt: String,
    /// The cleaned document as JSON; none: the stored one.
    pub document: Option<String>,
    /// Cover image.
    pub cover: MediaId,
}

/// What is answered.
#[derive(Clone, Debug)]
pub enum Answer {
    /// A body.
    Body {
        /// 200 or 404.
        status: u16,
        /// MIME type.
        content_type: &'static str,
        /// The body.
        body: String,
        /// What it was made from.
        parts: Vec<Part>,
        /// The theme that drew it, for what a browser should fetch early; none for what is no page.
        theme: Option<Arc<Theme>>,
    },
    /// A permanent redirect to an address of the site.
    Moved(String),
    /// What stands elsewhere for now.
    Elsewhere(String),
}

/// The maker of pages.
#[derive(Debug)]
pub struct Pages {
    themes: Arc<Themes>,
    snapshots: Snapshots,
}

/// One page being made.
pub(super) struct Making<'a, 't> {
    tx: &'a mut Tx<'t>,
    scope: SiteScope,
    ask: &'a Ask<'a>,
    site: Arc<snapshot::Snapshot>,
    themes: &'a Themes,
    parts: Vec<Part>,
    /// Not only what visitors may read.
    preview: bool,
}

impl Pages {
    /// Makes pages with these themes.
    pub fn new(themes: Arc<Themes>) -> Self {
        Self { themes, snapshots: Snapshots::default() }
    }
    /// The themes.
    pub fn themes(&self) -> &Arc<Themes> {
        &self.themes
    }
    /// What is kept of sites; forget a site here when its settings or menus change.
    pub fn snapshots(&self) -> &Snapshots {
        &self.snapshots
    }

    /// Checks that the site's theme has a template for this content type or taxonomy (row TH06).
    ///
    /// # Errors
    /// `Invalid("template")`.
    pub fn check_template(&self, tx: &mut Tx<'_>, site: SiteId, kind: &str, template: &str) -> Result<()> {
        let scope = tx.visit(site)?;
        // Not from the snapshots: they would keep what this transaction may not commit.
        let name = freehold_platform::sites::settings::read(tx, scope)?.theme.name;
        if self.themes.get(&name).manifest().offers(template, kind) {
            return Ok(());
        }
        Err(Error::invalid("template", Code::NotAllowed, format!("a template of the theme {name} for a {kind}")))
    }

    fn making<'a, 't>(&'a self, tx: &'a mut Tx<'t>, ask: &'a Ask<'a>) -> Result<Making<'a, 't>> {
        let scope =
            if ask.account == AccountId(0) { tx.visit(ask.site)? } else { tx.visit_known(ask.site, ask.account) };
        let site = self.snapshots.get(tx, scope)?;
        Ok(Making {
            tx,
            scope,
            ask,
            site,
            themes: &self.themes,
            parts: vec![Part::Settings, Part::Menus, Part::Theme],
            preview: false,
        })
    }

    /// Answers an address.
    ///
    /// # Errors
    /// `NotFound("page")` where nothing is there; the caller then asks for [`Pages::not_found`].
    pub fn answer(&self, tx: &mut Tx<'_>, ask: &Ask<'_>) -> Result<Answer> {
        self.making(tx, ask)?.answer()
    }

    /// Answers an address as if the site had another theme, or other settings of it; an address that is nothing too.
    /// What only some visitors may see is as hidden as ever. The caller lets nobody keep the answer.
    ///
    /// # Errors
    /// Database failures.
    pub fn answer_with(&self, tx: &mut Tx<'_>, ask: &Ask<'_>, theme: &str, changes: Values) -> Result<Answer> {
        let mut making = self.making(tx, ask)?;
        let mut site = snapshot::Snapshot::clone(&making.site);
        site.settings.theme.change_to(theme);
        site.settings.theme.settings.extend(changes);
        making.site = Arc::new(site);
        match making.answer() {
            Err(e) if e.as_code() == Code::NotFound => making.nothing(),
            answer => answer,
        }
    }

    /// An entry as it would stand on the site. The caller has checked that whoever asks may see it, and lets nobody
    /// keep the answer.
    ///
    /// # Errors
    /// `NotFound("page")`.
    pub fn preview(&self, tx: &mut Tx<'_>, ask: &Ask<'_>, id: EntryId, draft: Option<&Draft>) -> Result<Answer> {
        self.making(tx, ask)?.preview(id, draft)
    }

    /// The page for addresses that do not exist.
    ///
    /// # Errors
    /// Database failures; a theme whose built-in page fails.
    pub fn not_found(&self, tx: &mut Tx<'_>, ask: &Ask<'_>) -> Result<Answer> {
        self.making(tx, ask)?.nothing()
    }
}

impl Making<'_, '_> {
    fn answer(&mut self) -> Result<Answer> {
        let ask = self.ask;
        if let Some(number) = ask.number.filter(|_| ask.path == "/") {
            // Links with numbers are about as old as the imported site: its numbers go first.
            return self.old(&format!("/?p={number}"))?.map_or_else(|| self.by_number(EntryId(number)), Ok);
        }
        if let Some(number) = ask.category.filter(|_| ask.path == "/") {
            return self.old(&format!("/?cat={number}"))?.ok_or_else(|| Error::not_found("page"));
        }
        if let Some(format) = ask.feed.filter(|_| ask.path == "/") {
            return Ok(Answer::Moved(feeds::address_of(format).to_owned()));
        }
        if let Some(words) = ask.search.filter(|_| ask.path == "/") {
            return self.search(words);
        }
        match ask.path {
            "/" => self.front(),
            "/robots.txt" => Ok(self.robots()),
            "/sitemap.xml" => self.sitemap_index(),
            "/favicon.ico" => Ok(self.favicon()),
            path => match feeds::Format::split(path) {
                Some((of, format)) => self.feed(of, format),
                None => self.other(path),
            },
        }
    }

    /// The page for addresses that do not exist.
    fn nothing(&mut self) -> Result<Answer> {
        let mut page = self.page("404", "");
        page.page.status = 404;
        page.page.noindex = true;
        page.page.canonical = String::new();
        self.render(404, Question::NotFound, page)
    }

    fn other(&mut self, path: &str) -> Result<Answer> {
        if let Some(kind) = path.strip_prefix("/sitemap-").and_then(|p| p.strip_suffix(".xml")) {
            return self.sitemap(kind);
        }
        if let Some(slug) = path.strip_prefix("/author/").map(|s| s.trim_end_matches('/'))
            && !slug.contains('/')
        {
            return match self.author(slug) {
                Err(e) if e.as_code() == Code::NotFound => self.elsewhere(path),
                answer => answer,
            };
        }
        // What is likely comes first: each look is a statement, and a page takes three at most.
        let of_terms = self.is_below_terms(path);
        if of_terms && let Some((term, image)) = rows::term_at(self.tx, self.scope, path)? {
            return self.term(&term, image.as_ref());
        }
        if let Some(found) = rows::find_by_path(self.tx, self.scope, path)? {
            if found.0.id.get() == self.site.settings.reading.posts_page_id && found.0.is_live() {
                self.parts.push(Part::Entry(found.0.id));
                return self.newest(&found.0.title);
            }
            return self.single(found, false);
        }
        if let Some(answer) = self.date(path)? {
            return Ok(answer);
        }
        // A storm of addresses that are nothing costs one statement more each, not one for every place to look.
        if !paths::is_known(self.tx, self.scope, path)? {
            return match self.of_wordpress(path)? {
                Some(answer) => Ok(answer),
                None => self.of_wordpress(&format!("{path}/"))?.ok_or_else(|| Error::not_found("page")),
            };
        }
        if !of_terms && let Some((term, image)) = rows::term_at(self.tx, self.scope, path)? {
            return self.term(&term, image.as_ref());
        }
        self.elsewhere(path)
    }

    /// Whether an address is where this site's categories and tags stand.
    fn is_below_terms(&self, path: &str) -> bool {
        let settings = &self.site.settings;
        ["category", "tag"].iter().any(|taxonomy| path.starts_with(&base_path(taxonomy, settings)))
    }

    /// Old addresses, and addresses that only miss their last slash.
    fn elsewhere(&mut self, path: &str) -> Result<Answer> {
        for form in [path.to_owned(), format!("{path}/")] {
            if form != path && rows::find_by_path(self.tx, self.scope, &form)?.is_some_and(|(e, ..)| e.is_live()) {
                return Ok(Answer::Moved(form));
            }
            if form != path && terms::find_by_path(self.tx, self.scope, &form)?.is_some() {
                return Ok(Answer::Moved(form));
            }
            if let Some(answer) = self.old(&form)? {
                return Ok(answer);
            }
            if let Some(answer) = self.of_wordpress(&form)? {
                return Ok(answer);
            }
        }
        Err(Error::not_found("page"))
    }

    /// Where an old address leads, if it is known.
    fn old(&mut self, path: &str) -> Result<Option<Answer>> {
        Ok(match paths::find(self.tx, self.scope, path)? {
            Some(paths::Target::Address(to)) => Some(Answer::Moved(to)),
            Some(paths::Target::Entry(id)) => Some(self.by_number(id)?),
            Some(paths::Target::Term(id)) => Some(Answer::Moved(terms::find(self.tx, self.scope, id)?.path)),
            None => None,
        })
    }

    fn by_number(&mut self, id: EntryId) -> Result<Answer> {
        match rows::find_with_author(self.tx, self.scope, id)? {
            Some((entry, ..)) if entry.is_live() => match entry.path {
                Some(path) => Ok(Answer::Moved(path)),
                None => Err(Error::not_found("page")),
            },
            _ => Err(Error::not_found("page")),
        }
    }

    fn render(&mut self, status: u16, question: Question<'_>, mut page: Page) -> Result<Answer> {
        self.name(&mut page);
        let theme = &self.site.settings.theme.name;
        let drawn_by = self.themes.get(theme);
        self.name_share(&mut page, &drawn_by);
        let body = self
            .themes
            .render(theme, question, &Arc::new(page), Limits::default())
            .map_err(|p| Error::internal("rendering a page", format!("{p:?}")))?;
        let parts = std::mem::take(&mut self.parts);
        Ok(Answer::Body { status, content_type: "text/html; charset=utf-8", body, parts, theme: Some(drawn_by) })
    }
}
