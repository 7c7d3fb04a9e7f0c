//! Feeds of a site, a term, an author, a content type, a search, and of comments (row SO05).

use freehold_base::{Error, Page, PageSize, Result};
use freehold_store::entries::{self as rows, CardRow, Filter, Sort};
use freehold_store::search::{self, Order, Visitors};
use freehold_store::{comments, terms};

use super::feed_xml::{Feed, Item, atom, json_feed, rss};
use super::lists::posts;
use super::{Answer, Making, Part, views};
use crate::document::{Document, RenderOptions};

/// Which kind of feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Rss,
    Atom,
    Json,
}

impl Format {
    /// `/category/sea/feed/atom/` is the Atom feed of `/category/sea/`.
    pub fn split(path: &str) -> Option<(&str, Self)> {
        [("feed/atom/", Self::Atom), ("feed/json", Self::Json), ("feed/rss/", Self::Rss), ("feed/", Self::Rss)]
            .into_iter()
            .find_map(|(end, format)| Some((path.strip_suffix(end)?, format)))
            .filter(|(of, _)| of.ends_with('/'))
    }
}

/// Where `?feed=` leads, as WordPress has it.
pub(super) fn address_of(format: &str) -> &'static str {
    match format {
        "atom" => "/feed/atom/",
        "json" => "/feed/json",
        "comments-rss2" | "comments-rss" => "/comments/feed/",
        "comments-atom" => "/comments/feed/atom/",
        _ => "/feed/",
    }
}

/// What a feed holds.
enum Source {
    Entries(Vec<CardRow>),
    Comments(Vec<(comments::Comment, String, Option<String>)>),
}

impl Making<'_, '_> {
    pub(super) fn feed(&mut self, of: &str, format: Format) -> Result<Answer> {
        let general = self.site.settings.general.clone();
        let (of, (title, source)) = (of.to_owned(), self.source(of)?);
        let title = if title.is_empty() { general.title } else { format!("{title} – {}", general.title) };
        let items = match source {
            Source::Entries(found) => self.items(found)?,
            Source::Comments(found) => self.said(found),
        };
        let origin = self.ask.origin;
        let own = format!("{origin}{}{}", self.ask.path, self.question());
        let feed = Feed { title, about: general.tagline, home: format!("{origin}{of}"), own, items };
        let (content_type, body) = match format {
            Format::Rss => ("application/rss+xml; charset=utf-8", rss(&feed)?),
            Format::Atom => ("application/atom+xml; charset=utf-8", atom(&feed)?),
            Format::Json => ("application/feed+json; charset=utf-8", json_feed(&feed)),
        };
        Ok(Answer::Body { status: 200, content_type, body, parts: std::mem::take(&mut self.parts), theme: None })
    }

    /// The part of the address behind the path.
    fn question(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("s", self.ask.search), ("type", self.ask.kind)] {
            if let Some(value) = value {
                query.append_pair(name, value);
            }
        }
        let query = query.finish();
        if query.is_empty() { query } else { format!("?{query}") }
    }

    fn size(&self) -> PageSize {
        PageSize::new(self.site.settings.reading.feed_size)
    }

    /// What stands at an address: its name and what its feed holds.
    fn source(&mut self, of: &str) -> Result<(String, Source)> {
        let wanted = Page { size: self.size(), after: None };
        if of == "/" {
            self.parts.push(Part::EntryList);
            return match self.ask.search {
                Some(words) => Ok((words.to_owned(), Source::Entries(self.searched(words)?))),
                None => {
                    let kind = self.ask.kind.unwrap_or("post").to_owned();
                    let filter = Filter { kind: Some(kind), ..posts() };
                    let found = rows::list(self.tx, self.scope, &filter, Sort::Published, &wanted)?;
                    Ok((String::new(), Source::Entries(found)))
                }
            };
        }
        if of == "/comments/" {
            self.parts.push(Part::Now); // a comment on any entry changes it
            let found = comments::newest(self.tx, self.scope, None, wanted.size.get())?;
            return Ok(("Comments".to_owned(), Source::Comments(found)));
        }
        if let Some(slug) = of.strip_prefix("/author/").map(|s| s.trim_end_matches('/'))
            && let Some(author) = rows::author_by_slug(self.tx, slug)?
        {
            self.parts.extend([Part::Author(author.id), Part::Person(author.id)]);
            let filter = Filter { author: Some(author.id), ..posts() };
            let found = rows::list(self.tx, self.scope, &filter, Sort::Published, &wanted)?;
            if found.is_empty() && !self.writes_here(author.id)? {
                return Err(Error::not_found("page")); // people of other sites are not named here
            }
            return Ok((author.name, Source::Entries(found)));
        }
        if let Some(term) = terms::find_by_path(self.tx, self.scope, of)? {
            self.parts.push(Part::Term(term.id));
            let found = rows::archive(self.tx, self.scope, term.id.get(), &wanted)?;
            return Ok((term.name, Source::Entries(found)));
        }
        match rows::find_by_path(self.tx, self.scope, of)? {
            Some((entry, ..)) if entry.is_live() && entry.visibility == "public" => {
                self.parts.extend([Part::Entry(entry.id), Part::Comments(entry.id)]);
                let found = comments::newest(self.tx, self.scope, Some(entry.id), wanted.size.get())?;
                Ok((format!("Comments: {}", entry.title), Source::Comments(found)))
            }
            _ => Err(Error::not_found("page")),
        }
    }

    /// The newest entries with these words.
    fn searched(&mut self, text: &str) -> Result<Vec<CardRow>> {
        let words = search::words_of(text);
        let limit = self.size().get();
        let wanted = Visitors { words: &words, kind: self.ask.kind, order: Order::Newest, skip: 0, limit };
        let ids = search::for_visitors(self.tx, self.scope, &wanted)?.ids;
        let filter = Filter { live: true, ids: Some(ids), ..Default::default() };
        rows::list(self.tx, self.scope, &filter, Sort::Published, &Page { size: self.size(), after: None })
    }

    fn items(&mut self, found: Vec<CardRow>) -> Result<Vec<Item>> {
        let origin = self.ask.origin;
        let full = self.site.settings.reading.feed_full;
        let options = RenderOptions { base_url: origin, frames: false, heading_ids: false, ..Default::default() };
        let mut items = Vec::with_capacity(found.len());
        let ids: Vec<i64> = found.iter().filter(|_| full).map(|(card, ..)| card.id.get()).collect();
        let documents = rows::documents(self.tx, self.scope, &ids)?;
        for (card, author, _) in found {
            if card.visibility != "public" {
                continue;
            }
            self.parts.extend([Part::Entry(card.id), Part::Person(author.id)]);
            let html = match documents.iter().find(|(id, _)| *id == card.id.get()) {
                Some((_, json)) => Document::parse(json)?.to_html(&options),
                None => String::new(),
            };
            items.push(Item {
                title: card.title,
                url: format!("{origin}{}", card.path.unwrap_or_default()),
                summary: card.summary,
                html,
                author: author.name,
                published: card.published_at,
                updated: card.updated_at,
            });
        }
        Ok(items)
    }

    fn said(&self, found: Vec<(comments::Comment, String, Option<String>)>) -> Vec<Item> {
        let item = |(c, title, path): (comments::Comment, String, Option<String>)| Item {
            title: format!("{}: {title}", c.author_name),
            url: format!("{}{}#comment-{}", self.ask.origin, path.unwrap_or_default(), c.id),
            summary: c.body.chars().take(300).collect(),
            html: views::comment_html(&c.body).0,
            author: c.author_name,
            published: c.created_at,
            updated: c.created_at,
        };
        found.into_iter().map(item).collect()
    }
}
