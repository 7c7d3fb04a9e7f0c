//! Addresses as WordPress has them, for links that are older than the site's move: each leads on (301).

use freehold_base::{Code, Result};
use freehold_store::entries as rows;

use super::lists::posts;
use super::turning::List;
use super::{Answer, Making};

/// `/a/page/3/` as `/a/` and 3.
fn numbered<'a>(path: &'a str, word: &str) -> Option<(&'a str, u32)> {
    let (base, number) = path.strip_suffix('/')?.rsplit_once('/')?;
    let number = number.parse().ok()?;
    Some((base.strip_suffix(word).filter(|base| base.ends_with('/'))?, number))
}

impl Making<'_, '_> {
    /// Where an address of WordPress's making leads, if it is one.
    pub(super) fn of_wordpress(&mut self, path: &str) -> Result<Option<Answer>> {
        if let Some((base, number)) = numbered(path, "page") {
            return self.list_page(base, number);
        }
        if let Some((base, page)) = path.trim_end_matches('/').rsplit_once("/comment-page-") {
            return Ok(page.parse::<u32>().ok().map(|n| Answer::Moved(format!("{base}/?comments={n}"))));
        }
        if let Some(words) = path.strip_prefix("/search/") {
            let words: String = form_urlencoded::byte_serialize(words.trim_end_matches('/').as_bytes()).collect();
            return Ok(Some(Answer::Moved(format!("/?s={words}"))));
        }
        for end in ["embed/", "amp/", "trackback/", "feed/rss2/", "feed/rdf/"] {
            if let Some(base) = path.strip_suffix(end).filter(|base| base.ends_with('/') && *base != "/") {
                return Ok(Some(Answer::Moved(if end.starts_with("feed") {
                    format!("{base}feed/")
                } else {
                    base.into()
                })));
            }
        }
        if path == "/feed/rss2/" || path == "/feed/rdf/" {
            return Ok(Some(Answer::Moved("/feed/".into())));
        }
        // The pages into which an entry was cut are one page here.
        let cut = path.trim_end_matches('/').rsplit_once('/').filter(|(_, n)| n.parse::<u8>().is_ok());
        if let Some((base, _)) = cut.filter(|(base, _)| !base.is_empty()) {
            let whole = format!("{base}/");
            let found = rows::find_by_path(self.tx, self.scope, &whole)?;
            return Ok(found.filter(|(e, ..)| e.is_live()).map(|_| Answer::Moved(whole)));
        }
        Ok(None)
    }

    /// A page of a list by its number.
    fn list_page(&mut self, base: &str, number: u32) -> Result<Option<Answer>> {
        let answer = if base == "/" {
            self.numbered("/", &List::Of(posts()), number)
        } else if let Some((term, _)) = rows::term_at(self.tx, self.scope, base)? {
            self.numbered(base, &List::Term(&term), number)
        } else if let Some(slug) = base.strip_prefix("/author/").map(|s| s.trim_end_matches('/'))
            && let Some(author) = rows::author_by_slug(self.tx, slug)?
            && self.is_shown(author.id)?
        {
            self.numbered(base, &List::Of(rows::Filter { author: Some(author.id), ..posts() }), number)
        } else if let Some(list) = self.of_date(base) {
            self.numbered(base, &list, number)
        } else if let Some((page, ..)) = rows::find_by_path(self.tx, self.scope, base)?
            && page.id.get() == self.site.settings.reading.posts_page_id
        {
            self.numbered(base, &List::Of(posts()), number)
        } else {
            return Ok(None);
        };
        match answer {
            Err(e) if e.as_code() == Code::NotFound => Ok(None),
            answer => answer.map(Some),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_numbered_page_names_its_list() {
        assert_eq!(numbered("/page/2/", "page"), Some(("/", 2)));
        assert_eq!(numbered("/category/sea/page/10/", "page"), Some(("/category/sea/", 10)));
        for other in ["/page/x/", "/page/2", "/homepage/2/", "/page/", "/"] {
            assert_eq!(numbered(other, "page"), None, "{other}");
        }
    }
}
