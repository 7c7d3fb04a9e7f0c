//! `theme.toml`: who a theme is and what it can be set to.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::files::ThemeFiles;
use super::problem::Problem;

/// The contract's version this program speaks.
pub const API: u32 = 1;

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

/// How a setting is shown and checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)] // the names are the contract's
pub enum Kind {
    Text,
    Textarea,
    Richtext,
    Number,
    Range,
    Bool,
    Select,
    Radio,
    Color,
    Font,
    Image,
    Media,
    Link,
    Entry,
    Term,
    Menu,
    Spacing,
    Icon,
    Code,
}

/// One setting of the customiser.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// Its name in templates: `theme.<id>`.
    pub id: String,
    /// The heading it stands under.
    #[serde(default)]
    pub group: String,
    /// Its label; the id when empty.
    #[serde(default)]
    pub label: String,
    /// Its kind.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// The choices of a select or radio.
    #[serde(default)]
    pub options: Vec<String>,
    /// What it is until somebody sets it.
    pub default: serde_json::Value,
    /// The CSS variable it writes, such as `--accent`; empty for none.
    #[serde(default)]
    pub css_var: String,
    /// The setting it must keep a contrast of 4.5 with; empty for none.
    #[serde(default)]
    pub contrast_with: String,
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
                return wrong(&setting.id, message);
            }
            if self.settings.iter().take(i).any(|s| s.id == setting.id) {
                return wrong(&setting.id, "Two settings have this id.");
            }
        }
        Ok(())
    }
}

impl Setting {
    fn check(&self) -> Result<(), &'static str> {
        let word = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if !word(&self.id) {
            return Err("A setting's id is made of letters, digits and _.");
        }
        if matches!(self.kind, Kind::Select | Kind::Radio) && self.options.is_empty() {
            return Err("A select or radio needs its options.");
        }
        if !self.accepts(&self.default) {
            return Err("The default is not a value this setting accepts.");
        }
        let var = self.css_var.strip_prefix("--").unwrap_or_default();
        if !self.css_var.is_empty() && (var.is_empty() || !var.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
        {
            return Err("A css_var is named --like-this.");
        }
        Ok(())
    }

    /// Whether a value may be stored for this setting.
    pub fn accepts(&self, value: &serde_json::Value) -> bool {
        use serde_json::Value;
        match (self.kind, value) {
            (Kind::Bool, Value::Bool(_)) => true,
            (Kind::Number | Kind::Range, Value::Number(_)) => true,
            (Kind::Select | Kind::Radio, Value::String(s)) => self.options.contains(s),
            (Kind::Color | Kind::Spacing, Value::String(s)) => is_css_value(s),
            (Kind::Image | Kind::Media | Kind::Entry | Kind::Term, Value::Number(_) | Value::Null) => true,
            (Kind::Bool | Kind::Number | Kind::Range | Kind::Select | Kind::Radio, _) => false,
            (_, Value::String(s)) => s.len() <= 65_536,
            _ => false,
        }
    }
}

/// Whether a text can stand as a CSS value without ending its declaration.
pub(crate) fn is_css_value(text: &str) -> bool {
    text.len() <= 120
        && !text.is_empty()
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b" #%.,()-+/".contains(&b))
        && !text.contains("url")
        && !text.contains("/*")
}
