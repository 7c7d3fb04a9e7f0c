//! Sitemaps: an index, and files of at most 10,000 addresses of entries with their pictures, of terms, and of authors
//! (row SO03; sitemaps.org allows 50,000).

use std::fmt::Write as _;

use freehold_base::text::escape_html;
use freehold_base::{Error, Result, Timestamp};
use freehold_store::entries::{self as rows, Line};

use super::plain::file;
use super::{Answer, Making, Part};

/// Ids of one file: it never has more addresses than that.
const PER_FILE: i64 = 10_000;
/// Pictures of one address; Google reads 1,000.
const PICTURES: usize = 1000;
const XML: &str = "application/xml; charset=utf-8";
const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
/// The file of authors.
const AUTHORS: &str = "author";

impl Making<'_, '_> {
    /// The files that are not empty, each with the time of its newest change.
    pub(super) fn sitemap_index(&mut self) -> Result<Answer> {
        let mut body = format!("{HEAD}<sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n");
        for found in rows::sitemap_files(self.tx, self.scope, PER_FILE)? {
            self.named(&mut body, &found.name, found.part, found.changed_at);
        }
        let authors = rows::sitemap_authors(self.tx, self.scope)?;
        if let Some(newest) = authors.iter().map(|a| a.changed_at).max() {
            self.named(&mut body, AUTHORS, 0, newest);
        }
        body.push_str("</sitemapindex>\n");
        Ok(file(XML, body, vec![Part::EntryList, Part::Settings]))
    }

    fn named(&self, body: &mut String, name: &str, part: i64, changed_at: i64) {
        body.push_str("<sitemap><loc>");
        escape_html(&format!("{}/sitemap-{name}-{}.xml", self.ask.origin, part + 1), body);
        let _ = writeln!(body, "</loc><lastmod>{}</lastmod></sitemap>", Timestamp(changed_at).rfc3339());
    }

    /// `/sitemap-post-1.xml`, `/sitemap-category-1.xml`, `/sitemap-author-1.xml`.
    pub(super) fn sitemap(&mut self, name: &str) -> Result<Answer> {
        let missing = || Error::not_found("page");
        let (name, number) = name.rsplit_once('-').ok_or_else(missing)?;
        let part = number.parse::<i64>().ok().filter(|n| (1..=1_000_000).contains(n)).ok_or_else(missing)? - 1;
        let mut pictures = Vec::new();
        let mut lines = rows::sitemap_entries(self.tx, self.scope, name, part, PER_FILE)?;
        if !lines.is_empty() {
            pictures = rows::sitemap_images(self.tx, self.scope, part, PER_FILE)?;
        } else if name == AUTHORS && part == 0 {
            lines = rows::sitemap_authors(self.tx, self.scope)?;
            lines.iter_mut().for_each(|line| line.path = format!("/author/{}/", line.path));
        } else {
            lines = rows::sitemap_terms(self.tx, self.scope, name, part, PER_FILE)?;
        }
        if lines.is_empty() {
            return Err(missing());
        }
        Ok(file(XML, self.listed(&lines, &pictures), vec![Part::EntryList, Part::Settings]))
    }

    /// The addresses, each with its pictures. Both lists are in the order of their ids.
    fn listed(&self, lines: &[Line], pictures: &[(i64, String, String)]) -> String {
        let mut body = format!(
            "{HEAD}<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" \
             xmlns:image=\"http://www.google.com/schemas/sitemap-image/1.1\">\n"
        );
        let origin = self.ask.origin;
        for line in lines {
            body.push_str("<url><loc>");
            escape_html(&format!("{origin}{}", line.path), &mut body);
            let _ = write!(body, "</loc><lastmod>{}</lastmod>", Timestamp(line.changed_at).rfc3339());
            let from = pictures.partition_point(|(entry, ..)| *entry < line.id);
            let own = pictures.iter().skip(from).take_while(|(entry, ..)| *entry == line.id).take(PICTURES);
            for (_, hash, filename) in own {
                body.push_str("<image:image><image:loc>");
                escape_html(&format!("{origin}/media/{hash}/{filename}"), &mut body);
                body.push_str("</image:loc></image:image>");
            }
            body.push_str("</url>\n");
        }
        body.push_str("</urlset>\n");
        body
    }
}
