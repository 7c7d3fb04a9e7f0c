//! Pages of lists of people, ordered by name, in both directions.

use freehold_base::{Cursor, Page, PageSize};

use super::ctx::Ctx;

/// Which page the address asks for.
pub(super) struct Place {
    /// The page to read: one row more than is shown.
    pub page: Page,
    /// From the other end.
    pub back: bool,
    began: bool,
    size: u16,
}

/// The neighbours of a page.
pub(super) struct Neighbours {
    /// Place of the page before.
    pub prev: Option<Cursor>,
    /// Place of the page after.
    pub next: Option<Cursor>,
}

impl Place {
    /// Reads it; `size` rows are shown.
    pub(super) fn of(ctx: &Ctx, size: u16) -> Self {
        let at = |name| ctx.param(name).and_then(|text| Cursor::decode(&text));
        let (before, after) = (at("before"), at("after"));
        let back = before.is_some();
        let place = before.or(after);
        Self { back, began: place.is_some(), size, page: Page { size: PageSize::new(size + 1), after: place } }
    }
    /// Cuts what was read to what is shown, in order, and finds the neighbours.
    pub(super) fn cut<T>(&self, rows: &mut Vec<T>, key: impl Fn(&T) -> Cursor) -> Neighbours {
        let more = rows.len() > usize::from(self.size);
        rows.truncate(usize::from(self.size));
        if self.back {
            rows.reverse();
        }
        let before = if self.back { more } else { self.began };
        Neighbours {
            prev: rows.first().filter(|_| before).map(&key),
            next: rows.last().filter(|_| self.back || more).map(&key),
        }
    }
}
