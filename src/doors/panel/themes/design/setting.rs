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

/// Choices up to so many are shown side by side.
const BUTTONS: usize = 5;

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
    /// `line`, `area`, `code`, `number`, `range`, `switch`, `select`, `radio`, `cards`, `letters`, `color`, `id`.
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

/// The settings of a design by their headings; `form`: what somebody typed and what came of it. Without `all` only the
/// simple ones, and those that are tried out: nothing that was changed hides.
pub(super) fn groups(design: &Design, form: Option<(&Form, &Error)>, all: bool) -> Vec<GroupView> {
    let contrasts = design.contrasts();
    let mut groups: Vec<GroupView> = Vec::new();
    for setting in design.settings() {
        let view = SettingView::of(design, setting, form, &contrasts);
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

impl SettingView {
    fn of(design: &Design, setting: &Setting, form: Option<(&Form, &Error)>, contrasts: &[(String, Found)]) -> Self {
        let field = format!("{FIELD}{}", setting.id);
        let kept = text_of(&design.value(setting));
        let value = match form {
            Some((form, _)) if form.has(&field) => form.get(&field).to_owned(),
            Some((form, _)) if form.all("shown").contains(&setting.id.as_str()) => String::new(),
            _ => kept,
        };
        let options = setting.choices();
        let (min, max) = setting.bounds();
        Self {
            look: look_of(setting, &options),
            checked: matches!(value.as_str(), "true" | "on"),
            options: options.into_iter().map(|choice| OptionView::of(choice, &value)).collect(),
            label: setting.title().to_owned(),
            help: setting.help.clone(),
            min: bound(min, setting.kind == Kind::Range || setting.min.is_some()),
            max: bound(max, setting.kind == Kind::Range || setting.max.is_some()),
            step: setting.step.map_or_else(
                || if setting.kind == Kind::Number { "any".into() } else { "1".into() },
                |s| s.to_string(),
            ),
            unit: if setting.unit == "ch" { "letters".into() } else { setting.unit.clone() },
            changed: design.changes.contains_key(&setting.id),
            error: error_at(form.map(|(_, e)| e), &setting.id),
            contrast: contrasts.iter().find(|(id, _)| *id == setting.id).map(|(_, found)| ContrastView::of(*found)),
            css_var: setting.css_var.clone(),
            css_unit: setting.css_unit().to_owned(),
            id: setting.id.clone(),
            field,
            value,
        }
    }
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
                "radio"
            } else {
                "select"
            }
        }
        Kind::Image | Kind::Media | Kind::Entry | Kind::Term | Kind::Menu => "id",
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
