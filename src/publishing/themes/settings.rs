//! `[[settings]]` of a theme: what people can set, how it is shown, and what may stand there.

use freehold_base::Code;
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

use super::contrast::{self, Pair};
use super::css;

/// Longest single line, in characters.
const LINE: usize = 500;
/// Longest text of several lines, in characters.
const LINES: usize = 20_000;
/// Most choices of one setting.
const MAX_OPTIONS: usize = 40;
/// Fonts that every device has something for, where a setting of the kind `font` names none.
const FONTS: &[(&str, &str, &str)] = &[
    ("serif", "Serif", "ui-serif, Georgia, serif"),
    ("sans", "Sans serif", "ui-sans-serif, system-ui, sans-serif"),
    ("mono", "Typewriter", "ui-monospace, Consolas, monospace"),
];
/// Drawings that `icon()` knows.
pub const ICONS: &[&str] = &["menu", "search", "moon", "close", "left", "right", "feed", "download"];
/// Units of a length.
const UNITS: &[&str] = &["px", "rem", "em", "ch", "lh", "vw", "vh", "%"];

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

/// One choice of a setting. In `theme.toml` a word, or a table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(from = "Written")]
pub struct Choice {
    /// What templates read.
    pub value: String,
    /// What people read.
    pub label: String,
    /// A few words on it.
    pub help: String,
    /// Colours that it brings: ground, text, accent.
    pub colors: Vec<String>,
    /// The fonts that it brings, as CSS names them.
    pub font: String,
}

/// A choice as it stands in the file.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Word(String),
    Table(Table),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    value: String,
    #[serde(default)]
    label: String,
    #[serde(default)]
    help: String,
    #[serde(default)]
    colors: Vec<String>,
    #[serde(default)]
    font: String,
}

impl From<Written> for Choice {
    fn from(written: Written) -> Self {
        match written {
            Written::Word(value) => Self { label: value.clone(), value, ..Self::default() },
            Written::Table(Table { value, label, help, colors, font }) => {
                let label = if label.is_empty() { value.clone() } else { label };
                Self { value, label, help, colors, font }
            }
        }
    }
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
    /// A sentence below it.
    #[serde(default)]
    pub help: String,
    /// Its kind.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// The choices of a select, radio, font or icon.
    #[serde(default)]
    pub options: Vec<Choice>,
    /// What it is until somebody sets it.
    pub default: Value,
    /// The smallest number.
    #[serde(default)]
    pub min: Option<f64>,
    /// The largest number.
    #[serde(default)]
    pub max: Option<f64>,
    /// The distance of one number to the next; 1 where nothing is said.
    #[serde(default)]
    pub step: Option<f64>,
    /// What the number counts: `px`, `ch`. Stands behind the number in its CSS variable.
    #[serde(default)]
    pub unit: String,
    /// Shown only among all options.
    #[serde(default)]
    pub advanced: bool,
    /// The CSS variable it writes, such as `--accent`; empty for none.
    #[serde(default)]
    pub css_var: String,
    /// The setting it must keep a contrast of 4.5 with; empty for none.
    #[serde(default)]
    pub contrast_with: String,
    /// Where a colour is used: `light`, `dark`, or both where nothing is said.
    #[serde(default)]
    pub when: String,
}

/// Why a value is refused: the code, and what its sentence speaks about.
pub type Refused = (Code, String);

impl Setting {
    /// Its name for people.
    pub fn title(&self) -> &str {
        if self.label.is_empty() { &self.id } else { &self.label }
    }

    /// Its choices; those of the kind where the theme names none.
    pub fn choices(&self) -> Vec<Choice> {
        let of = |value: &str, label: &str, font: &str| Choice {
            value: value.to_owned(),
            label: label.to_owned(),
            font: font.to_owned(),
            ..Choice::default()
        };
        match self.kind {
            _ if !self.options.is_empty() => self.options.clone(),
            Kind::Font => FONTS.iter().map(|(value, label, font)| of(value, label, font)).collect(),
            Kind::Icon => ICONS.iter().map(|name| of(name, name, "")).collect(),
            _ => Vec::new(),
        }
    }

    /// Whether a word is one of its choices.
    fn has_choice(&self, value: &str) -> bool {
        match self.kind {
            _ if !self.options.is_empty() => self.options.iter().any(|choice| choice.value == value),
            Kind::Font => FONTS.iter().any(|(known, ..)| *known == value),
            Kind::Icon => ICONS.contains(&value),
            _ => false,
        }
    }

    /// The fonts that a choice brings, as CSS names them.
    fn font_of(&self, value: &str) -> Option<&str> {
        match self.options.as_slice() {
            [] => FONTS.iter().find(|(known, ..)| *known == value).map(|(.., font)| *font),
            options => options.iter().find(|choice| choice.value == value).map(|choice| choice.font.as_str()),
        }
    }

    /// Smallest and largest number; a range has both.
    pub fn bounds(&self) -> (f64, f64) {
        let (low, high) = if self.kind == Kind::Range { (0.0, 100.0) } else { (-1e9, 1e9) };
        (self.min.unwrap_or(low), self.max.unwrap_or(high))
    }

    /// What is wrong with the setting itself.
    ///
    /// # Errors
    /// A sentence for the theme's author.
    pub fn check(&self) -> Result<(), String> {
        let word = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        let wrong = |text: &str| Err(text.to_owned());
        if !word(&self.id) || self.id.len() > 60 {
            return wrong("A setting's id is made of letters, digits and _, at most 60.");
        }
        if matches!(self.kind, Kind::Select | Kind::Radio) && self.options.is_empty() {
            return wrong("A select or radio needs its options.");
        }
        if !self.options.is_empty() && !matches!(self.kind, Kind::Select | Kind::Radio | Kind::Font | Kind::Icon) {
            return wrong("Only select, radio, font and icon have options.");
        }
        self.check_options()?;
        let (low, high) = self.bounds();
        if !low.is_finite() || !high.is_finite() || low >= high || self.step.is_some_and(|s| !s.is_finite() || s <= 0.0)
        {
            return wrong("min is below max, and step is above 0.");
        }
        if !self.unit.is_empty() && !(UNITS.contains(&self.unit.as_str()) || word(&self.unit)) {
            return wrong("A unit is a word such as px, ch or %.");
        }
        if let Err((_, expected)) = self.judge(&self.default) {
            return Err(format!("The default is not a value this setting accepts: {expected}."));
        }
        let var = self.css_var.strip_prefix("--").unwrap_or_default();
        if !self.css_var.is_empty() && (var.is_empty() || !var.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
        {
            return wrong("A css_var is named --like-this.");
        }
        if !matches!(self.when.as_str(), "" | "light" | "dark") {
            return wrong("when is light or dark.");
        }
        Ok(())
    }

    fn check_options(&self) -> Result<(), String> {
        let mut seen: Vec<&str> = Vec::new();
        if self.options.len() > MAX_OPTIONS {
            return Err(format!("A setting has at most {MAX_OPTIONS} options."));
        }
        for choice in &self.options {
            if seen.contains(&choice.value.as_str()) {
                return Err(format!("The option {} stands there twice.", choice.value));
            }
            seen.push(&choice.value);
            if let Some(color) = choice.colors.iter().find(|color| !is_color(color)) {
                return Err(format!("{color} is no colour: #aa3d27, rgb(170 61 39), oklch(.5 .15 33)."));
            }
            if !choice.font.is_empty() && !css::is_font(&choice.font) {
                return Err(format!("The fonts of {} are names with commas between them.", choice.value));
            }
            if self.kind == Kind::Icon && !ICONS.contains(&choice.value.as_str()) {
                return Err(format!("{} is no drawing that icon() knows: {}.", choice.value, ICONS.join(", ")));
            }
        }
        Ok(())
    }

    /// Whether a value may be stored for this setting. That what it names by a number is there, the database knows.
    pub fn accepts(&self, value: &Value) -> bool {
        self.judge(value).is_ok()
    }

    /// Whether a value may be stored, and why not.
    ///
    /// # Errors
    /// The reason.
    pub fn judge(&self, value: &Value) -> Result<(), Refused> {
        match (self.kind, value) {
            (Kind::Bool, Value::Bool(_)) => Ok(()),
            (Kind::Bool, _) => Err((Code::NotAllowed, "true, false".into())),
            (Kind::Number | Kind::Range, Value::Number(number)) => self.judge_number(number.as_f64()),
            (Kind::Number | Kind::Range, _) => self.judge_number(None),
            (Kind::Image | Kind::Media | Kind::Entry | Kind::Term | Kind::Menu, value) => match value {
                Value::Null => Ok(()),
                Value::Number(number) if number.as_i64().is_some_and(|id| id >= 0) => Ok(()),
                _ => Err((Code::Malformed, "the number of one on this site, or 0 for none".into())),
            },
            (Kind::Select | Kind::Radio | Kind::Font | Kind::Icon, value) => {
                if value.as_str().is_some_and(|value| self.has_choice(value)) {
                    return Ok(());
                }
                let all: Vec<String> = self.choices().into_iter().map(|choice| choice.value).collect();
                Err((Code::NotAllowed, all.join(", ")))
            }
            (_, Value::String(text)) => self.judge_text(text),
            (_, _) => Err((Code::Malformed, "a text".into())),
        }
    }

    fn judge_number(&self, number: Option<f64>) -> Result<(), Refused> {
        let (low, high) = self.bounds();
        match number {
            Some(number) if number >= low && number <= high => Ok(()),
            _ if self.min.is_none() && self.max.is_none() && self.kind == Kind::Number => {
                Err((Code::Malformed, "a number, such as 20".into()))
            }
            _ => Err((Code::NotAllowed, format!("a number from {low} to {high}"))),
        }
    }

    fn judge_text(&self, text: &str) -> Result<(), Refused> {
        let (most, several) = match self.kind {
            Kind::Textarea | Kind::Richtext | Kind::Code => (LINES, true),
            _ => (LINE, false),
        };
        if text.len() > most && text.chars().count() > most {
            return Err((Code::TooLong, most.to_string()));
        }
        if text.chars().any(|c| c.is_control() && !(several && matches!(c, '\n' | '\t'))) {
            return Err((Code::Malformed, if several { "plain text" } else { "plain text on one line" }.into()));
        }
        let empty = text.is_empty() && self.default.as_str() == Some("");
        let wrong =
            |good: bool, expected: &str| if good { Ok(()) } else { Err((Code::Malformed, expected.to_owned())) };
        match self.kind {
            Kind::Color => wrong(
                empty || is_color(text),
                "a colour such as #aa3d27, rgb(170 61 39) or oklch(.5 .15 33)",
            ),
            Kind::Spacing => wrong(empty || is_length(text), "a length such as 24px, 1.5rem or 62ch"),
            Kind::Link => wrong(is_link(text), "an address such as /about/ or https://example.org"),
            Kind::Code => css::judge(text).map_err(|why| (Code::Malformed, why)),
            _ => Ok(()),
        }
    }

    /// A value from a form or a command line.
    ///
    /// # Errors
    /// The reason why it is none.
    pub fn read(&self, text: &str) -> Result<Value, Refused> {
        let text = text.replace("\r\n", "\n");
        let trimmed = text.trim();
        let value = match self.kind {
            Kind::Bool => match trimmed {
                "on" | "true" | "yes" | "1" => Value::Bool(true),
                "" | "off" | "false" | "no" | "0" => Value::Bool(false),
                _ => Value::String(text.clone()),
            },
            Kind::Number | Kind::Range => number(trimmed).unwrap_or_else(|| Value::String(trimmed.to_owned())),
            Kind::Image | Kind::Media | Kind::Entry | Kind::Term | Kind::Menu => match trimmed {
                "" => Value::from(0),
                id => id.parse::<i64>().map_or_else(|_| Value::String(id.to_owned()), Value::from),
            },
            Kind::Textarea | Kind::Richtext | Kind::Code => Value::String(text.trim_end().to_owned()),
            _ => Value::String(trimmed.to_owned()),
        };
        self.judge(&value)?;
        Ok(value)
    }

    /// A stored value as the theme of today understands it: what was a choice once may be a number now, and lines may
    /// end as forms send them.
    pub fn settle(&self, value: &Value) -> Option<Value> {
        let value = match value {
            Value::String(text) if text.contains('\r') => {
                Value::String(text.replace("\r\n", "\n").replace('\r', "\n"))
            }
            other => other.clone(),
        };
        if self.accepts(&value) {
            return Some(value);
        }
        let number = match (self.kind, &value) {
            (Kind::Number | Kind::Range, Value::String(text)) => {
                let bare = text.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
                number(bare)
            }
            _ => None,
        };
        number.filter(|value| self.accepts(value))
    }

    /// What its CSS variable holds; none where it has none, or nothing to say.
    pub fn css_text(&self, value: &Value) -> Option<String> {
        let text = match (self.kind, value) {
            (_, Value::Number(number)) => format!("{number}{}", self.css_unit()),
            (_, Value::Bool(on)) => u8::from(*on).to_string(),
            (Kind::Font, Value::String(name)) => self.font_of(name)?.to_owned(),
            (_, Value::String(text)) => text.clone(),
            _ => return None,
        };
        let good = css::is_value(&text) || self.kind == Kind::Font && css::is_font(&text);
        (!self.css_var.is_empty() && good).then_some(text)
    }

    /// The unit as CSS knows it; empty for others.
    pub fn css_unit(&self) -> &str {
        if UNITS.contains(&self.unit.as_str()) { &self.unit } else { "" }
    }

    /// The colours that a value brings: its own, or those of the choice.
    pub fn colors(&self, value: &Value) -> Vec<Pair> {
        let text = value.as_str().unwrap_or_default();
        match self.kind {
            Kind::Color => Pair::parse(text).into_iter().collect(),
            Kind::Select | Kind::Radio => {
                let chosen = self.options.iter().find(|choice| choice.value == text);
                chosen.map(|choice| choice.colors.iter().filter_map(|c| Pair::parse(c)).collect()).unwrap_or_default()
            }
            _ => Vec::new(),
        }
    }
}

/// How well colours can be read, by the ids of their settings: each colour upon what it is read on, and the text of
/// each choice of colours upon its ground. `value`: what a setting is now.
pub fn contrasts(settings: &[Setting], value: impl Fn(&Setting) -> Value) -> Vec<(String, contrast::Found)> {
    let colors = |setting: &Setting| setting.colors(&value(setting));
    let one = |setting: &Setting| {
        let own = colors(setting);
        let (text, ground) = if setting.contrast_with.is_empty() {
            let mut own = own.into_iter();
            let ground = own.next()?;
            (own.next()?, ground)
        } else {
            let ground = settings.iter().find(|s| s.id == setting.contrast_with)?;
            (own.into_iter().next()?, colors(ground).into_iter().next()?)
        };
        Some((setting.id.clone(), contrast::Found::of(text, ground, &setting.when)))
    };
    settings.iter().filter_map(one).collect()
}

/// Whether a text is a colour whose contrast is known, and nothing behind it.
fn is_color(text: &str) -> bool {
    css::is_value(text) && Pair::parse(text).is_some()
}

/// A number as JSON has it; whole ones without a point.
fn number(text: &str) -> Option<Value> {
    if let Ok(whole) = text.parse::<i64>() {
        return Some(Value::from(whole));
    }
    let number = text.parse::<f64>().ok().filter(|number| number.is_finite())?;
    Number::from_f64(number).map(Value::Number)
}

fn is_length(text: &str) -> bool {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
    let unit = text.get(digits.len()..).unwrap_or_default();
    let number = digits.parse::<f64>().is_ok_and(|n| n.is_finite() && n.abs() <= 10_000.0);
    number && (UNITS.contains(&unit) || text == "0")
}

/// Whether a text is an address that a link may lead to: no script, nothing that only looks like a path.
fn is_link(text: &str) -> bool {
    let path = text.starts_with('/') && !text.starts_with("//") || text.starts_with('#') || text.starts_with('?');
    let starts = ["https://", "http://", "mailto:", "tel:"];
    let known = starts.iter().any(|start| text.len() > start.len() && text.starts_with(start));
    text.is_empty() || (path || known) && !text.contains(|c: char| c.is_whitespace() || "<>\"\\".contains(c))
}
