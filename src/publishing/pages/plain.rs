//! What machines ask for: robots.txt, sitemaps, the icon (rows SO02, SO03).

use freehold_base::{Error, Result};
use freehold_store::{counters, entries as rows};

use super::{Answer, Making, Part};

/// Entries of one sitemap file; sitemaps.org allows 50,000.
const PER_SITEMAP: i64 = 10_000;

const ICON: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#1f5c46"/><path d="M9 23V9h14v4H13.500v2.500H21v4h-7.500V23z" fill="#fff"/></svg>"##;

fn file(content_type: &'static str, body: String, parts: Vec<Part>) -> Answer {
    Answer::Body { status: 200, content_type, body, parts }
}

impl Making<'_, '_> {
    pub(super) fn robots(&mut self) -> Answer {
        let rule = if self.site.settings.reading.indexed { "Disallow: /_/" } else { "Disallow: /" };
        let body = format!("User-agent: *\n{rule}\n\nSitemap: {}/sitemap.xml\n", self.ask.origin);
        file("text/plain; charset=utf-8", body, vec![Part::Settings])
    }

    pub(super) fn icon(&mut self) -> Answer {
        file("image/svg+xml", ICON.to_owned(), vec![Part::Settings])
    }

    /// One file for every 10,000 entries of a kind.
    pub(super) fn sitemap_index(&mut self) -> Result<Answer> {
        let mut body = String::from(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n",
        );
        for (name, count) in counters::all(self.tx, self.scope)? {
            let Some(kind) = name.strip_suffix(".published") else { continue };
            for n in 0..(count + PER_SITEMAP - 1) / PER_SITEMAP {
                body.push_str(&format!(
                    "<sitemap><loc>{}/sitemap-{kind}-{}.xml</loc></sitemap>\n",
                    self.ask.origin,
                    n + 1
                ));
            }
        }
        body.push_str("</sitemapindex>\n");
        Ok(file("application/xml; charset=utf-8", body, vec![Part::EntryList, Part::Settings]))
    }

    /// `/sitemap-post-1.xml`
    pub(super) fn sitemap(&mut self, name: &str) -> Result<Answer> {
        let (kind, number) = name.rsplit_once('-').ok_or_else(|| Error::not_found("page"))?;
        let number: i64 =
            number.parse().ok().filter(|n| (1..=100_000).contains(n)).ok_or_else(|| Error::not_found("page"))?;
        let mut after = 0;
        for _ in 1..number {
            match rows::sitemap(self.tx, self.scope, kind, after, PER_SITEMAP)?.last() {
                Some((id, ..)) => after = *id,
                None => return Err(Error::not_found("page")),
            }
        }
        let lines = rows::sitemap(self.tx, self.scope, kind, after, PER_SITEMAP)?;
        if lines.is_empty() {
            return Err(Error::not_found("page"));
        }
        let mut body = String::from(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n",
        );
        for (_, path, updated) in lines {
            body.push_str("<url><loc>");
            freehold_base::text::escape_html(&format!("{}{path}", self.ask.origin), &mut body);
            body.push_str(&format!("</loc><lastmod>{}</lastmod></url>\n", freehold_base::Timestamp(updated).rfc3339()));
        }
        body.push_str("</urlset>\n");
        Ok(file("application/xml; charset=utf-8", body, vec![Part::EntryList]))
    }
}
