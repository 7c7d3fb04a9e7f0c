//! People: of a site with their roles, and of the installation.

use actix_web::web::Payload;
use freehold_base::{AccountId, Code, Error, ResellerId, Result, Role, SiteId, UserId};
use freehold_platform::accounts::roles::set_role;
use freehold_platform::accounts::{Invitation, people};
use freehold_store::roles::RolePlace;
use freehold_store::users::{PeopleFilter, Person, User};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ctx::{ApiCtx, ApiReply, List, done, ok};
use super::strict;
use super::views::UserView;
use crate::panel::inviting::invite_in;

/// Parameters of the lists.
pub const QUERY: &[&str] = &["q", "status", "limit", "after", "fields"];

/// A role on a site.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleInput {
    /// `subscriber`, `contributor`, `author`, `editor` or `administrator`.
    pub role: String,
}

/// Somebody to bring into a site.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SiteInvitation {
    /// Address.
    pub email: String,
    /// `subscriber`, `contributor`, `author`, `editor` or `administrator`.
    pub role: String,
}

/// Somebody to bring into a place.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonInvitation {
    /// Address.
    pub email: String,
    /// Their name; without it made from the address.
    #[serde(default)]
    pub name: String,
    /// `server`, `reseller:1`, `account:1` or `site:1`.
    pub place: String,
    /// A role of that place.
    pub role: String,
}

/// A role in a place.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlaceRoleInput {
    /// `hosting_admin` or `auditor` on the server, `reseller`, a role of accounts, a role of sites.
    pub role: String,
}

/// Who a token stands for, and what it may do.
#[derive(Debug, Serialize, ToSchema)]
pub struct MeView {
    /// Number of the person.
    pub user: i64,
    /// The only site it may touch; null: all of the person's.
    pub site: Option<i64>,
    /// What it allows at most.
    pub scopes: Vec<&'static str>,
}

/// Who the token stands for.
pub async fn me(ctx: ApiCtx) -> ApiReply {
    let freehold_store::ActorKind::Token { user, scopes, site, .. } = ctx.actor.kind else {
        return Err(Error::code(Code::SignInRequired).into());
    };
    let scopes = scopes.iter().map(freehold_base::Capability::name).collect();
    Ok(ok(&MeView { user: user.get(), site: site.map(Into::into), scopes }, None)?)
}

/// A page of a site's people by name.
pub async fn of_site(ctx: ApiCtx) -> ApiReply {
    let query = ctx.query(QUERY)?;
    let (page, limit) = query.page()?;
    let filter = filter_of(&query);
    let site = ctx.site;
    let (rows, _) = ctx.read(move |tx| people::list_of_site(tx, site, &filter, &page)).await?;
    let list = List::of(rows, limit, |(p, _)| cursor(p), |(p, role)| UserView::new(p, Some(role)));
    Ok(ok(&list, query.get("fields"))?)
}

/// A page of the installation's people by name.
pub async fn all(ctx: ApiCtx) -> ApiReply {
    let query = ctx.query(QUERY)?;
    let (page, limit) = query.page()?;
    let filter = filter_of(&query);
    let (rows, _) = ctx.read(move |tx| people::list(tx, &filter, &page)).await?;
    let list = List::of(rows, limit, cursor, |p| UserView::new(p, None));
    Ok(ok(&list, query.get("fields"))?)
}

fn filter_of(query: &super::ctx::Query) -> PeopleFilter {
    let text = |name| query.get(name).unwrap_or_default().to_owned();
    PeopleFilter { search: text("q"), status: text("status"), back: false }
}

fn cursor(p: &Person) -> freehold_base::Cursor {
    freehold_base::Cursor { key: p.name.clone(), id: p.id.get() }
}

/// One person.
pub async fn read(ctx: ApiCtx) -> ApiReply {
    let id = ctx.id::<UserId>("id", "person")?;
    let (user, _) = ctx.read(move |tx| people::show(tx, id)).await?;
    Ok(ok(&UserView::new(person(user), None), None)?)
}

fn person(u: User) -> Person {
    Person {
        id: u.id,
        email: u.email,
        name: u.name,
        slug: u.slug,
        status: u.status,
        created_at: u.created_at,
        signed_in_at: u.signed_in_at,
    }
}

/// Sets the role that somebody has on a site.
pub async fn put_role(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let (site, id) = (ctx.site, ctx.id::<UserId>("id", "person")?);
    let RoleInput { role } = strict::read(&ctx.body(payload).await?)?;
    let role = role_among(Role::OF_SITES, &role)?;
    ctx.write(move |tx| set_role(tx, RolePlace::Site(site), id, Some(role))).await?;
    Ok(done())
}

/// Takes somebody's role on a site away.
pub async fn delete_role(ctx: ApiCtx) -> ApiReply {
    let (site, id) = (ctx.site, ctx.id::<UserId>("id", "person")?);
    ctx.write(move |tx| set_role(tx, RolePlace::Site(site), id, None)).await?;
    Ok(done())
}

fn role_among(known: &[Role], name: &str) -> Result<Role> {
    known.iter().copied().find(|r| r.name() == name).ok_or_else(|| {
        let known: Vec<&str> = known.iter().map(|r| r.name()).collect();
        Error::invalid("role", Code::NotAllowed, known.join(", "))
    })
}

/// A place of roles by its name: `server`, `reseller:1`, `account:1`, `site:1`.
fn place_of(text: &str) -> Result<RolePlace> {
    let wrong = || {
        Error::invalid(
            "place",
            Code::Malformed,
            "server, reseller:NUMBER, account:NUMBER or site:NUMBER, such as account:7",
        )
    };
    if text == "server" {
        return Ok(RolePlace::Server);
    }
    let (kind, number) = text.split_once(':').ok_or_else(wrong)?;
    let number: i64 = number.parse().map_err(|_| wrong())?;
    match kind {
        "reseller" => Ok(RolePlace::Reseller(ResellerId(number))),
        "account" => Ok(RolePlace::Account(AccountId(number))),
        "site" => Ok(RolePlace::Site(SiteId(number))),
        _ => Err(wrong()),
    }
}

/// Invites in the name of the token's person. No link is given to a program (security rule C8): it goes by mail, or the
/// panel shows it.
pub(super) async fn invite_to(ctx: &ApiCtx, invitation: Invitation) -> ApiReply {
    let app = ctx.app.clone();
    ctx.write(move |tx| invite_in(&app, tx, "", &invitation).map(|_| ())).await?;
    Ok(done())
}

/// Invites somebody into a site.
pub async fn invite_to_site(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let SiteInvitation { email, role } = strict::read(&ctx.body(payload).await?)?;
    let (place, role) = (RolePlace::Site(ctx.site), role_among(Role::OF_SITES, &role)?);
    invite_to(&ctx, Invitation { email, name: String::new(), place, role }).await
}

/// Invites somebody into any place.
pub async fn invite(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let PersonInvitation { email, name, place, role } = strict::read(&ctx.body(payload).await?)?;
    let (place, role) = (place_of(&place)?, role_among(Role::ALL, &role)?);
    invite_to(&ctx, Invitation { email, name, place, role }).await
}

/// Sets somebody's role in a place.
pub async fn put_place_role(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let (id, place) = (ctx.id::<UserId>("id", "person")?, place_of(&ctx.text("place"))?);
    let PlaceRoleInput { role } = strict::read(&ctx.body(payload).await?)?;
    let role = role_among(Role::ALL, &role)?;
    ctx.write(move |tx| set_role(tx, place, id, Some(role))).await?;
    Ok(done())
}

/// Takes somebody's role in a place away.
pub async fn delete_place_role(ctx: ApiCtx) -> ApiReply {
    let (id, place) = (ctx.id::<UserId>("id", "person")?, place_of(&ctx.text("place"))?);
    ctx.write(move |tx| set_role(tx, place, id, None)).await?;
    Ok(done())
}

/// Deletes somebody; `heir` gets their entries and files.
pub async fn delete(ctx: ApiCtx) -> ApiReply {
    let id = ctx.id::<UserId>("id", "person")?;
    let heir = ctx.query(&["heir"])?.number("heir")?.map(UserId);
    ctx.write(move |tx| people::delete(tx, id, heir)).await?;
    Ok(done())
}
