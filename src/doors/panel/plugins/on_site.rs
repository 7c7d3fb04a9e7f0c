//! One plugin on a site: switched on and off, set by a form that its manifest describes (row PL04).

use actix_web::HttpResponse;
use actix_web::web::Path;
use freehold_base::{Code, Error, Result};
use freehold_publishing::plugins::settings::{Values, Wanted};
use freehold_publishing::plugins::sites::{self, Card};
use freehold_publishing::plugins::{Setting, SettingKind};
use serde::Serialize;
use serde_json::Value;

use super::of_site::on_here;
use super::{CostsView, LineView, Want, by, costs, lines, wants};
use crate::panel::auth::{FieldText, error_at, field_texts};
use crate::panel::build_frame::crumb;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;
use crate::panel::media::view::size_text;

#[derive(Serialize)]
struct OnSiteView {
    title: String,
    version: String,
    description: String,
    by: String,
    state: &'static str,
    tone: &'static str,
    note: String,
    is_on: bool,
    works: bool,
    action: String,
    settings_action: String,
    errors: Vec<FieldText>,
    fields: Vec<FieldView>,
    wants: Vec<Want>,
    costs: CostsView,
    log: Vec<LineView>,
    kept: String,
}

#[derive(Serialize)]
struct FieldView {
    id: String,
    /// `text`, `textarea`, `number`, `url`, `email`, `check`, `select` or `secret`.
    kind: &'static str,
    label: String,
    help: String,
    value: String,
    on: bool,
    options: Vec<OptionView>,
    /// Whether a secret is kept.
    has: bool,
    error: String,
    required: bool,
}

#[derive(Serialize)]
struct OptionView {
    value: String,
    label: String,
}

impl FieldView {
    /// `typed`: the form that was refused, shown again as it was; secrets never are.
    fn of(setting: &Setting, values: &Values, typed: Option<&Form>, e: Option<&Error>) -> Self {
        let value = match (typed, values.of(setting)) {
            (Some(form), _) => form.get(&setting.id).to_owned(),
            (None, Value::Null) => String::new(),
            (None, Value::String(text)) => text,
            (None, value) => value.to_string(),
        };
        let is_secret = setting.kind == SettingKind::Secret;
        let unset = (!setting.required && setting.kind == SettingKind::Select && setting.default.is_null())
            .then(|| OptionView { value: String::new(), label: "\u{2013}".into() });
        let option =
            |o: &freehold_publishing::plugins::Choice| OptionView { value: o.value.clone(), label: o.label.clone() };
        Self {
            kind: match setting.kind {
                SettingKind::Text | SettingKind::Colour => "text",
                SettingKind::Textarea => "textarea",
                SettingKind::Number => "number",
                SettingKind::Bool => "check",
                SettingKind::Select => "select",
                SettingKind::Secret => "secret",
                SettingKind::Url => "url",
                SettingKind::Email => "email",
            },
            on: ["true", "on"].contains(&value.as_str()),
            value: if is_secret { String::new() } else { value },
            options: unset.into_iter().chain(setting.options.iter().map(option)).collect(),
            has: is_secret && values.has_secret(&setting.id),
            error: error_at(e, &setting.id),
            label: setting.label.clone(),
            help: setting.help.clone(),
            required: setting.required && !is_secret,
            id: setting.id.clone(),
        }
    }
}

async fn card(ctx: &Ctx, id: &str) -> Result<Card> {
    let (site, app, id) = (ctx.site, ctx.app.clone(), id.to_owned());
    ctx.read(move |tx| sites::find(tx, &app.plugins.plugins, site, &id)).await
}

/// The page.
pub async fn show(ctx: Ctx, path: Path<(i64, String)>) -> Reply {
    let card = card(&ctx, &path.1).await?;
    Ok(page(&ctx, &card, None, None).await?)
}

async fn page(ctx: &Ctx, card: &Card, typed: Option<&Form>, e: Option<&Error>) -> Result<HttpResponse> {
    let (plugin, plugins) = (&card.plugin, &ctx.app.plugins.plugins);
    let href = format!("{}/plugins/{}", ctx.base(), plugin.id);
    let (state, tone, note) = on_here(card);
    let now = ctx.app.store.clock().now();
    let manifest = plugin.manifest();
    let settings = manifest.map(|m| m.settings.as_slice()).unwrap_or_default();
    let view = OnSiteView {
        title: plugin.title(),
        version: manifest.map(|m| m.version.to_string()).unwrap_or_default(),
        description: manifest.map(|m| m.description.clone()).unwrap_or_default(),
        by: by(plugin),
        state,
        tone,
        note,
        is_on: card.is_on,
        works: card.is_on || plugin.is_offered(),
        settings_action: format!("{href}/settings"),
        action: href,
        errors: e.map(field_texts).unwrap_or_default(),
        fields: settings.iter().map(|setting| FieldView::of(setting, &card.values, typed, e)).collect(),
        wants: manifest.map(|m| wants(m, None)).unwrap_or_default(),
        costs: costs(plugins, plugin),
        log: lines(plugins, &plugin.id, Some(ctx.site), now),
        kept: if card.kept_bytes > 0 { size_text(card.kept_bytes) } else { "nothing".into() },
    };
    let crumbs = vec![crumb("Plugins", Some(format!("{}/plugins", ctx.base()))), crumb(&view.title, None)];
    let frame = ctx.frame(&view.title, crumbs).await?;
    ctx.page(if e.is_some() { 422 } else { 200 }, "plugins/site_one.html", &frame, &view)
}

/// Switches it on or off.
pub async fn switch(ctx: Ctx, path: Path<(i64, String)>, form: Form) -> Reply {
    let is_on = match form.get("do") {
        "on" => true,
        "off" => false,
        _ => return Err(Error::invalid("do", Code::NotAllowed, "on, off").into()),
    };
    let found = card(&ctx, &path.1).await?;
    let (site, app, id) = (ctx.site, ctx.app.clone(), found.plugin.id.clone());
    match ctx.write(move |tx| sites::switch(tx, &app.plugins.plugins, site, &id, is_on)).await {
        Ok(()) => {
            let done = if is_on { "plugin-on" } else { "plugin-off" };
            Ok(ctx.go(&format!("{}/plugins?done={done}", ctx.base())))
        }
        // A setting is needed first: its form shows which.
        Err(e @ Error::Invalid(_)) => Ok(page(&ctx, &found, None, Some(&e)).await?),
        Err(e) => Err(e.into()),
    }
}

/// Stores the settings.
pub async fn save(ctx: Ctx, path: Path<(i64, String)>, form: Form) -> Reply {
    let found = card(&ctx, &path.1).await?;
    let wanted = wanted(&found, &form);
    let (site, app, id) = (ctx.site, ctx.app.clone(), found.plugin.id.clone());
    match ctx.write(move |tx| sites::set(tx, &app.plugins.plugins, site, &id, &wanted)).await {
        Ok(()) => Ok(ctx.go(&format!("{}/plugins/{}?done=saved", ctx.base(), found.plugin.id))),
        Err(e @ Error::Invalid(_)) => Ok(page(&ctx, &found, Some(&form), Some(&e)).await?),
        Err(e) => Err(e.into()),
    }
}

/// What a form wants: all settings; secrets only where something was typed, or they shall be forgotten.
fn wanted(card: &Card, form: &Form) -> Wanted {
    let settings = card.plugin.manifest().map(|m| m.settings.as_slice()).unwrap_or_default();
    let of = |setting: &Setting| {
        let typed = form.get(&setting.id);
        match setting.kind {
            SettingKind::Secret if form.has(&format!("forget-{}", setting.id)) => Some(None),
            SettingKind::Secret if typed.is_empty() => None,
            SettingKind::Bool if !form.has(&setting.id) => Some(Some("false".to_owned())),
            _ => Some(Some(typed.to_owned())),
        }
    };
    settings.iter().filter_map(|setting| Some((setting.id.clone(), of(setting)?))).collect()
}
