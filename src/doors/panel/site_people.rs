//! Who may work on a site: list, invite, change roles, take off.

use actix_web::HttpResponse;
use actix_web::web::Path;
use freehold_base::capability::Capabilities;
use freehold_base::{Capability as C, Code, Cursor, Error, Result, Role, SiteId, UserId};
use freehold_platform::accounts::{Invitation, Invited, people, roles};
use freehold_store::Tx;
use freehold_store::roles::RolePlace;
use freehold_store::users::PeopleFilter;
use serde::Serialize;

use super::auth::{FieldText, error_at, field_texts};
use super::build_frame::{Moment, crumb, hue, time_view};
use super::by_name::{Neighbours, Place};
use super::ctx::Ctx;
use super::failure::Reply;
use super::form::Form;
use super::frame::TimeView;
use super::inviting::Told;

/// People on one page.
const ROWS: u16 = 50;

#[derive(Serialize)]
struct PeopleView {
    base: String,
    site_title: String,
    query: String,
    rows: Vec<PersonRow>,
    roles: Vec<RoleOption>,
    next: String,
    prev: String,
    summary: String,
    mail: bool,
    link: String,
    link_for: String,
    email: String,
    role: String,
    errors: Vec<FieldText>,
    email_error: String,
    role_error: String,
    open: bool,
}

#[derive(Serialize)]
struct PersonRow {
    id: i64,
    name: String,
    email: String,
    initials: String,
    hue: u16,
    role: &'static str,
    role_label: &'static str,
    status: &'static str,
    tone: &'static str,
    signed_in: Option<TimeView>,
    me: bool,
    can_change: bool,
}

#[derive(Serialize)]
struct RoleOption {
    value: &'static str,
    label: &'static str,
    does: &'static str,
}

/// What a role is for, in one line.
fn does(role: Role) -> &'static str {
    match role {
        Role::Subscriber => "reads, and has a profile",
        Role::Contributor => "writes drafts for review",
        Role::Author => "writes and publishes own posts",
        Role::Editor => "edits and publishes everything",
        _ => "runs the site: people, domains, settings",
    }
}

/// Roles that somebody with these rights may give (rule C3), strongest first.
fn grantable(rights: Capabilities) -> Vec<RoleOption> {
    let able = Role::OF_SITES.iter().rev().filter(|r| rights.contains(r.capabilities()));
    able.map(|r| RoleOption { value: r.name(), label: r.label(), does: does(*r) }).collect()
}

/// Word and colour of a person's status.
pub fn status_words(status: &str) -> (&'static str, &'static str) {
    match status {
        "invited" => ("Invited", "info"),
        "disabled" => ("Disabled", "bad"),
        _ => ("Active", "good"),
    }
}

/// The page.
pub async fn show(ctx: Ctx) -> Reply {
    Ok(page(&ctx, &Form::default(), None, ("", "")).await?)
}

/// `link`: an invitation's, with whom it is for.
async fn page(ctx: &Ctx, typed: &Form, e: Option<&Error>, link: (&str, &str)) -> Result<HttpResponse> {
    let frame = ctx.frame("People", vec![crumb("People", None)]).await?;
    let query = ctx.param("q").unwrap_or_default();
    let (site, me, search) = (ctx.site, ctx.person.as_ref().map(|p| p.user), query.clone());
    let place = Place::of(ctx, ROWS);
    let (rows, around, roles) = ctx.read(move |tx| read(tx, site, me, search, &place)).await?;
    let base = format!("{}/people", ctx.base());
    let encoded: String = form_urlencoded::byte_serialize(query.as_bytes()).collect();
    let step = |name: &str, place: Option<Cursor>| {
        let encode = |text: &str| -> String { form_urlencoded::byte_serialize(text.as_bytes()).collect() };
        place.map_or_else(String::new, |n| format!("{base}?q={encoded}&{name}={}", encode(&n.encode())))
    };
    let view = PeopleView {
        next: step("after", around.next),
        prev: step("before", around.prev),
        summary: format!("{} shown", rows.len()),
        rows,
        site_title: frame.site.as_ref().map(|s| s.title.clone()).unwrap_or_default(),
        query,
        roles,
        mail: ctx.app.outbox.is_on(),
        link: link.0.to_owned(),
        link_for: link.1.to_owned(),
        email: typed.get("email").to_owned(),
        role: if typed.has("role") { typed.get("role").to_owned() } else { "author".to_owned() },
        errors: e.map(field_texts).unwrap_or_default(),
        email_error: error_at(e, "email"),
        role_error: error_at(e, "role"),
        open: e.is_some() || ctx.param("invite").is_some(),
        base,
    };
    ctx.page(if e.is_some() { 422 } else { 200 }, "people/site.html", &frame, &view)
}

type Found = (Vec<PersonRow>, Neighbours, Vec<RoleOption>);

fn read(tx: &mut Tx<'_>, site: SiteId, me: Option<UserId>, search: String, place: &Place) -> Result<Found> {
    let rights = tx.authorize(site, C::PeopleManage)?.capabilities();
    let filter = PeopleFilter { search, status: String::new(), back: place.back };
    let (mut list, _) = people::list_of_site(tx, site, &filter, &place.page)?;
    let around = place.cut(&mut list, |(p, _)| Cursor { key: p.name.clone(), id: p.id.get() });
    let now = Moment::at(tx, site)?;
    let rows = list
        .into_iter()
        .map(|(p, role)| {
            let (status, tone) = status_words(&p.status);
            PersonRow {
                id: p.id.get(),
                initials: freehold_base::text::initials(&p.name),
                hue: hue(p.id.get()),
                role: role.name(),
                role_label: role.label(),
                status,
                tone,
                signed_in: (p.signed_in_at.ms() > 0).then(|| time_view(p.signed_in_at, now)),
                me: Some(p.id) == me,
                can_change: rights.contains(role.capabilities()),
                name: p.name,
                email: p.email,
            }
        })
        .collect();
    Ok((rows, around, grantable(rights)))
}

fn role_of(form: &Form) -> Result<Role> {
    let known = Role::by_name(form.get("role")).filter(|r| Role::OF_SITES.contains(r));
    known.ok_or_else(|| Error::invalid("role", Code::NotAllowed, "the roles of the list"))
}

/// Brings somebody in by address. New people get a link by mail; where no mail is sent, it is shown here.
pub async fn invite(ctx: Ctx, form: Form) -> Reply {
    match try_invite(&ctx, &form).await {
        Ok(invited) => answer(&ctx, &invited).await,
        Err(e @ Error::Invalid(_)) => Ok(page(&ctx, &form, Some(&e), ("", "")).await?),
        Err(Error::Refused { code: Code::WrongState, detail }) => {
            let e = Error::invalid("email", Code::WrongState, detail);
            Ok(page(&ctx, &form, Some(&e), ("", "")).await?)
        }
        Err(e) => Err(e.into()),
    }
}

async fn answer(ctx: &Ctx, invited: &Invited) -> Reply {
    let here = format!("{}/people", ctx.base());
    match ctx.told(invited) {
        Told::Link(link, link_for) => Ok(page(ctx, &Form::default(), None, (&link, &link_for)).await?),
        Told::Done(done) => Ok(ctx.go(&format!("{here}?done={done}"))),
    }
}

async fn try_invite(ctx: &Ctx, form: &Form) -> Result<Invited> {
    let invitation = Invitation {
        email: form.get("email").to_owned(),
        name: String::new(),
        place: RolePlace::Site(ctx.site),
        role: role_of(form)?,
    };
    ctx.invite(invitation).await
}

/// Another role, or none.
pub async fn change(ctx: Ctx, path: Path<(i64, UserId)>, form: Form) -> Reply {
    let (site, id) = (ctx.site, path.1);
    let role = if form.get("do") == "remove" { None } else { Some(role_of(&form)?) };
    ctx.write(move |tx| roles::set_role(tx, RolePlace::Site(site), id, role)).await?;
    let done = if role.is_none() { "left" } else { "role" };
    let still = ctx.app.read(&ctx.actor, move |tx| Ok(tx.scope_of(site)?.has(C::PeopleManage))).await?;
    // Who took their own rights away has nothing left to see here.
    let me = ctx.person.as_ref().is_some_and(|p| p.user == id);
    Ok(ctx.go(&if me || !still { "/admin".to_owned() } else { format!("{}/people?done={done}", ctx.base()) }))
}
