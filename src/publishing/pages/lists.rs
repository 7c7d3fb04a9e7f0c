//! Lists: newest entries, terms, authors, dates, search.

use chrono::{NaiveDate, TimeZone as _};
use freehold_base::{Cursor, EntryId, Error, Page as Part_, PageSize, Result, Role, Timestamp};
use freehold_store::entries::{self as rows, CardRow, Filter, Sort};
use freehold_store::search::{self, Order, Query};
use freehold_store::terms::{self, Term};

use super::{Answer, Making, Part, views};
use crate::themes::context::{EntryView, PageView};
use crate::themes::{Page, Question};

impl Making<'_, '_> {
    /// The site's root: the chosen page, or the newest posts.
    pub(super) fn front(&mut self) -> Result<Answer> {
        let chosen = self.site.settings.reading.front_page_id;
        if chosen > 0
            && let Some(found) = rows::find_with_author(self.tx, self.scope, EntryId(chosen))?
            && found.0.is_live()
        {
            return self.single(found, true);
        }
        self.newest("")
    }

    /// The newest posts: the front page, or the page that was chosen for them, under its title.
    pub(super) fn newest(&mut self, title: &str) -> Result<Answer> {
        self.parts.push(Part::EntryList);
        let mut page = self.page("home", title);
        page.page.description.clone_from(&self.site.settings.general.tagline);
        let filter = Filter { kind: Some("post".into()), live: true, ..Default::default() };
        let found = rows::list(self.tx, self.scope, &filter, Sort::Published, &self.wanted())?;
        self.fill(&mut page, found)?;
        self.render(200, Question::Home, page)
    }

    pub(super) fn term(&mut self, term: &Term) -> Result<Answer> {
        self.parts.push(Part::Term(term.id));
        let mut page = self.page("term", &term.name);
        page.page.description.clone_from(&term.description);
        page.term = Some(views::term(term));
        let wanted = self.wanted();
        let found = rows::archive(self.tx, self.scope, term.id.get(), &wanted)?;
        self.fill(&mut page, found)?;
        self.render(200, Question::Term { taxonomy: &term.taxonomy, slug: &term.slug }, page)
    }

    pub(super) fn author(&mut self, slug: &str) -> Result<Answer> {
        let author = rows::author_by_slug(self.tx, slug)?.ok_or_else(|| Error::not_found("page"))?;
        self.parts.extend([Part::Author(author.id), Part::Person(author.id)]);
        let filter = Filter { kind: Some("post".into()), live: true, author: Some(author.id), ..Default::default() };
        let found = rows::list(self.tx, self.scope, &filter, Sort::Published, &self.wanted())?;
        if found.is_empty() && !self.writes_here(author.id)? {
            return Err(Error::not_found("page")); // people of other sites are not shown here
        }
        let mut page = self.page("author", &author.name);
        page.author = Some(views::author(&author));
        self.fill(&mut page, found)?;
        self.render(200, Question::Author { slug }, page)
    }

    /// Whether somebody may write on this site: then their page is there, even before their first post.
    fn writes_here(&mut self, user: freehold_base::UserId) -> Result<bool> {
        let grants = freehold_store::roles::grants_of(self.tx, user)?;
        Ok(grants.sites.iter().any(|(site, role)| *site == self.scope.id() && *role >= Role::Contributor))
    }

    /// `/2026/`, `/2026/11/`, `/2026/11/20/`.
    pub(super) fn date(&mut self, path: &str) -> Result<Option<Answer>> {
        let numbers: Option<Vec<u32>> = path.trim_matches('/').split('/').map(|p| p.parse().ok()).collect();
        let Some(range) = numbers.as_deref().and_then(days) else { return Ok(None) };
        let zone: chrono_tz::Tz = self.site.settings.general.timezone.parse().unwrap_or(chrono_tz::UTC);
        let at = |day: NaiveDate| {
            let start = day.and_hms_opt(0, 0, 0).unwrap_or_default();
            Timestamp(zone.from_local_datetime(&start).earliest().map_or(0, |t| t.timestamp_millis()))
        };
        self.parts.push(Part::EntryList);
        let filter = Filter {
            kind: Some("post".into()),
            live: true,
            published: Some((at(range.0), at(range.1))),
            ..Default::default()
        };
        let found = rows::list(self.tx, self.scope, &filter, Sort::Published, &self.wanted())?;
        if found.is_empty() {
            return Ok(None);
        }
        let mut page = self.page("date", path.trim_matches('/'));
        page.page.noindex = true;
        self.fill(&mut page, found)?;
        self.render(200, Question::Date, page).map(Some)
    }

    /// Search; never more than what every visitor may read (row SE03).
    pub(super) fn search(&mut self, text: &str) -> Result<Answer> {
        self.parts.push(Part::EntryList);
        let words = search::words_of(text);
        let limit = self.wanted().size.get();
        let query = Query { words: &words, visible_only: true, kind: None, order: Order::Relevance, skip: 0, limit };
        let ids = search::find(self.tx, self.scope, &query)?;
        let mut page = self.page("search", text);
        page.page.noindex = true;
        page.page.canonical = String::new();
        if !ids.is_empty() {
            let filter = Filter { live: true, ids: Some(ids.clone()), ..Default::default() };
            let mut found = rows::list(self.tx, self.scope, &filter, Sort::Published, &self.whole())?;
            found.sort_by_key(|(card, ..)| ids.iter().position(|id| *id == card.id.get()));
            page.entries = self.cards(&found)?;
        }
        page.page.pagination.number = 1;
        page.page.pagination.total = u64::try_from(ids.len()).ok();
        self.render(200, Question::Search, page)
    }

    fn whole(&self) -> Part_ {
        Part_ { size: PageSize::new(self.site.settings.reading.page_size), after: None }
    }

    /// One row more than a page shows tells whether there are older ones.
    fn wanted(&self) -> Part_ {
        let size = self.site.settings.reading.page_size;
        Part_ { size: PageSize::new(size + 1), after: self.ask.before.and_then(Cursor::decode) }
    }

    fn fill(&mut self, page: &mut Page, mut found: Vec<CardRow>) -> Result<()> {
        let size = usize::from(self.site.settings.reading.page_size);
        let more = found.len() > size;
        found.truncate(size);
        self.turn(&mut page.page, &found, more);
        page.entries = self.cards(&found)?;
        Ok(())
    }

    fn turn(&self, page: &mut PageView, found: &[CardRow], more: bool) {
        page.pagination.number = if self.ask.before.is_some() { 2 } else { 1 };
        if self.ask.before.is_some() {
            page.pagination.newer = self.ask.path.to_owned();
            page.noindex = true;
        }
        if let (true, Some((last, ..))) = (more, found.last()) {
            page.pagination.older = format!("{}?before={}~{}", self.ask.path, last.published_at.ms(), last.id);
        }
    }

    pub(super) fn cards(&mut self, found: &[CardRow]) -> Result<Vec<EntryView>> {
        let ids: Vec<i64> = found.iter().map(|(c, ..)| c.id.get()).collect();
        let held = if ids.is_empty() { Vec::new() } else { terms::of_entries(self.tx, self.scope, &ids)? };
        self.parts.extend(found.iter().flat_map(|(c, a, _)| [Part::Entry(c.id), Part::Person(a.id)]));
        self.parts.extend(held.iter().map(|(_, term)| Part::Term(term.id)));
        Ok(found
            .iter()
            .map(|row| {
                views::card(row, views::by_taxonomy(held.iter().filter(|(id, _)| *id == row.0.id).map(|(_, t)| t)))
            })
            .collect())
    }
}

/// The days from a year, month or day up to the next one.
fn days(numbers: &[u32]) -> Option<(NaiveDate, NaiveDate)> {
    let year = i32::try_from(*numbers.first()?).ok().filter(|y| (1970..=9998).contains(y))?;
    match *numbers {
        [_] => Some((NaiveDate::from_ymd_opt(year, 1, 1)?, NaiveDate::from_ymd_opt(year + 1, 1, 1)?)),
        [_, month] => {
            let first = NaiveDate::from_ymd_opt(year, month, 1)?;
            Some((first, first.checked_add_months(chrono::Months::new(1))?))
        }
        [_, month, day] => {
            let first = NaiveDate::from_ymd_opt(year, month, day)?;
            Some((first, first.succ_opt()?))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_in_addresses() {
        let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).expect("a date");
        assert_eq!(days(&[2026]), Some((day(2026, 1, 1), day(2027, 1, 1))));
        assert_eq!(days(&[2026, 12]), Some((day(2026, 12, 1), day(2027, 1, 1))));
        assert_eq!(days(&[2026, 2, 28]), Some((day(2026, 2, 28), day(2026, 3, 1))));
        for wrong in [&[][..], &[12], &[2026, 13], &[2026, 2, 30], &[2026, 1, 1, 1]] {
            assert_eq!(days(wrong), None, "{wrong:?}");
        }
    }
}
