//! Texts of a theme: read, changed, taken back; and files of parents that changed since a theme took them over.

use actix_web::web::Payload;
use freehold_base::{Code, Error, Result};
use freehold_publishing::gallery::texts::{Change, Drift, Part, ThemeText};
use freehold_publishing::gallery::{self, Card};
use freehold_store::theme_texts::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ctx::{ApiCtx, ApiReply, List, created, done, ok};
use super::strict;
use crate::panel::themes::parent::{self, Keep};
use crate::web::multipart::blocking;

/// Parameters of what is about a file.
pub const QUERY: &[&str] = &["path"];
/// Parameters of deleting one.
pub const DELETE_QUERY: &[&str] = &["path", "etag"];

/// The name of a theme that shall build on another.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChildInput {
    /// Of its folder: a-z, 0-9, - and _.
    pub name: String,
}

/// A theme by its name.
#[derive(Debug, Serialize, ToSchema)]
pub struct ThemeName {
    /// How it is known.
    pub name: String,
}

/// A file of a theme or of one that it builds on.
#[derive(Debug, Serialize, ToSchema)]
pub struct PartView {
    /// Its place in the theme's folder.
    pub path: String,
    /// How large it is.
    pub bytes: usize,
    /// The parent whose file it is; empty where it is the theme's own.
    pub from: String,
    /// Whether it is a text.
    pub is_text: bool,
}

/// What a file says.
#[derive(Debug, Serialize, ToSchema)]
pub struct TextView {
    /// Its place in the theme's folder.
    pub path: String,
    /// The text.
    pub text: String,
    /// Tells it from every other state; empty where the theme has no such file of its own yet.
    pub etag: String,
    /// The parent whose file it is; empty where it is the theme's own.
    pub from: String,
}

/// What a file shall say.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TextInput {
    /// Its place in the theme's folder.
    pub path: String,
    /// The text.
    pub text: String,
    /// The tag that it had when it was read; empty for a file that the theme has not got yet.
    #[serde(default)]
    pub etag: String,
}

/// What a file said before.
#[derive(Debug, Serialize, ToSchema)]
pub struct StateView {
    /// Its id.
    pub id: i64,
    /// The text.
    pub text: String,
    /// Until when it said so.
    pub until: String,
    /// The person who changed it then; 0 for none.
    pub changed_by: i64,
}

/// A file of a parent that changed since the theme took it over.
#[derive(Debug, Serialize, ToSchema)]
pub struct DriftView {
    /// Its place in the theme's folder.
    pub path: String,
    /// The parent.
    pub parent: String,
    /// What the parent's file said when it was taken over.
    pub base: String,
    /// What it says now.
    pub theirs: String,
    /// What the theme's own says.
    pub own: String,
}

/// What becomes of such a file.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettleInput {
    /// Its place in the theme's folder.
    pub path: String,
    /// `own` (still fine), `both` (the parent's change goes into it) or `theirs` (the parent's file counts again).
    pub keep: String,
}

impl From<Part> for PartView {
    fn from(part: Part) -> Self {
        Self { path: part.path, bytes: part.bytes, from: part.from, is_text: part.is_text }
    }
}

impl TextView {
    fn of(path: String, text: ThemeText) -> Self {
        Self { path, text: text.text, etag: text.etag, from: text.from }
    }
}

impl From<State> for StateView {
    fn from(state: State) -> Self {
        Self { id: state.id, text: state.text, until: state.made_at.rfc3339(), changed_by: state.made_by }
    }
}

impl From<Drift> for DriftView {
    fn from(drift: Drift) -> Self {
        Self { path: drift.path, parent: drift.parent, base: drift.base, theirs: drift.theirs, own: drift.own }
    }
}

async fn card(ctx: &ApiCtx) -> Result<Card> {
    let (site, app, name) = (ctx.site, ctx.app.clone(), ctx.text("name"));
    ctx.read(move |tx| gallery::find(tx, app.pages.themes(), site, &name)).await
}

/// The file that a query names.
fn path_of(query: &super::ctx::Query) -> Result<String> {
    let path = query.get("path").unwrap_or_default();
    if path.is_empty() { Err(Error::invalid("path", Code::Required, "")) } else { Ok(path.to_owned()) }
}

/// Makes a theme that builds on this one.
pub async fn begin(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let input: ChildInput = strict::read(&ctx.body(payload).await?)?;
    let parent = card(&ctx).await?.name;
    let (site, app, of) = (ctx.site, ctx.app.clone(), parent.clone());
    let owner = ctx.read(move |tx| app.gallery.shelves.may_begin(tx, site, &of)).await?;
    let (app, actor) = (ctx.app.clone(), ctx.actor.clone());
    let known = blocking(move || app.gallery.begin(&app.store, &actor, owner, &input.name, &parent)).await?;
    let location = format!("/api/v1/sites/{site}/themes/{known}");
    Ok(created(&ThemeName { name: known }, &location)?)
}

/// The theme's files.
pub async fn parts(ctx: ApiCtx) -> ApiReply {
    let (card, desk) = (card(&ctx).await?, ctx.app.gallery.clone());
    let parts = blocking(move || desk.parts(&card.name)).await?;
    let items: Vec<PartView> = parts.into_iter().map(PartView::from).collect();
    Ok(ok(&List { items, next: None }, None)?)
}

/// What a file says.
pub async fn read(ctx: ApiCtx) -> ApiReply {
    let (card, desk) = (card(&ctx).await?, ctx.app.gallery.clone());
    let path = path_of(&ctx.query(QUERY)?)?;
    let at = path.clone();
    let text = blocking(move || desk.text(&card.name, &at)).await?;
    Ok(ok(&TextView::of(path, text), None)?)
}

async fn change(ctx: &ApiCtx, card: Card, change: Change) -> Result<ThemeText> {
    let (app, actor) = (ctx.app.clone(), ctx.actor.clone());
    blocking(move || app.gallery.change(&app.store, &actor, &card.name, &change)).await
}

/// Changes a file.
pub async fn write(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let TextInput { path, text, etag } = strict::read(&ctx.body(payload).await?)?;
    let card = card(&ctx).await?;
    let text = change(&ctx, card, Change { path: path.clone(), text: Some(text), etag }).await?;
    Ok(ok(&TextView::of(path, text), None)?)
}

/// Deletes a file.
pub async fn delete(ctx: ApiCtx) -> ApiReply {
    let card = card(&ctx).await?;
    let query = ctx.query(DELETE_QUERY)?;
    let etag = query.get("etag").unwrap_or_default().to_owned();
    change(&ctx, card, Change { path: path_of(&query)?, text: None, etag }).await?;
    Ok(done())
}

/// What a file said before.
pub async fn states(ctx: ApiCtx) -> ApiReply {
    let (card, app) = (card(&ctx).await?, ctx.app.clone());
    let path = path_of(&ctx.query(QUERY)?)?;
    let states = ctx.read(move |tx| app.gallery.shelves.states(tx, &card.name, &path)).await?;
    let items: Vec<StateView> = states.into_iter().map(StateView::from).collect();
    Ok(ok(&List { items, next: None }, None)?)
}

/// Files of parents that changed.
pub async fn changes(ctx: ApiCtx) -> ApiReply {
    let (card, app) = (card(&ctx).await?, ctx.app.clone());
    let found = ctx.read(move |tx| app.gallery.drift(tx, &card.name)).await?;
    let items: Vec<DriftView> = found.into_iter().map(DriftView::from).collect();
    Ok(ok(&List { items, next: None }, None)?)
}

/// Says what becomes of one.
pub async fn settle(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let input: SettleInput = strict::read(&ctx.body(payload).await?)?;
    let keep = Keep::by_name(&input.keep)?;
    let (card, app, actor) = (card(&ctx).await?, ctx.app.clone(), ctx.actor.clone());
    blocking(move || parent::settle(&app.gallery, &app.store, &actor, &card.name, &input.path, keep)).await?;
    Ok(done())
}
