//! The stream of records.

use std::io::BufRead;

use freehold_base::{Code, Error, Result};

use super::bytes::CleanReader;
use super::map;
use super::record::{Record, SiteInfo};
use super::xml::{Element, Step, Xml, broken};

/// A WordPress export being read. Yields the records in the file's order; after an error nothing more.
pub struct Export<R: BufRead> {
    xml: Xml<R>,
    site: Option<SiteInfo>,
    /// A record that waits because the site goes before it.
    next: Option<Record>,
    is_wxr: bool,
    is_done: bool,
    items: u64,
    last_item: String,
}

impl<R: BufRead> Export<R> {
    /// Opens an export and reads to its first record.
    ///
    /// # Errors
    /// `ImportMalformed` with what the file looks like, if it is no export.
    pub fn open(inner: R) -> Result<Self> {
        let mut bytes = CleanReader::new(inner);
        let start = bytes.fill_buf().map_err(|e| Error::internal("reading the export", e))?;
        if let Some(what) = looks_like(start) {
            return Err(broken(format!("it looks like {what}")));
        }
        let mut export = Self {
            xml: Xml::new(bytes),
            site: Some(SiteInfo::default()),
            next: None,
            is_wxr: false,
            is_done: false,
            items: 0,
            last_item: String::new(),
        };
        export.enter()?;
        Ok(export)
    }

    /// How many characters were replaced so far because they were no UTF-8, no text or unknown references.
    pub fn repairs(&self) -> u64 {
        self.xml.repairs()
    }

    /// How far it was read, in bytes of the file; for progress.
    pub fn offset(&self) -> u64 {
        self.xml.offset()
    }

    /// Goes into `<rss><channel>`.
    fn enter(&mut self) -> Result<()> {
        loop {
            match self.xml.step()? {
                Step::Start(element, _) if element.name == "rss" => {
                    self.is_wxr = element.attrs.iter().any(|(_, value)| value.contains("wordpress.org/export"));
                }
                Step::Start(element, false) if element.name == "channel" => return Ok(()),
                Step::Start(element, _) => return Err(broken(format!("it looks like {}", family(&element.name)))),
                Step::Doctype(text) if text.contains(['[', '%']) || text.to_ascii_lowercase().contains("entity") => {
                    return Err(broken("it defines entities, which exports never do"));
                }
                Step::Doctype(text) if text.trim().to_ascii_lowercase().starts_with("html") => {
                    return Err(broken("it looks like an HTML page"));
                }
                Step::Text => return Err(broken("it looks like a text file")),
                Step::Eof => return Err(broken("it holds no channel")),
                Step::Doctype(_) | Step::End(_) => {}
            }
        }
    }

    fn read(&mut self) -> Result<Option<Record>> {
        if let Some(record) = self.next.take() {
            return Ok(Some(record));
        }
        loop {
            let element = match self.xml.step()? {
                Step::Start(element, true) => element,
                Step::Start(element, false) => self.xml.fill(element)?,
                Step::End(name) if name == "channel" || name == "rss" => return self.end(),
                Step::Eof => {
                    return Err(broken(format!("it ends in the middle, at byte {}", self.xml.offset())));
                }
                Step::Doctype(_) => return Err(broken("it defines entities, which exports never do")),
                Step::End(_) | Step::Text => continue,
            };
            if let Some(record) = self.record(element)? {
                return Ok(Some(self.site_first(record)));
            }
        }
    }

    /// A record of an element of the channel; `None` for the site's own fields and what is not known.
    fn record(&mut self, mut element: Element) -> Result<Option<Record>> {
        Ok(match element.name.as_str() {
            "item" => {
                self.is_wxr |= element.child("post_type").is_some() || element.child("post_id").is_some();
                if !self.is_wxr {
                    return Err(broken("it looks like an RSS feed of another program"));
                }
                let item = map::item(element);
                self.items += 1;
                self.last_item =
                    format!("“{}” (number {})", item.title.chars().take(80).collect::<String>(), item.wp_id);
                Some(Record::Item(Box::new(item)))
            }
            "author" if !element.children.is_empty() => Some(Record::Author(map::author(element))),
            "category" | "tag" | "term" if !element.children.is_empty() => Some(Record::Term(map::term(element))),
            _ => {
                if element.name == "wxr_version" {
                    self.is_wxr = true;
                }
                if let Some(site) = &mut self.site {
                    map::site(site, &mut element);
                }
                None
            }
        })
    }

    /// The site if it was not given out yet; then `record` waits.
    fn site_first(&mut self, record: Record) -> Record {
        match self.site.take() {
            Some(site) => {
                self.next = Some(record);
                Record::Site(site)
            }
            None => record,
        }
    }

    fn end(&mut self) -> Result<Option<Record>> {
        self.is_done = true;
        match self.site.take() {
            Some(_) if !self.is_wxr => Err(broken("it looks like an RSS feed of another program")),
            site => Ok(site.map(Record::Site)),
        }
    }

    /// Says what was complete before a file went wrong.
    fn with_last_item(&self, error: Error) -> Error {
        match error {
            Error::Refused { code: Code::ImportMalformed, detail } if self.items > 0 => broken(format!(
                "{detail}; {} items before that are complete, the last is {}",
                self.items, self.last_item
            )),
            other => other,
        }
    }
}

impl<R: BufRead> Iterator for Export<R> {
    type Item = Result<Record>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_done && self.next.is_none() {
            return None;
        }
        match self.read() {
            Ok(record) => record.map(Ok),
            Err(e) => {
                self.is_done = true;
                Some(Err(self.with_last_item(e)))
            }
        }
    }
}

/// What a file is whose first bytes rule out XML.
fn looks_like(start: &[u8]) -> Option<&'static str> {
    let text = String::from_utf8_lossy(start.get(..start.len().min(512)).unwrap_or_default());
    let text = text.trim_start_matches(['\u{feff}', ' ', '\n', '\r', '\t']).to_ascii_lowercase();
    Some(match text.as_str() {
        "" => "an empty file",
        t if t.starts_with("<!doctype html") || t.starts_with("<html") => "an HTML page",
        t if t.starts_with("pk\u{3}") || t.starts_with("pk ") => "a ZIP archive; unpack it first",
        t if t.starts_with('{') || t.starts_with("[{") => "a JSON file",
        t if t.starts_with("-- ") || t.starts_with("create table") => "a dump of a database",
        t if !t.starts_with('<') => "a text file",
        _ => return None,
    })
}

fn family(root: &str) -> String {
    match root {
        "html" | "head" | "body" => "an HTML page".to_owned(),
        "feed" => "an Atom feed".to_owned(),
        "urlset" | "sitemapindex" => "a sitemap".to_owned(),
        "rdf:RDF" => "an RSS 1.0 feed".to_owned(),
        other => format!("an XML file of another kind (<{}>)", other.chars().take(40).collect::<String>()),
    }
}
