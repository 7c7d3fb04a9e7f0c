//! What machines ask for: robots.txt and the icon.

use super::{Answer, Making, Part};

const ICON: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#1f5c46"/><path d="M9 23V9h14v4H13.500v2.500H21v4h-7.500V23z" fill="#fff"/></svg>"##;

pub(super) fn file(content_type: &'static str, body: String, parts: Vec<Part>) -> Answer {
    Answer::Body { status: 200, content_type, body, parts, theme: None }
}

impl Making<'_, '_> {
    /// Search engines draw pages, so they may fetch what pages are drawn with.
    pub(super) fn robots(&mut self) -> Answer {
        let rule = if self.site.settings.reading.indexed {
            "Allow: /_/assets/\nAllow: /_/share/\nDisallow: /_/\nDisallow: /?s="
        } else {
            "Disallow: /"
        };
        let body = format!("User-agent: *\n{rule}\n\nSitemap: {}/sitemap.xml\n", self.ask.origin);
        file("text/plain; charset=utf-8", body, vec![Part::Settings])
    }

    /// The site's icon for who asks without having read a page; ours where it has none.
    pub(super) fn favicon(&mut self) -> Answer {
        match &self.site.icon {
            Some(icon) => Answer::Elsewhere(icon.small().to_owned()),
            None => file("image/svg+xml", ICON.to_owned(), vec![Part::Settings]),
        }
    }
}
