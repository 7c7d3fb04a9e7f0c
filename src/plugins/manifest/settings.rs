//! `[[settings]]`: what people may set, from which the panel makes a form; and the check of what they typed.

use freehold_base::text;
use serde_json::Value as Json;
use toml::Table;

use super::hosts::host_of;
use super::reader::{Reader, kind_of};
use crate::problem::{Problem, Problems};

macro_rules! kinds {
    ($($name:ident, $text:literal, $doc:literal;)*) => {
        /// What a setting holds.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum SettingKind { $(#[doc = $doc] $name),* }

        impl SettingKind {
            /// All, in the table's order.
            pub const ALL: &[SettingKind] = &[$(SettingKind::$name),*];
            /// As manifests write it.
            pub const fn name(self) -> &'static str {
                match self { $(SettingKind::$name => $text),* }
            }
            /// What it holds, for people who write plugins.
            pub const fn sentence(self) -> &'static str {
                match self { $(SettingKind::$name => $doc),* }
            }
        }
    };
}

kinds! {
    Text, "text", "One line, to 500 characters.";
    Textarea, "textarea", "Several lines, to 10,000 characters.";
    Number, "number", "A number, from `min` to `max` where they are given.";
    Bool, "bool", "Yes or no.";
    Select, "select", "One of `options`.";
    Secret, "secret", "One line that is stored encrypted and never shown again; it has no default.";
    Url, "url", "An address that begins with https:// or http://.";
    Email, "email", "An email address.";
    Colour, "colour", "A colour such as #0b5d6b.";
}

/// One of the values of a `select`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What is stored.
    pub value: String,
    /// What people see.
    pub label: String,
}

/// A field of the plugin's settings.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// Its name for programs.
    pub id: String,
    /// Its name for people, to 80 characters.
    pub label: String,
    /// What it holds.
    pub kind: SettingKind,
    /// A sentence below the field, to 300 characters; may be empty.
    pub help: String,
    /// Whether the plugin cannot work without it.
    pub required: bool,
    /// What it is until somebody sets it: text, a number, true or false; null where there is none.
    pub default: Json,
    /// The values of a `select`, 1 to 50; empty for all others.
    pub options: Vec<Choice>,
    /// The least `number`.
    pub min: Option<f64>,
    /// The largest `number`.
    pub max: Option<f64>,
}

/// The keys of `[[settings]]`.
pub(crate) const SETTING: &[&str] = &["id", "label", "type", "help", "required", "default", "options", "min", "max"];

/// Reads `[[settings]]`.
pub(super) fn read(tables: Vec<(String, &Table)>, problems: &mut Problems) -> Vec<Setting> {
    let mut seen = Vec::new();
    tables.into_iter().filter_map(|(place, table)| one(&place, table, &mut seen, problems)).collect()
}

fn one(place: &str, table: &Table, seen: &mut Vec<String>, problems: &mut Problems) -> Option<Setting> {
    let mut reader = Reader::new(table, place, SETTING, problems);
    let id = reader.id(seen);
    let label = reader.needed("label", 80, "What people see");
    let help = reader.line("help", 300).unwrap_or_default();
    let required = reader.flag("required");
    let kind = kind(&mut reader)?;
    let options = options(&mut reader, kind);
    let (min, max) = (bound(&mut reader, "min", kind), bound(&mut reader, "max", kind));
    if min.zip(max).is_some_and(|(min, max)| min > max) {
        reader.wrong("min", "is larger than max", "Change one of them.");
    }
    let mut setting = Setting { id, label, kind, help, required, default: Json::Null, options, min, max };
    setting.default = default(&mut reader, &setting);
    Some(setting)
}

fn kind(reader: &mut Reader<'_, '_>) -> Option<SettingKind> {
    let names = || SettingKind::ALL.iter().map(|kind| kind.name());
    let typed = reader.needed("type", 20, "text");
    let kind = SettingKind::ALL.iter().copied().find(|kind| kind.name() == typed);
    if kind.is_none() && !typed.is_empty() {
        let field = reader.field("type");
        reader.problems.unknown(field, "a kind of setting", &typed, names());
    }
    kind
}

fn options(reader: &mut Reader<'_, '_>, kind: SettingKind) -> Vec<Choice> {
    if kind != SettingKind::Select {
        if reader.value("options").is_some() {
            reader.wrong(
                "options",
                "stands at a setting that is no select",
                "Take it out, or write type = \"select\".",
            );
        }
        return Vec::new();
    }
    let mut choices = Vec::new();
    let mut seen = Vec::new();
    for (place, table) in reader.tables("options", 50) {
        let mut option = Reader::new(table, &place, &["value", "label"], reader.problems);
        let value = option.needed("value", 80, "small");
        let label = option.line("label", 80).unwrap_or_else(|| value.clone());
        if seen.contains(&value) {
            option.wrong("value", format!("`{value}` stands there twice"), "Take one out.");
        }
        seen.push(value.clone());
        choices.push(Choice { value, label });
    }
    if choices.is_empty() {
        let next = "Write options = [{ value = \"small\", label = \"Small\" }, …].";
        reader.wrong("options", "is missing or empty", next);
    }
    choices
}

fn bound(reader: &mut Reader<'_, '_>, key: &str, kind: SettingKind) -> Option<f64> {
    let value = reader.value(key)?;
    #[allow(clippy::cast_precision_loss, reason = "a bound of a form's number")]
    let number = value.as_float().or_else(|| value.as_integer().map(|n| n as f64));
    if kind != SettingKind::Number {
        reader.wrong(key, "stands at a setting that is no number", "Take it out, or write type = \"number\".");
    } else if number.is_none() {
        reader.wrong(key, format!("is {}, not a number", kind_of(value)), "Write a number without quotation marks.");
    }
    number.filter(|n| n.is_finite())
}

fn default(reader: &mut Reader<'_, '_>, setting: &Setting) -> Json {
    let Some(value) = reader.value("default") else { return Json::Null };
    if setting.kind == SettingKind::Secret {
        reader.wrong("default", "stands at a secret", "Take it out: what stands in a manifest is no secret.");
        return Json::Null;
    }
    let typed = match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Integer(number) => number.to_string(),
        toml::Value::Float(number) => number.to_string(),
        toml::Value::Boolean(flag) => flag.to_string(),
        other => {
            reader.wrong("default", format!("is {}", kind_of(other)), "Write one value.");
            return Json::Null;
        }
    };
    match setting.read(&typed) {
        Ok(value) => value,
        Err(problem) => {
            reader.wrong("default", problem.wrong, problem.next);
            Json::Null
        }
    }
}

impl Setting {
    /// What a person typed, checked: text, a number, true or false; null where nothing was typed.
    ///
    /// # Errors
    /// What is wrong with it; the field is the setting's id.
    pub fn read(&self, typed: &str) -> Result<Json, Problem> {
        let typed = typed.trim();
        let wrong = |wrong: &str, next: String| Err(Problem { field: self.id.clone(), wrong: wrong.to_owned(), next });
        if typed.is_empty() && self.kind != SettingKind::Bool {
            return if self.required { wrong("is needed", "Fill it in.".into()) } else { Ok(Json::Null) };
        }
        let fits = |read: freehold_base::Result<String>, max: usize| match read {
            Ok(text) => Ok(Json::String(text)),
            Err(_) => wrong("is too long", format!("Shorten it to {max} characters.")),
        };
        match self.kind {
            SettingKind::Text | SettingKind::Secret => fits(text::line("text", typed, 500), 500),
            SettingKind::Textarea => fits(text::lines("text", typed, 10_000), 10_000),
            SettingKind::Number => self.number(typed),
            SettingKind::Bool => match typed {
                "true" | "on" | "1" | "yes" => Ok(Json::Bool(true)),
                "" | "false" | "off" | "0" | "no" => Ok(Json::Bool(false)),
                _ => wrong("is neither yes nor no", "Choose true or false.".into()),
            },
            SettingKind::Select if self.options.iter().any(|o| o.value == typed) => Ok(typed.into()),
            SettingKind::Select => {
                let known: Vec<&str> = self.options.iter().map(|o| o.value.as_str()).collect();
                wrong("is not one of the choices", format!("Choose one of {}.", known.join(", ")))
            }
            SettingKind::Url if typed.len() <= 2_000 && host_of(typed).is_some() => Ok(typed.into()),
            SettingKind::Url => wrong("is not an address", "It looks like https://example.org/path.".into()),
            SettingKind::Email => match text::email("email", typed) {
                Ok(address) => Ok(address.into()),
                Err(_) => wrong("is not an email address", "It looks like name@example.org.".into()),
            },
            SettingKind::Colour if is_colour(typed) => Ok(typed.to_ascii_lowercase().into()),
            SettingKind::Colour => wrong("is not a colour", "It looks like #0b5d6b.".into()),
        }
    }

    fn number(&self, typed: &str) -> Result<Json, Problem> {
        let wrong = |wrong: &str, next: String| Err(Problem { field: self.id.clone(), wrong: wrong.to_owned(), next });
        let number: serde_json::Number = match typed.parse() {
            Ok(number) => number,
            Err(_) => return wrong("is not a number", "Type digits, such as 12 or 2.5.".into()),
        };
        let size = number.as_f64().filter(|n| n.is_finite());
        match (size, self.min, self.max) {
            (None, ..) => wrong("is not a number that can be kept", "Type a smaller one.".into()),
            (Some(n), Some(min), _) if n < min => wrong("is too small", format!("Type {min} or more.")),
            (Some(n), _, Some(max)) if n > max => wrong("is too large", format!("Type {max} or less.")),
            _ => Ok(Json::Number(number)),
        }
    }
}

fn is_colour(text: &str) -> bool {
    let digits = text.strip_prefix('#').unwrap_or_default();
    matches!(digits.len(), 3 | 6) && digits.bytes().all(|b| b.is_ascii_hexdigit())
}
