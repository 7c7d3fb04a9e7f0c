//! Sites and their settings.

use actix_web::web::Payload;
use freehold_base::error::Refusals;
use freehold_base::{AccountId, Capability, Code, Cursor, Error, Result, SiteId};
use freehold_platform::sites::{self, NewSite, Settings, settings};
use freehold_publishing::designs;
use freehold_store::Tx;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::ctx::{ApiCtx, ApiReply, List, created, done, ok};
use super::strict;
use super::views::SiteView;

/// Parameters of the list.
pub const QUERY: &[&str] = &["limit", "after", "fields"];

/// A site to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SiteInput {
    /// Its account.
    pub account: i64,
    /// Its title.
    pub title: String,
    /// Its main host name.
    pub host: String,
    /// `cms` (pages made by a theme, so without it) or `static` (files of the account).
    #[serde(default)]
    pub kind: String,
}

/// A page of the sites that the token may see.
pub async fn list(ctx: ApiCtx) -> ApiReply {
    let query = ctx.query(QUERY)?;
    let (page, limit) = query.page()?;
    let after = page.after.as_ref().map_or(0, |c| c.id);
    let rows = ctx
        .read(move |tx| {
            let all = sites::list_after(tx, SiteId(after), i64::try_from(limit).unwrap_or(0) + 1)?;
            let mut rows = Vec::with_capacity(all.len());
            for site in all {
                let scope = tx.visit(site.id)?;
                rows.push((freehold_store::sites::domains(tx, scope)?, site));
            }
            Ok(rows)
        })
        .await?;
    let app = &ctx.app;
    let list = List::of(
        rows,
        limit,
        |(_, s)| Cursor { key: String::new(), id: s.id.get() },
        |(domains, s)| {
            let url = app.web.hosts.origin_of(s.id).map(|o| o.to_string()).unwrap_or_default();
            SiteView::new(s, domains, url)
        },
    );
    Ok(ok(&list, query.get("fields"))?)
}

fn view(tx: &mut Tx<'_>, site: SiteId) -> Result<SiteView> {
    let scope = tx.authorize(site, Capability::SiteRead)?;
    let domains = freehold_store::sites::domains(tx, scope)?;
    Ok(SiteView::new(freehold_store::sites::find(tx, scope)?, domains, String::new()))
}

/// One site.
pub async fn read(ctx: ApiCtx) -> ApiReply {
    let site = ctx.site;
    let mut found = ctx.read(move |tx| view(tx, site)).await?;
    found.url = ctx.origin();
    Ok(ok(&found, None)?)
}

/// Makes a site.
pub async fn create(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let input: SiteInput = strict::read(&ctx.body(payload).await?)?;
    let mut refused = Refusals::default();
    let host = refused.take(sites::host_typed(&input.host))?;
    let of_files = match input.kind.as_str() {
        "" | "cms" => false,
        "static" => true,
        _ => {
            refused.add("kind", Code::NotAllowed, "cms, static");
            false
        }
    };
    refused.check()?;
    let host = host.ok_or_else(|| Error::invalid("host", Code::HostMalformed, ""))?;
    let new = NewSite { account: AccountId(input.account), title: input.title, host, settings: Settings::default() };
    let mut made = ctx
        .write(move |tx| {
            let site = if of_files { sites::create_of_files(tx, &new)? } else { sites::create(tx, &new)? };
            let scope = tx.visit(site)?;
            let domains = freehold_store::sites::domains(tx, scope)?;
            Ok(SiteView::new(freehold_store::sites::find(tx, scope)?, domains, String::new()))
        })
        .await?;
    made.url = ctx.app.web.hosts.origin_of(SiteId(made.id)).map(|o| o.to_string()).unwrap_or_default();
    let location = format!("/api/v1/sites/{}", made.id);
    Ok(created(&made, &location)?)
}

/// Deletes a site with everything in it, for good.
pub async fn delete(ctx: ApiCtx) -> ApiReply {
    let site = ctx.site;
    ctx.write(move |tx| sites::delete(tx, site)).await?;
    Ok(done())
}

/// A site's settings, in groups.
pub async fn read_settings(ctx: ApiCtx) -> ApiReply {
    let site = ctx.site;
    let all = ctx
        .read(move |tx| {
            let scope = tx.authorize(site, Capability::SettingsManage)?;
            settings::read(tx, scope)
        })
        .await?;
    Ok(ok(&all, None)?)
}

/// Changes settings: groups and fields that are named are replaced.
pub async fn update_settings(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let body: serde_json::Map<String, Value> = strict::read(&ctx.body(payload).await?)?;
    let (site, app) = (ctx.site, ctx.app.clone());
    let saved = ctx
        .write(move |tx| {
            let (scope, themes) = (tx.authorize(site, Capability::SettingsManage)?, app.pages.themes());
            let before = settings::read(tx, scope)?;
            let mut wanted = merged(&before, &body)?;
            let mut known = before.theme.settings.clone();
            if wanted.theme.name != before.theme.name {
                if !themes.offers(site, &wanted.theme.name) {
                    return Err(Error::invalid("theme.name", Code::NotAllowed, themes.offered(site).join(", ")));
                }
                // The settings of the theme of before are kept; those that are named here are the new one's.
                let mut theme = before.theme.clone();
                theme.change_to(&wanted.theme.name);
                known = theme.settings.clone();
                if names_theme_settings(&body) {
                    theme.settings = std::mem::take(&mut wanted.theme.settings);
                }
                wanted.theme = theme;
            }
            if names_theme_settings(&body) {
                designs::check_stored(tx, themes, scope, &wanted.theme, &known)?;
            }
            settings::save(tx, site, &wanted)
        })
        .await?;
    Ok(ok(&saved, None)?)
}

/// Whether changes of settings are about those of the theme too.
pub(crate) fn names_theme_settings(changes: &serde_json::Map<String, Value>) -> bool {
    changes.get("theme").is_some_and(|theme| theme.get("settings").is_some())
}

/// The settings with the named fields replaced; unknown groups, unknown fields and wrong types are all named.
pub(crate) fn merged(now: &Settings, changes: &serde_json::Map<String, Value>) -> Result<Settings> {
    let internal = |e| Error::internal("writing settings", e);
    let mut all = serde_json::to_value(now).map_err(internal)?;
    let mut refused = Refusals::default();
    for (group, fields) in changes {
        let Some(known) = all.get(group).and_then(Value::as_object).cloned() else {
            refused.add(group.clone(), Code::UnknownField, "");
            continue;
        };
        let Some(fields) = fields.as_object() else {
            refused.add(group.clone(), Code::Malformed, "an object in { } with the fields to change");
            continue;
        };
        for (name, value) in fields {
            let path = format!("{group}.{name}");
            if !known.contains_key(name) {
                refused.add(path, Code::UnknownField, "");
                continue;
            }
            let mut tried = all.clone();
            if let Some(place) = tried.get_mut(group).and_then(|g| g.get_mut(name)) {
                *place = value.clone();
            }
            match serde_json::from_value::<Settings>(tried.clone()) {
                Ok(_) => all = tried,
                Err(e) => refused.add(path, Code::Malformed, strict::expected(&e.to_string())),
            }
        }
    }
    refused.check()?;
    serde_json::from_value(all).map_err(internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_merged_and_every_wrong_field_is_named() {
        let now = Settings::default();
        let change = |json: &str| merged(&now, &serde_json::from_str(json).expect("json"));
        let title = change(r#"{"general":{"title":"Harbour"}}"#).expect("fine");
        assert_eq!((title.general.title.as_str(), title.general.locale.as_str()), ("Harbour", "en"));
        let wrong = change(r#"{"general":{"titel":"x","title":7},"colours":{},"reading":1}"#).expect_err("refused");
        let fields: Vec<&str> = wrong.fields().iter().map(|f| f.field.as_ref()).collect();
        assert_eq!(fields, ["colours", "general.titel", "general.title", "reading"]);
    }
}
