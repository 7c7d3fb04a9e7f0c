//! Tokens for programs: made with the rights that are chosen, shown once, revoked at any time (rule C8).

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::Path;
use freehold_base::capability::Capabilities;
use freehold_base::{Capability as C, Code, Error, Network, Result, SiteId, Timestamp, TokenId};
use freehold_platform::accounts::{TokenRequest, tokens};
use freehold_platform::sites::{self, settings};
use freehold_store::Tx;
use serde::Serialize;

use super::{Tab, tabs};
use crate::panel::auth::{FieldText, error_at, field_texts};
use crate::panel::build_frame::time_view;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;
use crate::panel::frame::TimeView;

const HERE: &str = "/admin/me/tokens";

/// What a token may be allowed, in words, in groups.
const SCOPES: &[(&str, &[(C, &str)])] = &[
    (
        "Content",
        &[
            (C::SiteRead, "See the site and its entries"),
            (C::EntriesWriteOwn, "Write own drafts"),
            (C::EntriesPublishOwn, "Publish own entries"),
            (C::EntriesWriteAll, "Write everybody’s entries and pages"),
            (C::EntriesPublishAll, "Publish everybody’s entries"),
            (C::EntriesRawHtml, "Keep HTML as it is sent"),
            (C::MediaWrite, "Upload media"),
            (C::MediaManage, "Delete everybody’s media"),
            (C::TermsAdd, "Add categories and tags"),
            (C::TermsManage, "Change categories and tags"),
            (C::CommentsModerate, "Moderate comments"),
            (C::MenusManage, "Arrange menus"),
        ],
    ),
    (
        "Site",
        &[
            (C::PeopleManage, "Invite people, set their roles"),
            (C::SettingsManage, "Change settings"),
            (C::DomainsManage, "Change domains"),
            (C::ImportRun, "Import"),
        ],
    ),
    (
        "Account and server",
        &[
            (C::AccountRead, "See the account"),
            (C::AccountSites, "Make and remove sites"),
            (C::AccountPeople, "Invite people to the account"),
            (C::CronManage, "Set up commands and run them"),
            (C::ServerRead, "See the whole server"),
            (C::ServerManage, "Change the whole server"),
            (C::SelfManage, "Your own profile"),
        ],
    ),
];

#[derive(Serialize)]
struct TokensView {
    tabs: Vec<Tab>,
    tokens: Vec<TokenView>,
    secret: String,
    name: String,
    groups: Vec<ScopeGroup>,
    sites: Vec<OptionView>,
    site: String,
    lasts: Vec<OptionView>,
    expires: String,
    errors: Vec<FieldText>,
    addresses: String,
    name_error: String,
    scopes_error: String,
    addresses_error: String,
    open: bool,
}

#[derive(Serialize)]
struct TokenView {
    id: i64,
    name: String,
    scopes: String,
    site: String,
    created: TimeView,
    used: Option<TimeView>,
    used_from: String,
    addresses: String,
    expires: Option<String>,
    expired: bool,
}

#[derive(Serialize)]
struct ScopeGroup {
    label: &'static str,
    items: Vec<ScopeView>,
}

#[derive(Serialize)]
struct ScopeView {
    name: &'static str,
    label: &'static str,
    checked: bool,
}

#[derive(Serialize)]
struct OptionView {
    value: String,
    label: String,
}

/// The page.
pub async fn show(ctx: Ctx) -> Reply {
    Ok(page(&ctx, &Form::default(), "", None).await?)
}

/// Everything the person may do anywhere.
fn held(ctx: &Ctx) -> Capabilities {
    let grants = &ctx.actor.grants;
    let roles = grants.accounts.iter().map(|(_, r)| *r).chain(grants.sites.iter().map(|(_, r)| *r));
    roles.chain(grants.server).fold(Capabilities::of(&[C::SelfManage]), |all, r| all.union(r.capabilities()))
}

fn scope_groups(held: Capabilities, typed: &Form) -> Vec<ScopeGroup> {
    let chosen = typed.all("scopes");
    SCOPES
        .iter()
        .map(|(label, items)| ScopeGroup {
            label,
            items: items
                .iter()
                .filter(|(c, _)| held.has(*c))
                .map(|(c, label)| ScopeView { name: c.name(), label, checked: chosen.contains(&c.name()) })
                .collect(),
        })
        .filter(|group| !group.items.is_empty())
        .collect()
}

fn site_names(tx: &mut Tx<'_>) -> Result<Vec<(SiteId, String)>> {
    let mut names = Vec::new();
    for site in sites::list_visible(tx)? {
        let scope = tx.scope_of(site.id)?;
        names.push((site.id, settings::read(tx, scope)?.general.title));
    }
    Ok(names)
}

fn token_views(tx: &mut Tx<'_>, names: &[(SiteId, String)]) -> Result<Vec<TokenView>> {
    let now = tx.now();
    let words = |c: C| SCOPES.iter().flat_map(|(_, items)| items.iter()).find(|(s, _)| *s == c).map(|(_, w)| *w);
    let list = tokens::list(tx)?;
    Ok(list
        .into_iter()
        .map(|t| TokenView {
            id: t.id.get(),
            scopes: t.capabilities().iter().filter_map(words).collect::<Vec<_>>().join(", "),
            site: t.site().map_or_else(String::new, |s| {
                names
                    .iter()
                    .find(|(id, _)| *id == s)
                    .map_or_else(|| "a site that is gone".to_owned(), |(_, n)| n.clone())
            }),
            created: time_view(t.created_at, now),
            used: (t.used_at.ms() > 0).then(|| time_view(t.used_at, now)),
            expires: (t.expires_at.ms() > 0).then(|| t.expires_at.utc().format("%-d %b %Y").to_string()),
            expired: t.expires_at.ms() > 0 && t.expires_at <= now,
            addresses: t.networks().join(", "),
            name: t.name,
            used_from: t.used_from,
        })
        .collect())
}

async fn page(ctx: &Ctx, typed: &Form, secret: &str, e: Option<&Error>) -> Result<HttpResponse> {
    let frame = ctx.own_frame("API tokens").await?;
    let (tokens, names) = ctx
        .read(|tx| {
            let names = site_names(tx)?;
            Ok((token_views(tx, &names)?, names))
        })
        .await?;
    let option = |value: &str, label: &str| OptionView { value: value.into(), label: label.into() };
    let mut sites = vec![option("", "All my sites")];
    sites.extend(names.iter().map(|(id, name)| option(&id.to_string(), name)));
    let view = TokensView {
        tabs: tabs(HERE),
        open: e.is_some() || (tokens.is_empty() && secret.is_empty()),
        tokens,
        secret: secret.to_owned(),
        name: typed.get("name").to_owned(),
        groups: scope_groups(held(ctx), typed),
        sites,
        site: typed.get("site").to_owned(),
        lasts: vec![
            option("30", "30 days"),
            option("90", "90 days"),
            option("365", "One year"),
            option("0", "Until it is revoked"),
        ],
        expires: if typed.has("expires") { typed.get("expires").to_owned() } else { "90".to_owned() },
        errors: e.map(field_texts).unwrap_or_default(),
        name_error: error_at(e, "name"),
        addresses: typed.get("addresses").to_owned(),
        scopes_error: error_at(e, "scopes"),
        addresses_error: error_at(e, "addresses"),
    };
    ctx.page(if e.is_some() { 422 } else { 200 }, "me/tokens.html", &frame, &view)
}

fn request(form: &Form, now: Timestamp) -> Result<TokenRequest> {
    let scopes = form.all("scopes").into_iter().map(|name| {
        C::by_name(name).ok_or_else(|| Error::invalid("scopes", Code::NotAllowed, "the scopes of the form"))
    });
    let days = u64::try_from(form.number("expires")).unwrap_or(0).min(3650);
    Ok(TokenRequest {
        name: form.get("name").to_owned(),
        scopes: scopes.collect::<Result<Vec<_>>>()?,
        site: form.get("site").parse().ok(),
        expires_at: (days > 0).then(|| now.plus(Duration::from_secs(days * 86_400))),
        addresses: Network::parse_list("addresses", form.get("addresses"))?,
    })
}

/// Makes a token. Its secret stands in this answer and nowhere else.
pub async fn create(ctx: Ctx, form: Form) -> Reply {
    let wanted = request(&form, ctx.app.store.clock().now());
    let made = match wanted {
        Ok(wanted) => ctx.write(move |tx| tokens::create(tx, &wanted)).await,
        Err(e) => Err(e),
    };
    match made {
        Ok(token) => Ok(page(&ctx, &Form::default(), token.secret.reveal_text(), None).await?),
        Err(e @ Error::Invalid(_)) => Ok(page(&ctx, &form, "", Some(&e)).await?),
        Err(e) => Err(e.into()),
    }
}

/// Ends a token.
pub async fn revoke(ctx: Ctx, id: Path<TokenId>) -> Reply {
    let id = id.into_inner();
    ctx.write(move |tx| tokens::revoke(tx, id)).await?;
    Ok(ctx.go("/admin/me/tokens?done=revoked"))
}
