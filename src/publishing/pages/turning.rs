//! Lists that are turned page by page, by key: `?before=` leads to older entries, `?after=` back to newer ones, and
//! `?page=` says which page it is.

use freehold_base::{Cursor, Error, Page as Part_, PageSize, Result};
use freehold_store::entries::{self as rows, CardRow, Filter, Sort};
use freehold_store::terms::{self, Term};

use super::{Answer, Making, Part, views};
use crate::themes::Page;
use crate::themes::context::EntryView;

/// Pages that are reached by their number; further ones only by turning.
const NUMBERED: u32 = 10_000;

/// A list, newest first.
pub(super) enum List<'a> {
    /// Entries.
    Of(Filter),
    /// The entries of a term.
    Term(&'a Term),
}

/// The place of a row in its list.
pub(super) fn place_of(row: &CardRow) -> Cursor {
    Sort::Published.place(row)
}

impl Making<'_, '_> {
    pub(super) fn page_size(&self) -> u16 {
        self.site.settings.reading.page_size
    }

    /// Whether the first page of a list is asked for.
    pub(super) fn is_first(&self) -> bool {
        self.ask.before.is_none() && self.ask.after.is_none() && self.ask.page.is_none_or(|n| n < 2)
    }

    fn number(&self) -> u32 {
        let least = if self.ask.before.is_some() { 2 } else { 1 };
        self.ask.page.unwrap_or(least).max(least)
    }

    fn down(&mut self, list: &List<'_>, page: &Part_) -> Result<Vec<CardRow>> {
        match list {
            List::Of(filter) => rows::list(self.tx, self.scope, filter, Sort::Published, page),
            List::Term(term) => rows::archive(self.tx, self.scope, term.id.get(), page),
        }
    }

    fn up(&mut self, list: &List<'_>, page: &Part_) -> Result<Vec<CardRow>> {
        match list {
            List::Of(filter) => rows::list(self.tx, self.scope, filter, Sort::Oldest, page),
            List::Term(term) => rows::archive_up(self.tx, self.scope, term.id.get(), page),
        }
    }

    /// Fills a page with the asked part of a list. An answer instead: a redirect to where that part is.
    pub(super) fn fill(&mut self, page: &mut Page, list: &List<'_>) -> Result<Option<Answer>> {
        let (size, number) = (self.page_size(), self.number());
        if let Some(after) = self.ask.after.and_then(Cursor::decode) {
            let wanted = Part_ { size: PageSize::new(size), after: Some(after) };
            let mut found = self.up(list, &wanted)?;
            if number < 2 || found.len() < usize::from(size) {
                return Ok(Some(Answer::Moved(self.ask.path.to_owned())));
            }
            found.reverse();
            self.turn(page, found.first().map(place_of), found.last().map(place_of), number);
            page.entries = self.cards(&found)?;
            return Ok(None);
        }
        if self.ask.before.is_none() && number > 1 {
            return self.numbered(self.ask.path, list, number).map(Some);
        }
        // One row more than a page shows tells whether there are older ones.
        let wanted = Part_ { size: PageSize::new(size + 1), after: self.ask.before.and_then(Cursor::decode) };
        let mut found = self.down(list, &wanted)?;
        let more = found.len() > usize::from(size);
        found.truncate(usize::from(size));
        self.turn(page, found.first().map(place_of), found.last().map(place_of).filter(|_| more), number);
        page.entries = self.cards(&found)?;
        Ok(None)
    }

    /// The links to the neighbouring pages.
    pub(super) fn turn(&self, page: &mut Page, first: Option<Cursor>, last: Option<Cursor>, number: u32) {
        let (path, pages) = (self.ask.path, &mut page.page.pagination);
        pages.number = number;
        if number == 2 {
            pages.newer = path.to_owned();
        } else if let Some(first) = first.filter(|_| number > 2) {
            pages.newer = format!("{path}?after={}&page={}", first.encode(), number - 1);
        } else if number > 2 {
            pages.newer = path.to_owned();
        }
        if let Some(last) = last {
            pages.older = format!("{path}?before={}&page={}", last.encode(), number + 1);
        }
        page.page.noindex |= number > 1;
    }

    /// Where the page with this number of a list at `path` begins, as a redirect.
    pub(super) fn numbered(&mut self, path: &str, list: &List<'_>, number: u32) -> Result<Answer> {
        if number < 2 {
            return Ok(Answer::Moved(path.to_owned()));
        }
        if number > NUMBERED {
            return Err(Error::not_found("page"));
        }
        let skip = i64::from(number - 1) * i64::from(self.page_size()) - 1;
        let place = match list {
            List::Of(filter) => rows::place(self.tx, self.scope, filter, skip)?,
            List::Term(term) => rows::archive_place(self.tx, self.scope, term.id.get(), skip)?,
        };
        let place = place.ok_or_else(|| Error::not_found("page"))?;
        Ok(Answer::Moved(format!("{path}?before={}&page={number}", place.encode())))
    }

    pub(super) fn cards(&mut self, found: &[CardRow]) -> Result<Vec<EntryView>> {
        let ids: Vec<i64> = found.iter().map(|(c, ..)| c.id.get()).collect();
        let held = if ids.is_empty() { Vec::new() } else { terms::of_entries(self.tx, self.scope, &ids)? };
        self.parts.extend(found.iter().flat_map(|(c, a, _)| [Part::Entry(c.id), Part::Person(a.id)]));
        self.parts.extend(held.iter().map(|(_, label)| Part::Term(label.id)));
        Ok(views::cards(found, &held))
    }
}
