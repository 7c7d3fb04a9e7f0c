//! People of an account: who owns it, and who may do what beside (row H011).

use actix_web::HttpResponse;
use actix_web::web::Path;
use freehold_base::capability::Capabilities;
use freehold_base::{AccountId, Capability as C, Code, Error, Result, Role, UserId};
use freehold_platform::accounts::{Invitation, Invited, roles};
use freehold_platform::limits::{self, Resource};
use freehold_store::Tx;
use freehold_store::roles::{self as held, RolePlace};
use freehold_store::users::Person;
use serde::Serialize;

use super::list::HERE;
use crate::panel::auth::{FieldText, error_at, field_texts};
use crate::panel::build_frame::{crumb, hue, time_view};
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;
use crate::panel::frame::TimeView;
use crate::panel::inviting::Told;
use crate::panel::site_people::status_words;

/// The list with its forms; template `customers/team.html`.
#[derive(Serialize)]
pub struct TeamView {
    action: String,
    rows: Vec<Member>,
    roles: Vec<RoleView>,
    may: bool,
    room: String,
    mail: bool,
    email: String,
    role: String,
    open: bool,
    errors: Vec<FieldText>,
    error: String,
    email_error: String,
    role_error: String,
}

#[derive(Serialize)]
struct Member {
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
    may_change: bool,
}

#[derive(Serialize)]
struct RoleView {
    value: &'static str,
    label: &'static str,
    does: &'static str,
}

fn does(role: Role) -> &'static str {
    match role {
        Role::Owner => "everything: sites, files, people, plan",
        Role::Reader => "sees everything and changes nothing",
        Role::FilesOnly => "works on the files and nothing else",
        Role::DnsOnly => "works on DNS records and nothing else",
        _ => "sees the plan and what of it is used",
    }
}

/// What was typed and refused, if anything was.
#[derive(Default)]
pub struct Typed {
    /// The form.
    pub form: Form,
    /// Why it was refused.
    pub e: Option<Error>,
}

impl TeamView {
    /// Reads it; `action` is where its forms post.
    ///
    /// # Errors
    /// `NotFound("account")`.
    pub fn read(
        tx: &mut Tx<'_>,
        id: AccountId,
        action: String,
        people: &[(Person, Role)],
        mail: bool,
        typed: Typed,
    ) -> Result<Self> {
        let scope = tx.authorize_account(id, C::UsageRead)?;
        let reach = scope.capabilities();
        let (me, now) = (tx.actor().user(), tx.now());
        let most = limits::of(tx, scope)?.most(Resource::People);
        let used = held::team_of(tx, scope)?;
        let room = match most {
            None => String::new(),
            Some(most) if u64::try_from(used).unwrap_or(0) >= most => {
                format!("The plan has {most} people beside the owners, and they are all there.")
            }
            Some(most) => format!("{used} of {most} people beside the owners."),
        };
        let Typed { form, e } = typed;
        let is_field = |e: &&Error| matches!(e, Error::Invalid(_));
        Ok(Self {
            action,
            rows: people.iter().map(|(p, role)| member(p, *role, reach, me, now)).collect(),
            roles: grantable(reach),
            may: reach.has(C::AccountPeople),
            room,
            mail,
            email: form.get("email").to_owned(),
            role: if form.has("role") { form.get("role").to_owned() } else { "reader".into() },
            open: e.is_some(),
            errors: e.as_ref().filter(is_field).map(field_texts).unwrap_or_default(),
            error: e.as_ref().filter(|e| !is_field(e)).map(Error::sentence).unwrap_or_default(),
            email_error: error_at(e.as_ref(), "email"),
            role_error: error_at(e.as_ref(), "role"),
        })
    }
}

fn member(p: &Person, role: Role, reach: Capabilities, me: Option<UserId>, now: freehold_base::Timestamp) -> Member {
    let (status, tone) = status_words(&p.status);
    Member {
        id: p.id.get(),
        initials: freehold_base::text::initials(&p.name),
        hue: hue(p.id.get()),
        name: p.name.clone(),
        email: p.email.clone(),
        role: role.name(),
        role_label: role.label(),
        status,
        tone,
        signed_in: (p.signed_in_at.ms() > 0).then(|| time_view(p.signed_in_at, now)),
        me: Some(p.id) == me,
        may_change: reach.has(C::AccountPeople) && reach.contains(role.capabilities()),
    }
}

/// Roles that somebody with these rights may give (rule C3), strongest first.
fn grantable(reach: Capabilities) -> Vec<RoleView> {
    let able = Role::OF_ACCOUNTS.iter().rev().filter(|r| reach.contains(r.capabilities()));
    able.map(|r| RoleView { value: r.name(), label: r.label(), does: does(*r) }).collect()
}

fn role_of(form: &Form) -> Result<Role> {
    let known = Role::by_name(form.get("role")).filter(|r| Role::OF_ACCOUNTS.contains(r));
    known.ok_or_else(|| Error::invalid("role", Code::NotAllowed, "the roles of the list"))
}

/// What came of a form of the team.
pub enum Outcome {
    /// Go there.
    Done(&'static str),
    /// Show the invitation's link, with whom it is for.
    Link(String, String),
    /// Show why not.
    Refused(Error),
}

/// Invites, gives another role or takes it.
///
/// # Errors
/// What is no refusal of this form.
pub async fn act(ctx: &Ctx, id: AccountId, form: &Form) -> Result<Outcome> {
    let done = match form.get("do") {
        "invite" => match try_invite(ctx, id, form).await {
            Ok(invited) => {
                return Ok(match ctx.told(&invited) {
                    Told::Done(done) => Outcome::Done(done),
                    Told::Link(link, link_for) => Outcome::Link(link, link_for),
                });
            }
            Err(e) => Err(e),
        },
        "remove" => set(ctx, id, form, None).await.map(|()| "left-account"),
        _ => match role_of(form) {
            Ok(role) => set(ctx, id, form, Some(role)).await.map(|()| "role"),
            Err(e) => Err(e),
        },
    };
    match done {
        Ok(done) => Ok(Outcome::Done(done)),
        Err(e @ Error::Invalid(_)) => Ok(Outcome::Refused(e)),
        Err(e @ Error::Refused { code: Code::WrongState | Code::LastOwner | Code::LimitReached, .. }) => {
            Ok(Outcome::Refused(e))
        }
        Err(e) => Err(e),
    }
}

async fn try_invite(ctx: &Ctx, id: AccountId, form: &Form) -> Result<Invited> {
    let role = role_of(form)?;
    let (email, place) = (form.get("email").to_owned(), RolePlace::Account(id));
    ctx.invite(Invitation { email, name: String::new(), place, role }).await
}

async fn set(ctx: &Ctx, id: AccountId, form: &Form, role: Option<Role>) -> Result<()> {
    let user = UserId(form.number("person"));
    ctx.write(move |tx| roles::set_role(tx, RolePlace::Account(id), user, role)).await
}

/// Forms of the team on the account's page, for who sells it.
pub async fn of_customer(ctx: Ctx, id: Path<AccountId>, form: Form) -> Reply {
    let id = id.into_inner();
    match act(&ctx, id, &form).await? {
        Outcome::Done(done) => Ok(ctx.go(&format!("{HERE}/{id}?done={done}#people"))),
        Outcome::Link(link, link_for) => {
            let shown = super::account::Shown { link, link_for, ..Default::default() };
            Ok(super::account::page(&ctx, id, 200, shown).await?)
        }
        Outcome::Refused(e) => {
            let status = e.status();
            let shown = super::account::Shown { team: Typed { form, e: Some(e) }, ..Default::default() };
            Ok(super::account::page(&ctx, id, status, shown).await?)
        }
    }
}

#[derive(Serialize)]
struct PeopleView {
    title: String,
    usage_href: String,
    link: String,
    link_for: String,
    team: TeamView,
}

/// The owner's own page of the team.
pub async fn show(ctx: Ctx, id: Path<AccountId>) -> Reply {
    Ok(page(&ctx, id.into_inner(), 200, Typed::default(), ("", "")).await?)
}

async fn page(ctx: &Ctx, id: AccountId, status: u16, typed: Typed, link: (&str, &str)) -> Result<HttpResponse> {
    let mail = ctx.app.outbox.is_on();
    let (title, team) = ctx
        .read(move |tx| {
            let scope = tx.authorize_account(id, C::AccountPeople)?;
            let title = freehold_store::accounts::find(tx, scope)?.title;
            let people = held::people_of(tx, RolePlace::Account(id))?;
            let action = format!("/admin/account/{id}/people");
            Ok((title, TeamView::read(tx, id, action, &people, mail, typed)?))
        })
        .await?;
    let frame = ctx.frame("People of the account", vec![crumb(&title, None)]).await?;
    let usage_href = format!("/admin/account/{id}/usage");
    let view = PeopleView { title, usage_href, link: link.0.to_owned(), link_for: link.1.to_owned(), team };
    ctx.page(status, "customers/people.html", &frame, &view)
}

/// Forms of that page.
pub async fn change(ctx: Ctx, id: Path<AccountId>, form: Form) -> Reply {
    let id = id.into_inner();
    match act(&ctx, id, &form).await? {
        Outcome::Done(done) => {
            let still =
                ctx.app.read(&ctx.actor, move |tx| tx.authorize_account(id, C::AccountPeople).map(|_| ())).await;
            let me = ctx.actor.user().is_some_and(|user| user.get() == form.number("person"));
            // Who took their own rights away has nothing left to see here.
            let to = if still.is_err() || me {
                "/admin".to_owned()
            } else {
                format!("/admin/account/{id}/people?done={done}")
            };
            Ok(ctx.go(&to))
        }
        Outcome::Link(link, link_for) => Ok(page(&ctx, id, 200, Typed::default(), (&link, &link_for)).await?),
        Outcome::Refused(e) => {
            let status = e.status();
            Ok(page(&ctx, id, status, Typed { form, e: Some(e) }, ("", "")).await?)
        }
    }
}
