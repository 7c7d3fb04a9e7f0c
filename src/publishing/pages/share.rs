//! Pictures for shared links of pages that have none of their own (row SO02): an entry's is drawn from its title, all
//! other pages share the site's.

use std::sync::Arc;

use freehold_base::{EntryId, Error, Result};
use freehold_store::{Tx, entries as rows};

use super::{Ask, Making, Pages};
use crate::themes::{Page, Theme};

/// A picture that can be drawn.
#[derive(Debug)]
pub struct SharePicture {
    /// What stands in its address; another one for other words, another theme or other settings.
    pub key: String,
    page: Arc<Page>,
    theme: Arc<Theme>,
}

impl SharePicture {
    /// Draws it: 20 to 60 ms of work, so on the threads for pictures. A PNG.
    ///
    /// # Errors
    /// `Internal` where the theme's `share.svg` fails.
    pub fn draw(&self) -> Result<Vec<u8>> {
        let drawn = self.theme.draw_share(&self.page);
        drawn.map_err(|problem| Error::internal("drawing a picture for shared links", format!("{problem:?}")))
    }
}

/// The address of a picture: that of an entry, or the site's (0).
pub fn share_path(entry: EntryId, key: &str) -> String {
    format!("/_/share/{entry}-{key}.png")
}

impl Pages {
    /// The picture of an entry that everybody may see, or of the site (0).
    ///
    /// # Errors
    /// `NotFound("page")`, also where the theme cannot write the title; database failures.
    pub fn share(&self, tx: &mut Tx<'_>, ask: &Ask<'_>, entry: EntryId) -> Result<SharePicture> {
        let making = self.making(tx, ask)?;
        let missing = || Error::not_found("page");
        let title = if entry == EntryId(0) {
            String::new()
        } else {
            let found = rows::find_with_author(making.tx, making.scope, entry)?;
            found.filter(|(entry, ..)| entry.is_live()).ok_or_else(missing)?.0.title
        };
        let page = making.page("entry", &title);
        let theme = making.themes.get(&making.site.settings.theme.name);
        let key = theme.share_key(&page, &title).ok_or_else(missing)?;
        Ok(SharePicture { key, page: Arc::new(page), theme })
    }
}

impl Making<'_, '_> {
    /// Names the picture of a page that has none.
    pub(super) fn name_share(&self, page: &mut Page, theme: &Theme) {
        let entry = page.entry.as_ref();
        let has_picture = page.page.image.is_some() || entry.is_some_and(|e| e.image.is_some());
        if self.preview || page.page.status != 200 || has_picture {
            return;
        }
        let (id, title) = entry.map_or((EntryId(0), ""), |e| (EntryId(e.id), e.title.as_str()));
        if let Some(key) = theme.share_key(page, title) {
            page.page.share = share_path(id, &key);
        }
    }
}
