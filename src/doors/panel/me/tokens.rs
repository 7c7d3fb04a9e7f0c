//! Tokens for programs: made with the rights that are chosen, shown once, revoked at any time (rule C8).

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::Path;
use freehold_base::capability::Capabilities;
use freehold_base::{Capability as C, Code, Error, Network, Result, SiteId, Timestamp, TokenId};
use freehold_platform::accounts::{TokenRequest, tokens};
use freehold_platform::sites;
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
/// Longest time that a token is made for, unless it is made for ever.
const LONGEST_DAYS: u64 = 3650;

/// What a token may be allowed: its group and its words. Every capability has some, so that none is missing here.
fn words(c: C) -> (&'static str, &'static str) {
    const CONTENT: &str = "Content";
    const SITE: &str = "Site";
    const ACCOUNT: &str = "Account";
    const CUSTOMERS: &str = "Customers";
    const SERVER: &str = "Server and you";
    match c {
        C::SiteRead => (CONTENT, "See the site and its entries"),
        C::EntriesWriteOwn => (CONTENT, "Write own drafts"),
        C::EntriesPublishOwn => (CONTENT, "Publish own entries"),
        C::EntriesWriteAll => (CONTENT, "Write everybody’s entries and pages"),
        C::EntriesPublishAll => (CONTENT, "Publish everybody’s entries"),
        C::EntriesRawHtml => (CONTENT, "Keep HTML as it is sent"),
        C::MediaWrite => (CONTENT, "Upload media"),
        C::MediaManage => (CONTENT, "Delete everybody’s media"),
        C::TermsAdd => (CONTENT, "Add categories and tags"),
        C::TermsManage => (CONTENT, "Change categories and tags"),
        C::CommentsModerate => (CONTENT, "Moderate comments"),
        C::MenusManage => (CONTENT, "Arrange menus"),
        C::PeopleManage => (SITE, "Invite people, set their roles"),
        C::SettingsManage => (SITE, "Change settings"),
        C::DomainsManage => (SITE, "Change domains"),
        C::ImportRun => (SITE, "Import"),
        C::AccountRead => (ACCOUNT, "See the account"),
        C::AccountSites => (ACCOUNT, "Make and remove sites"),
        C::AccountPeople => (ACCOUNT, "Invite people to the account"),
        C::UsageRead => (ACCOUNT, "See what of the plan is used"),
        C::FilesRead => (ACCOUNT, "See and download files"),
        C::FilesWrite => (ACCOUNT, "Change files"),
        C::AccessManage => (ACCOUNT, "Give and take logins to files"),
        C::DnsManage => (ACCOUNT, "Change DNS records"),
        C::CronManage => (ACCOUNT, "Set up commands and run them"),
        C::TerminalUse => (ACCOUNT, "Open a terminal"),
        C::AccountsRead => (CUSTOMERS, "See customers’ accounts"),
        C::AccountsManage => (CUSTOMERS, "Make and change customers’ accounts"),
        C::AccountsSuspend => (CUSTOMERS, "Suspend customers’ accounts"),
        C::AccountsTerminate => (CUSTOMERS, "Close customers’ accounts"),
        C::PlansManage => (CUSTOMERS, "Make and change plans"),
        C::AccountsOpen => (CUSTOMERS, "Open customers’ accounts as their owner"),
        C::ServerRead => (SERVER, "See the whole server"),
        C::ServerManage => (SERVER, "Change the whole server"),
        C::SelfManage => (SERVER, "Your own profile"),
    }
}

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
    site_error: String,
    expires_error: String,
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
    let own = Capabilities::of(&[C::SelfManage]).union(grants.on_any_account());
    grants.sites.iter().fold(own, |all, (_, role)| all.union(role.capabilities()))
}

fn scope_groups(held: Capabilities, typed: &Form) -> Vec<ScopeGroup> {
    let chosen = typed.all("scopes");
    let mut groups: Vec<ScopeGroup> = Vec::new();
    for c in C::ALL.iter().copied().filter(|c| held.has(*c)) {
        let (label, words) = words(c);
        let item = ScopeView { name: c.name(), label: words, checked: chosen.contains(&c.name()) };
        match groups.iter_mut().find(|group| group.label == label) {
            Some(group) => group.items.push(item),
            None => groups.push(ScopeGroup { label, items: vec![item] }),
        }
    }
    groups
}

fn site_names(tx: &mut Tx<'_>) -> Result<Vec<(SiteId, String)>> {
    let mut names = Vec::new();
    sites::walk_cards(tx, |_, card| {
        names.push((card.site.id, card.title));
        Ok(true)
    })?;
    Ok(names)
}

fn token_views(tx: &mut Tx<'_>, names: &[(SiteId, String)]) -> Result<Vec<TokenView>> {
    let now = tx.now();
    let list = tokens::list(tx)?;
    Ok(list
        .into_iter()
        .map(|t| TokenView {
            id: t.id.get(),
            scopes: t.capabilities().iter().map(|c| words(c).1).collect::<Vec<_>>().join(", "),
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
        site_error: error_at(e, "site"),
        expires_error: error_at(e, "expires"),
    };
    ctx.page(if e.is_some() { 422 } else { 200 }, "me/tokens.html", &frame, &view)
}

fn request(form: &Form, now: Timestamp) -> Result<TokenRequest> {
    let scopes = form.all("scopes").into_iter().map(|name| {
        C::by_name(name).ok_or_else(|| Error::invalid("scopes", Code::NotAllowed, "the scopes of the form"))
    });
    // What cannot be read never means more than was meant: all sites, or for ever.
    let wrong = |field: &'static str, known: &str| Error::invalid(field, Code::NotAllowed, known);
    let site = match form.get("site") {
        "" => None,
        one => Some(one.parse().map_err(|_| wrong("site", "the sites of the list"))?),
    };
    let days = form.get("expires").parse::<u64>().ok().filter(|days| *days <= LONGEST_DAYS);
    let days = days.ok_or_else(|| wrong("expires", "the lengths of the list"))?;
    Ok(TokenRequest {
        name: form.get("name").to_owned(),
        scopes: scopes.collect::<Result<Vec<_>>>()?,
        site,
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
