//! Plugins: of the installation, what they may do and whether they run; of a site, which are on and what is set.

use std::collections::BTreeMap;

use actix_web::HttpRequest;
use actix_web::web::Payload;
use freehold_base::{Code, Error, Result};
use freehold_publishing::plugins::admin::{self, Question};
use freehold_publishing::plugins::install::{Order, install_later};
use freehold_publishing::plugins::settings::Wanted;
use freehold_publishing::plugins::{SettingKind, Standing, consent, sites};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::ctx::{ApiCtx, ApiReply, List, created, done, ok};
use super::files::JobRef;
use super::strict;
use crate::panel::plugins::add;
use crate::web::multipart::blocking;

/// Parameters of the lists.
pub const QUERY: &[&str] = &["fields"];

/// A plugin of the installation.
#[derive(Debug, Serialize, ToSchema)]
pub struct PluginView {
    /// Its id: its folder's name.
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// Its version; empty where its files cannot be read.
    pub version: String,
    /// Who made it.
    pub author: String,
    /// One sentence.
    pub description: String,
    /// The key that signed it; empty: nobody did.
    pub publisher: String,
    /// `new` (nobody agreed to it), `held` (its files ask for more than somebody agreed to), `enabled`, `stopped` or
    /// `broken`.
    pub state: String,
    /// Why it is held, stopped or broken; may be empty.
    pub reason: String,
    /// On how many sites it is on.
    pub sites: i64,
    /// What it may do, in words.
    pub may: Vec<String>,
    /// What somebody has to agree to before it runs, or before its newer version does; null where nothing waits.
    pub asks: Option<AsksView>,
    /// What it cost since the node started, by hook.
    pub costs: Vec<CostView>,
}

/// What somebody has to agree to.
#[derive(Debug, Serialize, ToSchema)]
pub struct AsksView {
    /// The version that asks.
    pub version: String,
    /// Its files: to be named in the consent.
    pub digest: String,
    /// Whether another version runs meanwhile.
    pub is_update: bool,
    /// Why somebody is asked again; empty at the first time.
    pub why: String,
    /// All that it may do then, in words.
    pub may: Vec<String>,
    /// What of that is new.
    pub more: Vec<String>,
}

/// What a plugin cost at one hook since the node started.
#[derive(Debug, Serialize, ToSchema)]
pub struct CostView {
    /// The hook.
    pub hook: String,
    /// Calls.
    pub calls: u64,
    /// Calls that failed.
    pub faults: u64,
    /// Half of the calls took no longer, in µs.
    pub p50_us: u64,
    /// Of a hundred calls 99 took no longer, in µs.
    pub p99_us: u64,
    /// The most memory that one call held.
    pub memory_bytes: u64,
}

/// A plugin on a site.
#[derive(Debug, Serialize, ToSchema)]
pub struct SitePluginView {
    /// Its id.
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// Its version.
    pub version: String,
    /// Whether it is on here.
    pub on: bool,
    /// Whether it can run on this server now.
    pub runs: bool,
    /// What it may do, in words.
    pub may: Vec<String>,
    /// Values of its settings, by id. Secrets are not among them.
    pub settings: BTreeMap<String, Value>,
    /// Which secrets are kept.
    pub secrets: Vec<String>,
    /// Bytes that it keeps for this site.
    pub kept_bytes: i64,
}

/// What a person agrees to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentInput {
    /// `asks.digest` as it was read.
    pub digest: String,
}

/// Whether a plugin runs at all.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PluginChange {
    /// `enabled` or `stopped`.
    pub state: String,
}

/// What is changed of a plugin on a site.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SitePluginChange {
    /// Whether it is on.
    #[serde(default)]
    pub on: Option<bool>,
    /// Values by setting, secrets too; null forgets one.
    #[serde(default)]
    pub settings: BTreeMap<String, Value>,
}

/// The words for how a plugin stands: its state, and the reason.
pub(crate) fn state(standing: &Standing) -> (&'static str, &str) {
    match standing {
        Standing::New => ("new", ""),
        Standing::Held(why) => ("held", why),
        Standing::Enabled => ("enabled", ""),
        Standing::Stopped(why) => ("stopped", why),
        Standing::Broken(why) => ("broken", why),
    }
}

impl From<&Question> for AsksView {
    fn from(asked: &Question) -> Self {
        let manifest = &asked.about.manifest;
        let more = asked.before.as_ref().map(|before| consent::difference(before, manifest).more).unwrap_or_default();
        Self {
            version: manifest.version.to_string(),
            digest: asked.about.digest.clone(),
            is_update: asked.is_update,
            why: asked.why.clone(),
            may: consent::sentences(manifest),
            more: more.iter().map(|ask| ask.sentence(manifest)).collect(),
        }
    }
}

impl From<&admin::Card> for PluginView {
    fn from(card: &admin::Card) -> Self {
        let plugin = &card.plugin;
        let manifest = plugin.manifest();
        let text = |of: fn(&freehold_publishing::plugins::Manifest) -> String| manifest.map(of).unwrap_or_default();
        let (state, reason) = state(&plugin.standing);
        Self {
            id: plugin.id.clone(),
            title: plugin.title(),
            version: text(|m| m.version.to_string()),
            author: text(|m| m.author.clone()),
            description: text(|m| m.description.clone()),
            publisher: plugin.row.as_ref().map(|row| row.publisher.clone()).unwrap_or_default(),
            state: state.to_owned(),
            reason: reason.to_owned(),
            sites: card.sites,
            may: manifest.map(consent::sentences).unwrap_or_default(),
            asks: plugin.question().as_ref().map(AsksView::from),
            costs: plugin.costs().iter().map(CostView::from).collect(),
        }
    }
}

impl From<&(freehold_publishing::plugins::Hook, freehold_publishing::plugins::Figures)> for CostView {
    fn from((hook, figures): &(freehold_publishing::plugins::Hook, freehold_publishing::plugins::Figures)) -> Self {
        let us = |time: std::time::Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        Self {
            hook: hook.name().to_owned(),
            calls: figures.calls,
            faults: figures.faults,
            p50_us: us(figures.p50),
            p99_us: us(figures.p99),
            memory_bytes: figures.memory_peak,
        }
    }
}

impl From<&sites::Card> for SitePluginView {
    fn from(card: &sites::Card) -> Self {
        let manifest = card.plugin.manifest();
        let settings = manifest.map(|m| m.settings.as_slice()).unwrap_or_default();
        let plain = settings.iter().filter(|setting| setting.kind != SettingKind::Secret);
        Self {
            id: card.plugin.id.clone(),
            title: card.plugin.title(),
            version: manifest.map(|m| m.version.to_string()).unwrap_or_default(),
            on: card.is_on,
            runs: card.plugin.is_offered(),
            may: manifest.map(consent::sentences).unwrap_or_default(),
            settings: plain.map(|setting| (setting.id.clone(), card.values.of(setting))).collect(),
            secrets: card.values.sealed.keys().cloned().collect(),
            kept_bytes: card.kept_bytes,
        }
    }
}

async fn card(ctx: &ApiCtx) -> Result<admin::Card> {
    let (app, id) = (ctx.app.clone(), ctx.text("plugin"));
    ctx.read(move |tx| admin::find(tx, &app.plugins.plugins, &id)).await
}

/// All plugins of the installation.
pub async fn list(ctx: ApiCtx) -> ApiReply {
    let query = ctx.query(QUERY)?;
    let app = ctx.app.clone();
    let cards = ctx.read(move |tx| admin::all(tx, &app.plugins.plugins)).await?;
    let list = List { items: cards.iter().map(PluginView::from).collect::<Vec<_>>(), next: None };
    Ok(ok(&list, query.get("fields"))?)
}

/// One plugin.
pub async fn read(ctx: ApiCtx) -> ApiReply {
    Ok(ok(&PluginView::from(&card(&ctx).await?), None)?)
}

/// Lets a plugin be installed; it does nothing before somebody agrees to what it may do.
pub async fn install(ctx: ApiCtx, request: HttpRequest, payload: Payload) -> ApiReply {
    let order: Order = add::order(crate::panel::themes::add::read(&ctx.app.arrivals, &request, payload).await?)?;
    let app = ctx.app.clone();
    let job = ctx.write(move |tx| install_later(tx, &app.plugins, &order)).await?;
    Ok(created(&JobRef { job: job.get() }, &format!("/api/v1/jobs/{job}"))?)
}

/// Agrees to what a plugin may do, or to its newer version.
pub async fn consent(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let input: ConsentInput = strict::read(&ctx.body(payload).await?)?;
    let id = card(&ctx).await?.plugin.id.clone();
    let (plugins, ready) = (ctx.app.plugins.plugins.clone(), id.clone());
    blocking(move || plugins.make_ready(&ready)).await?;
    let app = ctx.app.clone();
    ctx.write(move |tx| admin::allow(tx, &app.plugins.plugins, &id, &input.digest)).await?;
    read(ctx).await
}

/// Leaves the newer version that waits.
pub async fn refuse(ctx: ApiCtx) -> ApiReply {
    let id = card(&ctx).await?.plugin.id.clone();
    ctx.write(move |tx| admin::refuse(tx, &id)).await?;
    Ok(done())
}

/// Stops a plugin everywhere, or lets it run again.
pub async fn change(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let input: PluginChange = strict::read(&ctx.body(payload).await?)?;
    let runs = match input.state.as_str() {
        "enabled" => true,
        "stopped" => false,
        _ => return Err(Error::invalid("state", Code::NotAllowed, "enabled, stopped").into()),
    };
    let id = card(&ctx).await?.plugin.id.clone();
    ctx.write(move |tx| admin::run(tx, &id, runs)).await?;
    read(ctx).await
}

/// Parameters of the removal.
pub const REMOVAL: &[&str] = &["data"];

/// Removes a plugin; `data=true` also what sites set of it and what it keeps for them.
pub async fn delete(ctx: ApiCtx) -> ApiReply {
    let with_data = ctx.query(REMOVAL)?.get("data") == Some("true");
    let id = card(&ctx).await?.plugin.id.clone();
    let (app, gone) = (ctx.app.clone(), id.clone());
    ctx.write(move |tx| admin::remove(tx, &app.plugins.plugins, &gone, with_data)).await?;
    let app = ctx.app.clone();
    blocking(move || app.plugins.plugins.take_away(&app.store, &id)).await?;
    Ok(done())
}

async fn site_card(ctx: &ApiCtx) -> Result<sites::Card> {
    let (site, app, id) = (ctx.site, ctx.app.clone(), ctx.text("plugin"));
    ctx.read(move |tx| sites::find(tx, &app.plugins.plugins, site, &id)).await
}

/// The plugins that a site can use.
pub async fn of_site(ctx: ApiCtx) -> ApiReply {
    let query = ctx.query(QUERY)?;
    let (site, app) = (ctx.site, ctx.app.clone());
    let cards = ctx.read(move |tx| sites::list(tx, &app.plugins.plugins, site)).await?;
    let list = List { items: cards.iter().map(SitePluginView::from).collect::<Vec<_>>(), next: None };
    Ok(ok(&list, query.get("fields"))?)
}

/// One plugin on a site.
pub async fn on_site(ctx: ApiCtx) -> ApiReply {
    Ok(ok(&SitePluginView::from(&site_card(&ctx).await?), None)?)
}

/// Switches a plugin on or off on a site, and sets what is named of its settings.
pub async fn change_on_site(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let input: SitePluginChange = strict::read(&ctx.body(payload).await?)?;
    let id = site_card(&ctx).await?.plugin.id.clone();
    let wanted: Wanted = input.settings.into_iter().map(|(id, value)| (id, typed(&value))).collect();
    let (site, app) = (ctx.site, ctx.app.clone());
    ctx.write(move |tx| {
        let plugins = &app.plugins.plugins;
        if !wanted.is_empty() {
            sites::set(tx, plugins, site, &id, &wanted)?;
        }
        input.on.map_or(Ok(()), |on| sites::switch(tx, plugins, site, &id, on))
    })
    .await?;
    on_site(ctx).await
}

/// A value as somebody would type it.
fn typed(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        value => Some(value.to_string()),
    }
}
