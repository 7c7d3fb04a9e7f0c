//! People: of a site with their roles, and of the installation.

use actix_web::web::Payload;
use freehold_base::{Code, Error, Role, UserId};
use freehold_platform::accounts::people;
use freehold_platform::accounts::roles::set_role;
use freehold_store::roles::RolePlace;
use freehold_store::users::{PeopleFilter, Person, User};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ctx::{ApiCtx, ApiReply, List, done, ok};
use super::strict;
use super::views::UserView;

/// Parameters of the lists.
pub const QUERY: &[&str] = &["q", "status", "limit", "after", "fields"];

/// A role on a site.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleInput {
    /// `subscriber`, `contributor`, `author`, `editor` or `administrator`.
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
    let role = Role::OF_SITES.iter().copied().find(|r| r.name() == role).ok_or_else(|| {
        let known: Vec<&str> = Role::OF_SITES.iter().map(|r| r.name()).collect();
        Error::invalid("role", Code::NotAllowed, known.join(", "))
    })?;
    ctx.write(move |tx| set_role(tx, RolePlace::Site(site), id, Some(role))).await?;
    Ok(done())
}

/// Takes somebody's role on a site away.
pub async fn delete_role(ctx: ApiCtx) -> ApiReply {
    let (site, id) = (ctx.site, ctx.id::<UserId>("id", "person")?);
    ctx.write(move |tx| set_role(tx, RolePlace::Site(site), id, None)).await?;
    Ok(done())
}
