//! Names of sites: list, add, change, look, health.

use actix_web::web::Payload;
use freehold_base::{Code, Cursor, Error, Result};
use freehold_hosting::domains::health::Health;
use freehold_hosting::domains::{CHALLENGE, Look};
use freehold_platform::sites::domains::{Add, Kind};
use freehold_platform::sites::{self, domains as service, names};
use freehold_store::Tx;
use freehold_store::domains::{Listed, Wanted};
use freehold_store::sites::Domain;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::ctx::{ApiCtx, ApiReply, List, created, done, ok};
use super::strict;

/// Parameters of a site's list.
pub const QUERY: &[&str] = &["fields"];
/// Parameters of the list of all names.
pub const QUERY_ALL: &[&str] = &["limit", "after", "fields", "search", "state", "points"];

/// A name of a site.
#[derive(Debug, Serialize, ToSchema)]
pub struct NameView {
    /// Its id.
    pub id: i64,
    /// Its site.
    pub site: i64,
    /// The name, in punycode; `*.example.org` for a wildcard.
    pub host: String,
    /// As people read it.
    pub shown: String,
    /// `main`, `alias`, `redirect` or `wildcard`.
    pub kind: String,
    /// `live`, or `pending` until it is shown to be the owner's.
    pub state: String,
    /// Whether it becomes the main name once it points here.
    pub becomes_main: bool,
    /// How it was shown to be the owner's: `txt`, `ns`, `points`, `admin`, or empty.
    pub proof: String,
    /// Where it leads: `here`, `partly`, `elsewhere`, `nowhere`, or empty while nobody has looked.
    pub points: String,
    /// When somebody looked; null: nobody yet.
    pub looked_at: Option<String>,
    /// The text record that shows whose a pending name is.
    pub challenge: Option<ChallengeView>,
    /// What may deceive readers about the name; empty where nothing does.
    pub warning: String,
    /// When it was added.
    pub created_at: String,
}

/// A text record.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChallengeView {
    /// Its whole name.
    pub name: String,
    /// What it must hold.
    pub value: String,
}

/// A name with what the last look at it found.
#[derive(Debug, Serialize, ToSchema)]
pub struct NameWithLook {
    /// The name.
    #[serde(flatten)]
    pub name: NameView,
    /// Records to add, old ones to remove, who sees what; null before the first look.
    #[schema(value_type = Object)]
    pub look: Value,
}

/// A name among those of all accounts.
#[derive(Debug, Serialize, ToSchema)]
pub struct NameOfAll {
    /// The name.
    #[serde(flatten)]
    pub name: NameView,
    /// Its account.
    pub account: i64,
}

/// Health of a name.
#[derive(Debug, Serialize, ToSchema)]
pub struct HealthView {
    /// When somebody looked; null: nobody yet.
    pub checked_at: Option<String>,
    /// What was found, line by line, with what mends it.
    #[schema(value_type = Vec<Object>)]
    pub lines: Value,
}

/// A name to add.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NameInput {
    /// As people type it; `*.example.org` stands for all names below it.
    pub host: String,
    /// `redirect` (the default) or `alias`.
    #[serde(default)]
    pub kind: Option<String>,
    /// It becomes the main name once it points here.
    #[serde(default)]
    pub becomes_main: bool,
}

/// A change of a name.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NameChange {
    /// `main`, `redirect` or `alias`.
    pub kind: String,
}

impl From<&Domain> for NameView {
    fn from(d: &Domain) -> Self {
        let host = d.host.trim_start_matches("*.");
        let challenge = (!d.is_live() && !d.proof_token.is_empty())
            .then(|| ChallengeView { name: format!("{CHALLENGE}.{host}"), value: d.proof_token.clone() });
        Self {
            id: d.id.get(),
            site: d.site_id.get(),
            shown: names::shown(&d.host),
            warning: names::warning(&d.host).unwrap_or_default(),
            kind: d.kind.clone(),
            state: d.state.clone(),
            becomes_main: d.becomes == "main",
            proof: if d.is_live() { d.proof.clone() } else { String::new() },
            points: d.points.clone(),
            looked_at: (d.looked_at.ms() > 0).then(|| d.looked_at.rfc3339()),
            created_at: d.created_at.rfc3339(),
            host: d.host.clone(),
            challenge,
        }
    }
}

/// Names of a site, the main one first.
pub async fn list(ctx: ApiCtx) -> ApiReply {
    let query = ctx.query(QUERY)?;
    let site = ctx.site;
    let all = ctx.read(move |tx| sites::domains(tx, site)).await?;
    let limit = all.len();
    let cursor = |d: &Domain| Cursor { key: String::new(), id: d.id.get() };
    Ok(ok(&List::of(all, limit, cursor, |d| NameView::from(&d)), query.get("fields"))?)
}

/// Names of all accounts.
pub async fn all(ctx: ApiCtx) -> ApiReply {
    let query = ctx.query(QUERY_ALL)?;
    let (page, limit) = query.page()?;
    let text = |name: &str| query.get(name).unwrap_or_default().to_owned();
    let wanted = Wanted { text: text("search").to_lowercase(), state: text("state"), points: text("points") };
    let rows = ctx.read(move |tx| service::all_domains(tx, &wanted, &page)).await?;
    let cursor = |l: &Listed| Cursor { key: l.domain.host.clone(), id: l.domain.id.get() };
    let view = |l: Listed| NameOfAll { name: NameView::from(&l.domain), account: l.account.get() };
    Ok(ok(&List::of(rows, limit, cursor, view), query.get("fields"))?)
}

fn with_look(tx: &mut Tx<'_>, domain: &Domain) -> Result<NameWithLook> {
    let found = service::last_look(tx, domain.site_id, domain.id, "setup")?;
    let look = found.and_then(|(text, _)| serde_json::from_str::<Look>(&text).ok());
    let look = serde_json::to_value(look).map_err(|e| Error::internal("writing what was looked up", e))?;
    Ok(NameWithLook { name: NameView::from(domain), look })
}

/// One name, with what the last look found.
pub async fn read(ctx: ApiCtx) -> ApiReply {
    let (site, name) = (ctx.site, ctx.text("name"));
    let found = ctx
        .read(move |tx| {
            let domain = service::named(tx, site, &name)?;
            with_look(tx, &domain)
        })
        .await?;
    Ok(ok(&found, None)?)
}

/// Adds a name.
pub async fn create(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let input: NameInput = strict::read(&ctx.body(payload).await?)?;
    let name = sites::name_typed(&input.host)?;
    let kind = match input.kind.as_deref() {
        None | Some("redirect") => Kind::Redirect,
        Some("alias") => Kind::Alias,
        Some("wildcard") if name.is_wildcard() => Kind::Wildcard,
        Some(_) => return Err(Error::invalid("kind", Code::NotAllowed, "redirect, alias").into()),
    };
    let (site, new) = (ctx.site, Add { name, kind, becomes_main: input.becomes_main });
    let made = ctx.write(move |tx| service::add(tx, site, &new)).await?;
    let location = format!("/api/v1/sites/{site}/domains/{}", made.host);
    Ok(created(&NameView::from(&made), &location)?)
}

/// Makes a name main, lets it redirect or show the site.
pub async fn update(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let change: NameChange = strict::read(&ctx.body(payload).await?)?;
    let (site, name) = (ctx.site, ctx.text("name"));
    let changed = ctx
        .write(move |tx| {
            let domain = service::named(tx, site, &name)?;
            match change.kind.as_str() {
                "main" => sites::make_main(tx, site, domain.id)?,
                "redirect" => sites::set_redirect(tx, site, domain.id, true)?,
                "alias" => sites::set_redirect(tx, site, domain.id, false)?,
                _ => return Err(Error::invalid("kind", Code::NotAllowed, "main, redirect, alias")),
            }
            service::named(tx, site, &domain.host)
        })
        .await?;
    Ok(ok(&NameView::from(&changed), None)?)
}

/// Removes a name.
pub async fn delete(ctx: ApiCtx) -> ApiReply {
    let (site, name) = (ctx.site, ctx.text("name"));
    ctx.write(move |tx| {
        let domain = service::named(tx, site, &name)?;
        sites::remove_domain(tx, site, domain.id)
    })
    .await?;
    Ok(done())
}

/// Asks for a look at a name now.
pub async fn look(ctx: ApiCtx) -> ApiReply {
    let (site, name) = (ctx.site, ctx.text("name"));
    ctx.write(move |tx| service::look_now(tx, site, &name)).await?;
    Ok(done())
}

/// Health of a name, as last looked at.
pub async fn health(ctx: ApiCtx) -> ApiReply {
    let (site, name) = (ctx.site, ctx.text("name"));
    let found = ctx
        .read(move |tx| {
            let domain = service::named(tx, site, &name)?;
            service::last_look(tx, site, domain.id, "health")
        })
        .await?;
    let health: Health = found.as_ref().and_then(|(text, _)| serde_json::from_str(text).ok()).unwrap_or_default();
    let lines = serde_json::to_value(&health.lines).map_err(|e| Error::internal("writing the health of a name", e))?;
    Ok(ok(&HealthView { checked_at: found.map(|(_, at)| at.rfc3339()), lines }, None)?)
}

/// Asks for a look at a name's health now.
pub async fn check(ctx: ApiCtx) -> ApiReply {
    let (site, name) = (ctx.site, ctx.text("name"));
    ctx.write(move |tx| service::check_now(tx, site, &name)).await?;
    Ok(done())
}

/// Lets a claim be served without proof.
pub async fn approve(ctx: ApiCtx) -> ApiReply {
    let (site, name) = (ctx.site, ctx.text("name"));
    ctx.write(move |tx| {
        let domain = service::named(tx, site, &name)?;
        service::prove(tx, site, domain.id, "admin")
    })
    .await?;
    Ok(done())
}
