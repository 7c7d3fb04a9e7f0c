//! The design of a site: what its theme's settings are tried out as, shown to others, and published.

use std::collections::BTreeMap;

use actix_web::web::Payload;
use freehold_base::{Code, DesignStateId, Error, Result, Timestamp};
use freehold_platform::secrets::tokens::{DesignGrant, Scheme, sign_design};
use freehold_publishing::designs::{self, Design, Past, Values};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::ctx::{ApiCtx, ApiReply, List, done, ok};
use super::strict;

/// Parameters of the list.
pub const QUERY: &[&str] = &["fields"];

/// What is live and what is tried out.
#[derive(Debug, Serialize, ToSchema)]
pub struct DesignView {
    /// The site's theme.
    pub theme: String,
    /// What `version` of a change must say.
    pub version: i64,
    /// What visitors see, of every setting.
    pub live: BTreeMap<String, Value>,
    /// What is tried out, where it differs.
    pub changes: BTreeMap<String, Value>,
    /// Settings that were changed and that the theme has no more.
    pub dropped: Vec<String>,
    /// How well the draft's colours are read.
    pub contrasts: Vec<ContrastView>,
    /// When it goes live by itself; null for never.
    pub publish_at: Option<String>,
    /// The link that shows the draft without signing in; null where there is none.
    pub link: Option<DesignLinkView>,
}

/// A link to a draft.
#[derive(Debug, Serialize, ToSchema)]
pub struct DesignLinkView {
    /// The address.
    pub url: String,
    /// From then on it shows nothing.
    pub until: String,
}

/// How well a colour is read upon what it stands on: 1 to 21; 4.5 and more is readable (WCAG 2.2).
#[derive(Debug, Serialize, ToSchema)]
pub struct ContrastView {
    /// The setting.
    pub setting: String,
    /// On light pages; null where it is not used there.
    pub light: Option<f64>,
    /// On dark pages.
    pub dark: Option<f64>,
    /// In words.
    pub words: String,
}

/// What to try out.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DesignInput {
    /// The version it is made on; another one answers 409. Left out: whatever it is.
    #[serde(default)]
    pub version: Option<i64>,
    /// Values by setting; what equals the live value is no change any more.
    pub settings: BTreeMap<String, Value>,
}

/// Going live.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DesignPublicationInput {
    /// The version that shall go live; another one answers 409.
    pub version: Option<i64>,
    /// When, RFC 3339; left out: at once.
    pub at: Option<String>,
}

/// A link to make.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DesignLinkInput {
    /// Days that it works, 1 to 90; 7 where nothing is said.
    pub days: Option<i64>,
}

/// A design that was live.
#[derive(Debug, Serialize, ToSchema)]
pub struct PastDesignView {
    /// Its number.
    pub id: i64,
    /// The theme.
    pub theme: String,
    /// Its settings that differed from the theme's defaults.
    pub settings: BTreeMap<String, Value>,
    /// `before`, `publish`, `schedule`, `undo` or `restore`.
    pub how: String,
    /// Who; empty where that is not known.
    pub by: String,
    /// When.
    pub published_at: String,
    /// Whether it is live.
    pub is_live: bool,
    /// Whether its theme is on this server, so that it can be live again.
    pub can_come_back: bool,
}

/// Which design is live now.
#[derive(Debug, Serialize, ToSchema)]
pub struct LiveDesignView {
    /// The theme.
    pub theme: String,
    /// Its settings that differ from the theme's defaults.
    pub settings: BTreeMap<String, Value>,
}

fn sorted(values: Values) -> BTreeMap<String, Value> {
    values.into_iter().collect()
}

impl PastDesignView {
    /// As it is kept.
    pub fn of(past: Past) -> Self {
        Self {
            id: past.row.id.get(),
            settings: serde_json::from_str(&past.row.settings).unwrap_or_default(),
            theme: past.row.theme,
            how: past.row.how,
            by: past.by,
            published_at: past.row.published_at.rfc3339(),
            is_live: past.is_live,
            can_come_back: past.can_come_back,
        }
    }
}

impl DesignView {
    /// `link`: the address of the draft's link; empty where it is not known.
    pub fn of(design: &Design, link: String) -> Self {
        let contrasts = design.contrasts().into_iter().map(|(setting, found)| ContrastView {
            setting,
            light: found.light,
            dark: found.dark,
            words: found.words(),
        });
        Self {
            theme: design.theme.clone(),
            version: design.version,
            live: sorted(design.live.clone()),
            changes: sorted(design.changes.clone()),
            dropped: design.dropped.clone(),
            contrasts: contrasts.collect(),
            publish_at: (design.publish_at != Timestamp(0)).then(|| design.publish_at.rfc3339()),
            link: design.share.map(|share| DesignLinkView { url: link, until: share.until.rfc3339() }),
        }
    }
}

/// The address of a draft's link on its site; empty where there is none.
pub(crate) fn link_of(
    keys: &freehold_platform::secrets::Keyring,
    origin: &str,
    site: freehold_base::SiteId,
    design: &Design,
) -> String {
    let Some(share) = design.share.filter(|_| !origin.is_empty()) else { return String::new() };
    let grant = DesignGrant {
        site,
        theme: design.theme.clone(),
        link: share.number,
        live: false,
        scheme: Scheme::Auto,
        expires_at: share.until,
    };
    format!("{origin}/_/design/{}/", sign_design(keys, &grant))
}

fn shown(ctx: &ApiCtx, design: &Design) -> Result<actix_web::HttpResponse> {
    let link = link_of(&ctx.app.keys, &ctx.origin(), ctx.site, design);
    ok(&DesignView::of(design, link), None)
}

/// What is live and what is tried out.
pub async fn read(ctx: ApiCtx) -> ApiReply {
    let (site, app) = (ctx.site, ctx.app.clone());
    let design = ctx.read(move |tx| designs::open(tx, app.pages.themes(), site)).await?;
    Ok(shown(&ctx, &design)?)
}

/// Tries values out.
pub async fn change(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let input: DesignInput = strict::read(&ctx.body(payload).await?)?;
    let (site, app) = (ctx.site, ctx.app.clone());
    let values: Values = input.settings.into_iter().collect();
    let named = |e: Error| match e {
        Error::Invalid(fields) => Error::Invalid(
            fields
                .into_iter()
                .map(|f| freehold_base::FieldError { field: format!("settings.{}", f.field).into(), ..f })
                .collect(),
        ),
        e => e,
    };
    let change =
        move |tx: &mut freehold_store::Tx<'_>| designs::save(tx, app.pages.themes(), site, input.version, &values);
    let design = ctx.write(change).await.map_err(named)?;
    Ok(shown(&ctx, &design)?)
}

/// Throws the draft away; whoever has it open can take that back.
pub async fn discard(ctx: ApiCtx) -> ApiReply {
    let (site, app) = (ctx.site, ctx.app.clone());
    ctx.write(move |tx| designs::discard(tx, app.pages.themes(), site, None).map(drop)).await?;
    Ok(done())
}

/// Publishes the draft, at once or at a time.
pub async fn publish(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let input: DesignPublicationInput = strict::read(&ctx.body(payload).await?)?;
    let wrong = || Error::invalid("at", Code::DateMalformed, "");
    let at = input.at.as_deref().map(|text| Timestamp::parse_rfc3339(text).ok_or_else(wrong)).transpose()?;
    let (site, app, version) = (ctx.site, ctx.app.clone(), input.version);
    let publish = move |tx: &mut freehold_store::Tx<'_>| match at {
        None => designs::publish(tx, app.pages.themes(), site, version),
        Some(at) => designs::publish_later(tx, app.pages.themes(), site, version, at),
    };
    let design = ctx.write(publish).await?;
    Ok(shown(&ctx, &design)?)
}

/// The draft does not go live by itself after all.
pub async fn unschedule(ctx: ApiCtx) -> ApiReply {
    let (site, app) = (ctx.site, ctx.app.clone());
    ctx.write(move |tx| designs::unschedule(tx, app.pages.themes(), site).map(drop)).await?;
    Ok(done())
}

/// Makes a link to the draft.
pub async fn share(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let input: DesignLinkInput = strict::read(&ctx.body(payload).await?)?;
    let (site, app, days) = (ctx.site, ctx.app.clone(), input.days.unwrap_or(7));
    let design = ctx.write(move |tx| designs::share(tx, app.pages.themes(), site, days)).await?;
    Ok(shown(&ctx, &design)?)
}

/// Ends the link.
pub async fn unshare(ctx: ApiCtx) -> ApiReply {
    let (site, app) = (ctx.site, ctx.app.clone());
    ctx.write(move |tx| designs::unshare(tx, app.pages.themes(), site).map(drop)).await?;
    Ok(done())
}

/// Designs that were live, newest first: at most 20.
pub async fn history(ctx: ApiCtx) -> ApiReply {
    let query = ctx.query(QUERY)?;
    let (site, app) = (ctx.site, ctx.app.clone());
    let past = ctx.read(move |tx| designs::history(tx, app.pages.themes(), site)).await?;
    let list = List { items: past.into_iter().map(PastDesignView::of).collect::<Vec<_>>(), next: None };
    Ok(ok(&list, query.get("fields"))?)
}

/// Takes the last publication back.
pub async fn undo(ctx: ApiCtx) -> ApiReply {
    let (site, app) = (ctx.site, ctx.app.clone());
    let theme = ctx.write(move |tx| Ok(designs::undo(tx, app.pages.themes(), site)?.theme)).await?;
    Ok(ok(&LiveDesignView { theme: theme.name, settings: sorted(theme.settings) }, None)?)
}

/// Brings a design back that was live.
pub async fn restore(ctx: ApiCtx) -> ApiReply {
    let (site, app, id) = (ctx.site, ctx.app.clone(), ctx.id::<DesignStateId>("id", "design")?);
    let theme = ctx.write(move |tx| Ok(designs::restore(tx, app.pages.themes(), site, id)?.theme)).await?;
    Ok(ok(&LiveDesignView { theme: theme.name, settings: sorted(theme.settings) }, None)?)
}
