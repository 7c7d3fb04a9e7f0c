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
    /// Words by language.
    pub(crate) words: HashMap<String, Arc<Words>>,
}

/// Words of one language by key.
pub(crate) type Words = HashMap<String, String>;

/// The rendering under way in this thread.
#[derive(Clone)]
pub(crate) struct Frame {
    pub(crate) page: Arc<Page>,
    pub(crate) fixed: Arc<Fixed>,
    pub(crate) zone: Tz,
    /// The words of the site's language, best first.
    languages: Vec<Arc<Words>>,
}

thread_local! {
    static FRAME: RefCell<Option<Frame>> = const { RefCell::new(None) };
}

impl Frame {
    pub(crate) fn new(page: Arc<Page>, fixed: Arc<Fixed>) -> Self {
        let zone = page.site.timezone.parse().unwrap_or(Tz::UTC);
        let locale = page.site.locale.as_str();
        let language = locale.split(['-', '_']).next().unwrap_or("en");
        let mut wanted = vec![locale, language, "en"];
        wanted.dedup();
        let languages = wanted.into_iter().filter_map(|l| fixed.words.get(l).cloned()).collect();
        Self { page, fixed, zone, languages }
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
    pub(crate) fn word<'a>(&'a self, key: &'a str) -> &'a str {
        self.languages.iter().find_map(|words| words.get(key)).map_or(key, String::as_str)
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
