//! A setting as the form shows it.

use freehold_base::Error;
use freehold_publishing::designs::Design;
use freehold_publishing::themes::contrast::{Found, LARGE, READABLE};
use freehold_publishing::themes::manifest::{Choice, Kind, Setting};
use serde::Serialize;
use serde_json::Value;

use super::FIELD;
use crate::panel::auth::error_at;
use crate::panel::form::Form;

/// Choices up to so many are shown all at once, side by side where their names are no longer than so many letters.
const BUTTONS: usize = 5;
const SHORT: usize = 18;

/// Settings under one heading.
#[derive(Serialize)]
pub(super) struct GroupView {
    title: String,
    /// Whether it stands open beside the others, or opens when asked.
    first: bool,
    /// How many of its settings are tried out.
    changed: usize,
    /// Whether something in it was refused.
    wrong: bool,
    settings: Vec<SettingView>,
}

#[derive(Serialize)]
pub(super) struct SettingView {
    id: String,
    /// Its name in the form.
    field: String,
    label: String,
    help: String,
    /// `line`, `area`, `code`, `number`, `range`, `switch`, `select`, `radio`, `list`, `cards`, `letters`, `color` or
    /// `id`.
    look: &'static str,
    value: String,
    checked: bool,
    options: Vec<OptionView>,
    min: String,
    max: String,
    step: String,
    unit: String,
    /// Whether it is tried out as something else than is live.
    changed: bool,
    error: String,
    contrast: Option<ContrastView>,
    /// The CSS variable that script changes at once, and the unit behind the number.
    css_var: String,
    css_unit: String,
    /// Whether nothing stands for what the theme has of its own.
    may_be_empty: bool,
}

#[derive(Serialize)]
struct OptionView {
    value: String,
    label: String,
    help: String,
    font: String,
    colors: Vec<String>,
    checked: bool,
}

/// How well something is read.
#[derive(Serialize)]
pub(super) struct ContrastView {
    text: String,
    detail: String,
    /// `good`, `warn`, `bad`.
    tone: &'static str,
    icon: &'static str,
}

impl ContrastView {
    pub(super) fn of(found: Found) -> Self {
        let (tone, icon) = match found.worst() {
            worst if worst >= READABLE => ("good", "check"),
            worst if worst >= LARGE => ("warn", "triangle-alert"),
            _ => ("bad", "triangle-alert"),
        };
        Self { text: found.words(), detail: found.both(), tone, icon }
    }
}

/// What settings name by number, with names: see [`freehold_publishing::designs::nameable`].
pub(super) type Named = Vec<(Kind, Vec<(i64, String)>)>;

/// What the form is filled from.
pub(super) struct Sheet<'a> {
    pub design: &'a Design,
    pub named: &'a Named,
    /// What somebody typed and what came of it.
    pub form: Option<(&'a Form, &'a Error)>,
}

/// The settings of a design by their headings. Without `all` only the simple ones, and those that are tried out:
/// nothing that was changed hides.
pub(super) fn groups(sheet: &Sheet<'_>, all: bool) -> Vec<GroupView> {
    let contrasts = sheet.design.contrasts();
    let mut groups: Vec<GroupView> = Vec::new();
    for setting in sheet.design.settings() {
        let view = sheet.setting(setting, &contrasts);
        if setting.advanced && !all && !view.changed && view.error.is_empty() {
            continue;
        }
        let title = if setting.group.is_empty() { "More" } else { &setting.group };
        let at = groups.iter().position(|group| group.title == title).unwrap_or_else(|| {
            let first = groups.len() < 3;
            groups.push(GroupView { title: title.to_owned(), first, changed: 0, wrong: false, settings: Vec::new() });
            groups.len() - 1
        });
        if let Some(group) = groups.get_mut(at) {
            group.changed += usize::from(view.changed);
            group.wrong |= !view.error.is_empty();
            group.settings.push(view);
        }
    }
    groups
}

impl Sheet<'_> {
    fn setting(&self, setting: &Setting, contrasts: &[(String, Found)]) -> SettingView {
        let field = format!("{FIELD}{}", setting.id);
        let value = self.value(setting, &field);
        let options = self.choices(setting, &value);
        let (min, max) = setting.bounds();
        SettingView {
            look: look_of(setting, &options),
            checked: matches!(value.as_str(), "true" | "on"),
            options: options.into_iter().map(|choice| OptionView::of(choice, &value)).collect(),
            label: setting.title().to_owned(),
            help: help_of(setting),
            min: bound(min, setting.kind == Kind::Range || setting.min.is_some()),
            max: bound(max, setting.kind == Kind::Range || setting.max.is_some()),
            step: setting.step.map_or_else(
                || if setting.kind == Kind::Number { "any".into() } else { "1".into() },
                |s| s.to_string(),
            ),
            unit: if setting.unit == "ch" { "letters".into() } else { setting.unit.clone() },
            changed: self.design.changes.contains_key(&setting.id),
            error: error_at(self.form.map(|(_, e)| e), &setting.id),
            contrast: contrasts.iter().find(|(id, _)| *id == setting.id).map(|(_, found)| ContrastView::of(*found)),
            css_var: setting.css_var.clone(),
            css_unit: setting.css_unit().to_owned(),
            may_be_empty: setting.default.as_str() == Some(""),
            id: setting.id.clone(),
            field,
            value,
        }
    }

    /// What stands in its field: what was typed, else the draft's.
    fn value(&self, setting: &Setting, field: &str) -> String {
        match self.form {
            Some((form, _)) if form.has(field) => form.get(field).to_owned(),
            Some((form, _)) if form.all("shown").contains(&setting.id.as_str()) => String::new(),
            _ => text_of(&self.design.value(setting)),
        }
    }

    /// Its choices; of what is named by a number, what the site has.
    fn choices(&self, setting: &Setting, value: &str) -> Vec<Choice> {
        let Some((_, named)) = self.named.iter().find(|(kind, _)| *kind == setting.kind) else {
            return setting.choices();
        };
        let of = |value: String, label: String| Choice { value, label, ..Choice::default() };
        let mut all = vec![of("0".into(), "None".into())];
        all.extend(named.iter().map(|(id, name)| of(id.to_string(), name_or_number(*id, name))));
        // Older than those that are listed, or gone.
        if !value.is_empty() && all.iter().all(|choice| choice.value != value) {
            all.push(of(value.to_owned(), format!("Number {value}")));
        }
        all
    }
}

fn name_or_number(id: i64, name: &str) -> String {
    if name.is_empty() { format!("Number {id}") } else { name.to_owned() }
}

/// The words below a setting.
fn help_of(setting: &Setting) -> String {
    let number = match setting.kind {
        Kind::Image => "Number of the picture: the last part of its address in Media. 0 for none.",
        Kind::Media => "Number of the file: the last part of its address in Media. 0 for none.",
        _ => "",
    };
    format!("{} {number}", setting.help).trim().to_owned()
}

impl OptionView {
    fn of(choice: Choice, value: &str) -> Self {
        let Choice { value: own, label, help, colors, font } = choice;
        Self { checked: own == value, value: own, label, help, colors, font }
    }
}

fn look_of(setting: &Setting, options: &[Choice]) -> &'static str {
    match setting.kind {
        Kind::Text | Kind::Link | Kind::Spacing => "line",
        Kind::Textarea | Kind::Richtext => "area",
        Kind::Code => "code",
        Kind::Number => "number",
        Kind::Range => "range",
        Kind::Bool => "switch",
        Kind::Color => "color",
        Kind::Select | Kind::Radio | Kind::Font | Kind::Icon => {
            if options.iter().any(|choice| !choice.colors.is_empty()) {
                "cards"
            } else if options.iter().any(|choice| !choice.font.is_empty()) {
                "letters"
            } else if setting.kind == Kind::Radio && options.len() <= BUTTONS {
                let short = options.iter().all(|choice| choice.label.chars().count() <= SHORT);
                if short { "radio" } else { "list" }
            } else {
                "select"
            }
        }
        Kind::Entry | Kind::Term | Kind::Menu => "select",
        Kind::Image | Kind::Media => "id",
    }
}

fn bound(number: f64, set: bool) -> String {
    if set { number.to_string() } else { String::new() }
}

/// A value as a form has it.
pub(super) fn text_of(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
