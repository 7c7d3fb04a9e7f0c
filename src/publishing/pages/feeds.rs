//! Feeds: RSS 2.0, Atom (RFC 4287) and JSON Feed 1.1 of a site, a term or an author (row SO05).

use freehold_base::{Error, Page, PageSize, Result};
use freehold_store::entries::{self as rows, CardRow, Filter, Sort};
use freehold_store::terms;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use serde_json::json;

use super::{Answer, Making, Part};
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

/// One entry of a feed.
struct Item {
    title: String,
    url: String,
    summary: String,
    html: String,
    author: String,
    published: freehold_base::Timestamp,
    updated: freehold_base::Timestamp,
}

struct Feed {
    title: String,
    about: String,
    home: String,
    own: String,
    items: Vec<Item>,
}

impl Making<'_, '_> {
    pub(super) fn feed(&mut self, of: &str, format: Format) -> Result<Answer> {
        let mut filter = Filter { kind: Some("post".into()), live: true, ..Default::default() };
        let size = PageSize::new(self.site.settings.reading.feed_size);
        let wanted = Page { size, after: None };
        let general = self.site.settings.general.clone();
        let (title, found) = if of == "/" {
            self.parts.push(Part::EntryList);
            (general.title.clone(), rows::list(self.tx, self.scope, &filter, Sort::Published, &wanted)?)
        } else if let Some(term) = terms::find_by_path(self.tx, self.scope, of)? {
            self.parts.push(Part::Term(term.id));
            let found = rows::archive(self.tx, self.scope, term.id.get(), &wanted)?;
            (format!("{} – {}", term.name, general.title), found)
        } else if let Some(slug) = of.strip_prefix("/author/").map(|s| s.trim_end_matches('/'))
            && let Some(author) = rows::author_by_slug(self.tx, slug)?
        {
            self.parts.extend([Part::Author(author.id), Part::Person(author.id)]);
            filter.author = Some(author.id);
            let found = rows::list(self.tx, self.scope, &filter, Sort::Published, &wanted)?;
            (format!("{} – {}", author.name, general.title), found)
        } else {
            return Err(Error::not_found("page"));
        };
        let items = self.items(found)?;
        let origin = self.ask.origin;
        let feed = Feed {
            title,
            about: general.tagline,
            home: format!("{origin}{of}"),
            own: format!("{origin}{}", self.ask.path),
            items,
        };
        let (content_type, body) = match format {
            Format::Rss => ("application/rss+xml; charset=utf-8", rss(&feed)?),
            Format::Atom => ("application/atom+xml; charset=utf-8", atom(&feed)?),
            Format::Json => ("application/feed+json; charset=utf-8", json_feed(&feed)),
        };
        Ok(Answer::Body { status: 200, content_type, body, parts: std::mem::take(&mut self.parts) })
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
}

type Xml = Writer<Vec<u8>>;

fn element(w: &mut Xml, name: &str, text: &str) -> std::io::Result<()> {
    w.create_element(name).write_text_content(BytesText::new(text)).map(|_| ())
}

fn finish(w: Xml) -> Result<String> {
    String::from_utf8(w.into_inner()).map_err(|e| Error::internal("writing a feed", e))
}

fn start() -> std::io::Result<Xml> {
    let mut w = Writer::new(Vec::with_capacity(16 << 10));
    w.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
    Ok(w)
}

fn rss(feed: &Feed) -> Result<String> {
    let write = || -> std::io::Result<Xml> {
        let mut w = start()?;
        w.create_element("rss")
            .with_attribute(("version", "2.0"))
            .with_attribute(("xmlns:atom", "http://www.w3.org/2005/Atom"))
            .with_attribute(("xmlns:content", "http://purl.org/rss/1.0/modules/content/"))
            .with_attribute(("xmlns:dc", "http://purl.org/dc/elements/1.1/"))
            .write_inner_content(|w| {
                w.create_element("channel").write_inner_content(|w| {
                    element(w, "title", &feed.title)?;
                    element(w, "link", &feed.home)?;
                    element(w, "description", &feed.about)?;
                    w.create_element("atom:link")
                        .with_attribute(("href", feed.own.as_str()))
                        .with_attribute(("rel", "self"))
                        .write_empty()?;
                    for item in &feed.items {
                        w.create_element("item").write_inner_content(|w| {
                            element(w, "title", &item.title)?;
                            element(w, "link", &item.url)?;
                            w.create_element("guid")
                                .with_attribute(("isPermaLink", "true"))
                                .write_text_content(BytesText::new(&item.url))?;
                            element(w, "pubDate", &item.published.utc().to_rfc2822())?;
                            element(w, "dc:creator", &item.author)?;
                            element(w, "description", &item.summary)?;
                            if !item.html.is_empty() {
                                element(w, "content:encoded", &item.html)?;
                            }
                            Ok(())
                        })?;
                    }
                    Ok(())
                })?;
                Ok(())
            })?;
        Ok(w)
    };
    finish(write().map_err(|e| Error::internal("writing a feed", e))?)
}

fn atom(feed: &Feed) -> Result<String> {
    let write = || -> std::io::Result<Xml> {
        let mut w = start()?;
        w.create_element("feed").with_attribute(("xmlns", "http://www.w3.org/2005/Atom")).write_inner_content(|w| {
            element(w, "title", &feed.title)?;
            element(w, "subtitle", &feed.about)?;
            element(w, "id", &feed.own)?;
            w.create_element("link")
                .with_attribute(("href", feed.own.as_str()))
                .with_attribute(("rel", "self"))
                .write_empty()?;
            w.create_element("link").with_attribute(("href", feed.home.as_str())).write_empty()?;
            let newest = feed.items.iter().map(|i| i.updated).max().unwrap_or_default();
            element(w, "updated", &newest.rfc3339())?;
            for item in &feed.items {
                w.create_element("entry").write_inner_content(|w| {
                    element(w, "title", &item.title)?;
                    element(w, "id", &item.url)?;
                    w.create_element("link").with_attribute(("href", item.url.as_str())).write_empty()?;
                    element(w, "published", &item.published.rfc3339())?;
                    element(w, "updated", &item.updated.rfc3339())?;
                    w.create_element("author").write_inner_content(|w| element(w, "name", &item.author))?;
                    element(w, "summary", &item.summary)?;
                    if !item.html.is_empty() {
                        w.create_element("content")
                            .with_attribute(("type", "html"))
                            .write_text_content(BytesText::new(&item.html))?;
                    }
                    Ok(())
                })?;
            }
            Ok(())
        })?;
        Ok(w)
    };
    finish(write().map_err(|e| Error::internal("writing a feed", e))?)
}

fn json_feed(feed: &Feed) -> String {
    let items: Vec<_> = feed
        .items
        .iter()
        .map(|i| {
            let mut item = json!({
                "id": i.url, "url": i.url, "title": i.title, "summary": i.summary,
                "date_published": i.published.rfc3339(), "date_modified": i.updated.rfc3339(),
                "authors": [{ "name": i.author }],
            });
            item[if i.html.is_empty() { "content_text" } else { "content_html" }] =
                json!(if i.html.is_empty() { &i.summary } else { &i.html });
            item
        })
        .collect();
    json!({
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title, "description": feed.about, "home_page_url": feed.home, "feed_url": feed.own, "items": items,
    })
    .to_string()
}
