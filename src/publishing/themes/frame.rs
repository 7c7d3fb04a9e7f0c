//! What functions and filters of the running rendering read: the page's own structs, not the template's copies.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use chrono_tz::Tz;

use super::assets::Assets;
use super::context::Page;
use super::manifest::Manifest;

/// What stays the same for a compiled theme.
#[derive(Debug)]
pub(crate) struct Fixed {
    pub(crate) manifest: Manifest,
    pub(crate) assets: Assets,
    /// Words by language, then by key.
    pub(crate) words: HashMap<String, HashMap<String, String>>,
}

/// The rendering under way in this thread.
#[derive(Clone)]
pub(crate) struct Frame {
    pub(crate) page: Arc<Page>,
    pub(crate) fixed: Arc<Fixed>,
    pub(crate) zone: Tz,
}

thread_local! {
    static FRAME: RefCell<Option<Frame>> = const { RefCell::new(None) };
}

impl Frame {
    pub(crate) fn new(page: Arc<Page>, fixed: Arc<Fixed>) -> Self {
        let zone = page.site.timezone.parse().unwrap_or(Tz::UTC);
        Self { page, fixed, zone }
    }

    /// Runs `work` as this rendering.
    pub(crate) fn enter<T>(self, work: impl FnOnce() -> T) -> T {
        struct Restore(Option<Frame>);
        impl Drop for Restore {
            fn drop(&mut self) {
                let outer = self.0.take();
                FRAME.with_borrow_mut(|f| *f = outer);
            }
        }
        let _restore = Restore(FRAME.replace(Some(self)));
        work()
    }

    /// The words for `key` in the site's language, else English, else the key itself.
    pub(crate) fn word(&self, key: &str) -> String {
        let locale = self.page.site.locale.as_str();
        let language = locale.split(['-', '_']).next().unwrap_or("en");
        [locale, language, "en"]
            .iter()
            .find_map(|l| self.fixed.words.get(*l)?.get(key))
            .map_or_else(|| key.to_owned(), Clone::clone)
    }

    /// The theme's address of a static file; the plain path when there is none.
    pub(crate) fn asset_url(&self, path: &str) -> Option<&str> {
        self.fixed.assets.get(path).map(|a| a.url.as_str())
    }
}

/// Reads the rendering under way.
///
/// # Errors
/// There is none: a template function was called outside [`super::Theme::render`].
pub(crate) fn with<T>(read: impl FnOnce(&Frame) -> tera::TeraResult<T>) -> tera::TeraResult<T> {
    FRAME.with_borrow(|frame| match frame {
        Some(frame) => read(frame),
        None => Err(tera::Error::message("no page is being rendered")),
    })
}
