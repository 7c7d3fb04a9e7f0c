//! Lists: newest entries, terms, authors, dates.

use chrono::{NaiveDate, TimeZone as _};
use freehold_base::{Cursor, EntryId, Error, Page, PageSize, Result, Role, Timestamp};
use freehold_store::entries::{self as rows, CardRow, Cover, Filter, Sort};
use freehold_store::terms::Term;

use super::turning::{List, place_of};
use super::{Answer, Making, Part, views};
use crate::themes::Question;

/// The posts that visitors read.
pub(super) fn posts() -> Filter {
    Filter { kind: Some("post".into()), live: true, ..Default::default() }
}

/// What the first page shows of the newest rows and those that stay on top: these first. Also the place where the
/// second page begins.
fn on_top(all: Vec<CardRow>, size: usize) -> (Vec<CardRow>, Option<Cursor>) {
    let more = all.len() > size;
    let last = all.iter().take(size).next_back().map(place_of).filter(|_| more);
    let (mut top, mut rest) = (Vec::new(), Vec::new());
    for (i, row) in all.into_iter().enumerate() {
        if row.0.sticky && top.len() < size {
            top.push(row);
        } else if i < size {
            rest.push(row);
        }
    }
    top.extend(rest);
    (top, last)
}

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

    /// The newest posts: the front page, or the page that was chosen for them, under its title. What stays on top
    /// stands first on the first page; the following pages are an archive.
    pub(super) fn newest(&mut self, title: &str) -> Result<Answer> {
        self.parts.push(Part::EntryList);
        if !self.is_first() {
            let mut page = self.page("archive", title);
            return match self.fill(&mut page, &List::Of(posts()))? {
                Some(elsewhere) => Ok(elsewhere),
                None => self.render(200, Question::Archive { kind: "post" }, page),
            };
        }
        let mut page = self.page("home", title);
        page.page.description.clone_from(&self.site.settings.general.tagline);
        let size = self.page_size();
        let all = rows::front(self.tx, self.scope, "post", PageSize::new(size + 1))?;
        let (shown, last) = on_top(all, usize::from(size));
        self.turn(&mut page, None, last, 1);
        page.entries = self.cards(&shown)?;
        self.render(200, Question::Home, page)
    }

    pub(super) fn term(&mut self, term: &Term, image: Option<&Cover>) -> Result<Answer> {
        self.parts.push(Part::Term(term.id));
        let mut page = self.page("term", &term.name);
        page.page.browser_title.clone_from(&term.seo_title);
        page.page.described = !term.seo_description.is_empty();
        let described = if page.page.described { &term.seo_description } else { &term.description };
        page.page.description = described.chars().take(300).collect();
        page.page.image = image.map(views::cover);
        page.page.feed = format!("{}feed/", term.path);
        let mut view = views::term(&term.clone().into());
        view.image.clone_from(&page.page.image);
        page.term = Some(view);
        if let Some(elsewhere) = self.fill(&mut page, &List::Term(term))? {
            return Ok(elsewhere);
        }
        self.render(200, Question::Term { taxonomy: &term.taxonomy, slug: &term.slug, template: &term.template }, page)
    }

    pub(super) fn author(&mut self, slug: &str) -> Result<Answer> {
        let author = rows::author_by_slug(self.tx, slug)?.ok_or_else(|| Error::not_found("page"))?;
        self.parts.extend([Part::Author(author.id), Part::Person(author.id)]);
        let mut page = self.page("author", &author.name);
        page.page.feed = format!("/author/{}/feed/", author.slug);
        page.page.description.clone_from(&author.bio);
        let list = List::Of(Filter { author: Some(author.id), ..posts() });
        if let Some(elsewhere) = self.fill(&mut page, &list)? {
            return Ok(elsewhere);
        }
        if page.entries.is_empty() && !self.writes_here(author.id)? {
            return Err(Error::not_found("page")); // people of other sites are not shown here
        }
        page.author = Some(views::author(&author));
        self.render(200, Question::Author { slug }, page)
    }

    /// Whether somebody has posts here, or may write them: people of other sites are as missing.
    pub(super) fn is_shown(&mut self, user: freehold_base::UserId) -> Result<bool> {
        let (filter, one) = (Filter { author: Some(user), ..posts() }, Page { size: PageSize::new(1), after: None });
        let found = rows::list(self.tx, self.scope, &filter, Sort::Published, &one)?;
        Ok(!found.is_empty() || self.writes_here(user)?)
    }

    /// Whether somebody may write on this site, by a role on it, on its account or on the installation: then their
    /// page is there, even before their first post.
    pub(super) fn writes_here(&mut self, user: freehold_base::UserId) -> Result<bool> {
        let held = freehold_store::roles::grants_of(self.tx, user)?;
        let account = self.scope.account();
        let here = held.sites.iter().any(|(site, role)| *site == self.scope.id() && *role >= Role::Contributor);
        Ok(here || held.server.is_some() || held.accounts.iter().any(|(id, _)| *id == account))
    }

    /// `/2026/`, `/2026/11/`, `/2026/11/20/`.
    pub(super) fn date(&mut self, path: &str) -> Result<Option<Answer>> {
        let Some(list) = self.of_date(path) else { return Ok(None) };
        self.parts.push(Part::EntryList);
        let mut page = self.page("date", path.trim_matches('/'));
        page.page.noindex = true;
        if let Some(elsewhere) = self.fill(&mut page, &list)? {
            return Ok(Some(elsewhere));
        }
        if page.entries.is_empty() {
            return Ok(None);
        }
        self.render(200, Question::Date, page).map(Some)
    }

    /// The posts of the year, month or day in an address.
    pub(super) fn of_date(&self, path: &str) -> Option<List<'static>> {
        let numbers: Option<Vec<u32>> = path.trim_matches('/').split('/').map(|p| p.parse().ok()).collect();
        let range = numbers.as_deref().and_then(days)?;
        let zone: chrono_tz::Tz = self.site.settings.general.timezone.parse().unwrap_or(chrono_tz::UTC);
        let at = |day: NaiveDate| {
            let start = day.and_hms_opt(0, 0, 0).unwrap_or_default();
            Timestamp(zone.from_local_datetime(&start).earliest().map_or(0, |t| t.timestamp_millis()))
        };
        Some(List::Of(Filter { published: Some((at(range.0), at(range.1))), ..posts() }))
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
