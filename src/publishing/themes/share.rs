//! Pictures for shared links (row SO02): a page without a picture of its own gets one that is drawn from its title by
//! the theme's `share.svg`, with the theme's own fonts.

use std::ops::RangeInclusive;
use std::sync::{Arc, OnceLock};

use freehold_base::secret::hex;
use freehold_base::{Code, Error, OrInternal as _, Result};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{ImageHrefResolver, Options, Tree, fontdb};
use sha2::{Digest as _, Sha256};

use super::assets::Assets;
use super::context::Page;
use super::manifest::{self, Manifest};
use crate::media::svg;

/// The template that draws it; it is XML, with everything escaped that it prints.
pub(crate) const TEMPLATE: &str = "share.svg";
/// What services show whole: 1.91 to 1 (Open Graph, X).
pub const WIDTH: u32 = 1200;
/// See [`WIDTH`].
pub const HEIGHT: u32 = 630;
/// Most bytes of a font once it is unpacked.
const MAX_FONT_BYTES: usize = 8 << 20;

/// Fonts and letters of a compiled theme.
#[derive(Debug)]
pub(crate) struct Share {
    letters: Vec<RangeInclusive<u32>>,
    /// As the theme has them; unpacked when the first picture is drawn.
    files: Vec<bytes::Bytes>,
    fonts: OnceLock<Arc<fontdb::Database>>,
}

impl Share {
    pub(crate) fn of(manifest: &Manifest, assets: &Assets) -> Self {
        let files = manifest.share.fonts.iter().filter_map(|path| assets.get(path)).map(|a| a.bytes.clone()).collect();
        let letters = manifest::ranges(&manifest.share.letters).unwrap_or_default();
        Self { letters, files, fonts: OnceLock::new() }
    }

    /// Whether the fonts have every letter of a text: a picture full of boxes is worse than none.
    fn can_write(&self, text: &str) -> bool {
        text.chars().all(|c| c.is_whitespace() || self.letters.iter().any(|range| range.contains(&u32::from(c))))
    }

    fn fonts(&self) -> Arc<fontdb::Database> {
        let unpacked = || {
            let mut fonts = fontdb::Database::new();
            self.files.iter().filter_map(|file| unpack(file)).for_each(|font| fonts.load_font_data(font));
            Arc::new(fonts)
        };
        Arc::clone(self.fonts.get_or_init(unpacked))
    }

    /// What stands in the address of a picture: it changes with all that the picture shows. `None` where none can be
    /// drawn. `title`: the entry's; empty for the site's own picture.
    pub(crate) fn key(&self, theme: &str, page: &Page, title: &str) -> Option<String> {
        let site = &page.site;
        let shown = [title, &site.title, &site.tagline];
        if site.title.trim().is_empty() && title.trim().is_empty() || !shown.iter().all(|text| self.can_write(text)) {
            return None;
        }
        let mut hash = Sha256::new();
        for part in [theme, title, &site.title, &site.tagline, &site.url, &site.locale] {
            hash.update(part.len().to_le_bytes());
            hash.update(part);
        }
        if !page.settings.is_empty() {
            hash.update(serde_json::to_vec(&page.settings).unwrap_or_default());
        }
        hash.finalize().get(..8).map(hex)
    }

    /// Draws a filled template: 20 to 60 ms of work. Returns a PNG.
    ///
    /// # Errors
    /// `MediaBroken` where it is no drawing.
    pub(crate) fn draw(&self, text: &str) -> Result<Vec<u8>> {
        // What a theme writes is no more trusted than an uploaded drawing (security rules B8, D2).
        let clean = svg::clean(text.as_bytes())?;
        let text = std::str::from_utf8(&clean.bytes).or_internal("drawing a picture for shared links")?;
        let options = Options {
            fontdb: self.fonts(),
            image_href_resolver: ImageHrefResolver {
                resolve_data: Box::new(|_, _, _| None),
                resolve_string: Box::new(|_, _| None),
            },
            ..Options::default()
        };
        let broken = || Error::refused(Code::MediaBroken, "share.svg");
        let tree = Tree::from_str(text, &options).map_err(|_| broken())?;
        let mut canvas = Pixmap::new(WIDTH, HEIGHT).ok_or_else(broken)?;
        let (width, height) = (tree.size().width(), tree.size().height());
        #[expect(clippy::cast_precision_loss)] // both are far below 2^24
        let scale = Transform::from_scale(WIDTH as f32 / width, HEIGHT as f32 / height);
        resvg::render(&tree, scale, &mut canvas.as_mut());
        canvas.encode_png().or_internal("writing a PNG")
    }
}

/// Whether a filled template is a drawing.
///
/// # Errors
/// `MediaBroken`, `TooLarge`.
pub(crate) fn check(text: &str) -> Result<()> {
    svg::clean(text.as_bytes()).map(drop)
}

/// A font as the drawing knows it: WOFF2 unpacked, TrueType and OpenType as they are.
pub(crate) fn unpack(file: &[u8]) -> Option<Vec<u8>> {
    if !file.starts_with(b"wOF2") {
        return Some(file.to_vec());
    }
    // The head of the file says how large it will be (WOFF 2.0 section 4.1, totalSfntSize).
    let size = file.get(16..20).and_then(|b| Some(u32::from_be_bytes(b.try_into().ok()?)))?;
    if usize::try_from(size).ok()? > MAX_FONT_BYTES {
        return None;
    }
    wuff::decompress_woff2(file).ok()
}
