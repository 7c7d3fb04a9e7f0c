//! `theme.toml`: who a theme is and what it can be set to.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::files::ThemeFiles;
use super::problem::Problem;
pub use super::settings::{Choice, Kind, Setting};

/// The contract's version this program speaks.
pub const API: u32 = 1;

/// Most settings of a theme.
const MAX_SETTINGS: usize = 200;

/// A checked `theme.toml`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// `[theme]`.
    pub theme: Identity,
    /// `[images]`.
    #[serde(default)]
    pub images: Images,
    /// `[locations]`: menu places, id to label.
    #[serde(default)]
    pub locations: BTreeMap<String, String>,
    /// `[positions]`: places for widgets, id to label.
    #[serde(default)]
    pub positions: BTreeMap<String, Position>,
    /// `[templates."custom/wide"]`: templates an editor can choose.
    #[serde(default)]
    pub templates: BTreeMap<String, CustomTemplate>,
    /// `[editor]`: what the panel's canvas takes over.
    #[serde(default)]
    pub editor: Editor,
    /// `[preload]`: files of `static/` that every page needs at once.
    #[serde(default)]
    pub preload: Preload,
    /// `[share]`: what pictures for shared links are drawn with.
    #[serde(default)]
    pub share: Share,
    /// `[[settings]]`: what the customiser shows.
    #[serde(default)]
    pub settings: Vec<Setting>,
}

/// What pictures for shared links are drawn with.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Share {
    /// Fonts of `static/` (WOFF2, TrueType, OpenType); `share.svg` names them by their family.
    pub fonts: Vec<String>,
    /// The letters that they have, as CSS's `unicode-range`: `U+20-7E, U+A0-FF, U+2019`. A title with another letter
    /// gets no picture.
    pub letters: String,
}

/// Reads a `unicode-range` (CSS Fonts 4 section 4.5) without its `?` form; `None` where it is none.
pub(crate) fn ranges(text: &str) -> Option<Vec<RangeInclusive<u32>>> {
    let number = |hex: &str| u32::from_str_radix(hex, 16).ok().filter(|n| *n <= 0x10_FFFF);
    let range = |part: &str| {
        let part = part.trim();
        let hex = part.strip_prefix("U+").or_else(|| part.strip_prefix("u+"))?;
        let (first, last) = hex.split_once('-').unwrap_or((hex, hex));
        Some(number(first)?..=number(last)?)
    };
    text.split(',').filter(|part| !part.trim().is_empty()).map(range).collect()
}

/// Who the theme is.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// Its name for people.
    pub name: String,
    /// Its version, rising.
    pub version: String,
    /// The folder name of the theme it builds on; empty for none.
    #[serde(default)]
    pub parent: String,
    /// An SPDX expression.
    #[serde(default)]
    pub license: String,
    /// One sentence on what it looks like.
    #[serde(default)]
    pub description: String,
    /// Who made it.
    #[serde(default)]
    pub author: String,
    /// Version of the theme contract it is written for.
    pub api: u32,
}

/// Picture widths.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Images {
    /// Widths in pixels that pictures are offered in, rising, at most 12.
    pub widths: Vec<u32>,
}

impl Default for Images {
    fn default() -> Self {
        Self { widths: vec![320, 640, 960, 1280, 1920] }
    }
}

/// A place for widgets: a label, or a table with a limit.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(untagged)]
pub enum Position {
    /// Only its label.
    Label(String),
    /// With the most widgets it holds.
    Limited {
        /// Its label.
        label: String,
        /// The most widgets.
        max: u32,
    },
}

/// A template an editor can choose for an entry.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CustomTemplate {
    /// Its name in the editor.
    pub label: String,
    /// Content types it fits; empty for all.
    #[serde(default)]
    pub types: Vec<String>,
}

/// The editor's canvas.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Editor {
    /// `serif` or `sans`.
    pub font: String,
    /// Line length, in `ch`: `62ch`.
    pub measure: String,
}

impl Default for Editor {
    fn default() -> Self {
        Self { font: "serif".to_owned(), measure: "62ch".to_owned() }
    }
}

/// What the page needs before anything else.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Preload {
    /// Style sheets, linked from `head()` in this order.
    pub styles: Vec<String>,
    /// Fonts to fetch early; one is enough.
    pub fonts: Vec<String>,
}

impl Manifest {
    /// Reads and checks the theme's `theme.toml`.
    ///
    /// # Errors
    /// The file is missing or not TOML, a key is unknown, or a value is outside its bounds; with its line.
    pub fn read(files: &ThemeFiles) -> Result<Self, Problem> {
        let file = format!("{}/theme.toml", files.name());
        let Some(text) = files.text("theme.toml")? else {
            return Err(Problem::of_file(file, "The theme has no theme.toml."));
        };
        let manifest: Self = toml::from_str(text).map_err(|e| {
            let at = e.span().map_or(0, |span| span.start);
            Problem::at_byte(&file, text, at, e.message())
        })?;
        manifest.check().map_err(|(word, message)| {
            let at = text.find(&word).unwrap_or(0);
            Problem::at_byte(&file, text, at, message)
        })?;
        Ok(manifest)
    }

    /// Whether an editor may choose this template (`custom/wide` or `wide`) for a content type or a taxonomy; the
    /// usual one always.
    pub fn offers(&self, template: &str, kind: &str) -> bool {
        let name = template.strip_prefix("custom/").unwrap_or(template);
        let found = self.templates.get(&format!("custom/{name}"));
        template.is_empty() || found.is_some_and(|t| t.types.is_empty() || t.types.iter().any(|known| known == kind))
    }

    /// What the values may be; an error names a word to look for in the file.
    fn check(&self) -> Result<(), (String, String)> {
        let wrong = |word: &str, message: &str| Err((word.to_owned(), message.to_owned()));
        if self.theme.api != API {
            return wrong("api", "This theme is written for another version of Freehold's theme contract (api = 1).");
        }
        let widths = &self.images.widths;
        let rising = widths.windows(2).all(|w| matches!(w, [a, b] if a < b));
        if widths.is_empty() || widths.len() > 12 || !rising || widths.iter().any(|w| !(16..=4096).contains(w)) {
            return wrong("widths", "Widths are 1 to 12 rising numbers from 16 to 4096.");
        }
        if !matches!(self.editor.font.as_str(), "serif" | "sans") {
            return wrong("font", "The editor's font is \"serif\" or \"sans\".");
        }
        let measure = self.editor.measure.strip_suffix("ch").and_then(|n| n.parse::<u32>().ok());
        if !measure.is_some_and(|n| (30..=120).contains(&n)) {
            return wrong("measure", "The measure is from 30ch to 120ch.");
        }
        for name in self.templates.keys() {
            if !name.starts_with("custom/") {
                return wrong(name, "A template that editors can choose is named custom/….");
            }
        }
        if self.share.fonts.len() > 12 {
            return wrong("share", "Pictures for shared links take at most 12 fonts.");
        }
        if ranges(&self.share.letters).is_none() {
            return wrong("letters", "Letters are ranges as in CSS: U+20-7E, U+A0-FF.");
        }
        for (i, setting) in self.settings.iter().enumerate() {
            if let Err(message) = setting.check() {
                return wrong(&setting.id, &message);
            }
            if self.settings.iter().take(i).any(|s| s.id == setting.id) {
                return wrong(&setting.id, "Two settings have this id.");
            }
            // A child may read upon a colour of its parent, which is not known here.
            let ground = self.settings.iter().find(|s| s.id == setting.contrast_with);
            let has_colors = |s: &Setting| s.kind == Kind::Color || s.options.iter().any(|o| !o.colors.is_empty());
            if !setting.contrast_with.is_empty() && !ground.map_or(!self.theme.parent.is_empty(), has_colors) {
                return wrong(&setting.id, "contrast_with names a setting that has a colour.");
            }
        }
        if self.settings.len() > MAX_SETTINGS {
            return wrong("settings", "A theme has at most 200 settings.");
        }
        Ok(())
    }
}
