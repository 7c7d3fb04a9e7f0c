//! Feeds as text: RSS 2.0, Atom (RFC 4287) and JSON Feed 1.1.

use freehold_base::{Error, Result, Timestamp};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use serde_json::json;

/// One entry of a feed.
#[derive(Default)]
pub(super) struct Item {
    pub title: String,
    pub url: String,
    pub summary: String,
    pub html: String,
    pub author: String,
    pub published: Timestamp,
    pub updated: Timestamp,
}

/// A feed.
pub(super) struct Feed {
    pub title: String,
    pub about: String,
    pub home: String,
    pub own: String,
    pub items: Vec<Item>,
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

pub(super) fn rss(feed: &Feed) -> Result<String> {
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

pub(super) fn atom(feed: &Feed) -> Result<String> {
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

pub(super) fn json_feed(feed: &Feed) -> String {
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
